import { SlipwayError } from "../../core/errors.ts";
import type { RunResult } from "../../system/exec.ts";

/** How many of Go's last lines are shown: enough for the first compiler error and where it is. */
const SHOWN_LINES = 8;

/**
 * Why a go command failed, from what it printed: SLIPWAY_NO_SPACE, SLIPWAY_COMPONENT_CORRUPT (the sum database
 * disagrees), SLIPWAY_DOWNLOAD_FAILED (a module could not be had), SLIPWAY_TOOLCHAIN_MISSING (too old),
 * else SLIPWAY_BUILD_FAILED.
 */
export function describeGoFailure(options: {
  readonly module: string;
  readonly result: RunResult;
}): SlipwayError {
  const { module, result } = options;
  const lines = result.stderr
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("go: downloading "));
  const cause = CAUSES.find(({ pattern }) => pattern.test(result.stderr));
  const matching = lines.find((line) => cause?.pattern.test(line));
  const ended = result.signal === undefined ? `exit code ${result.exitCode}` : result.signal;
  return new SlipwayError({
    code: cause?.code ?? "SLIPWAY_BUILD_FAILED",
    what: `${module} cannot be built with Go`,
    why: matching ?? lines.at(-1) ?? `go ended with ${result.startError ?? ended} and said nothing`,
    fix:
      cause?.fix ??
      "see the lines above, or name another source: --components download or --component-dir DIR",
    details: lines.slice(-SHOWN_LINES),
  });
}

const CAUSES = [
  {
    pattern: /no space left on device|disk quota exceeded/,
    code: "SLIPWAY_NO_SPACE",
    fix: "free some space (df -h), or move Go's caches with GOCACHE and GOMODCACHE, or use --component-dir DIR",
  },
  {
    pattern: /SECURITY ERROR|checksum mismatch/,
    code: "SLIPWAY_COMPONENT_CORRUPT",
    fix: "do not use this module proxy; check GOPROXY, run: go clean -modcache, then try again",
  },
  {
    pattern: /requires go >= ?\S+|note: module requires Go/,
    code: "SLIPWAY_TOOLCHAIN_MISSING",
    fix: "install a newer Go from https://go.dev/dl, or name another source: --components download or --component-dir DIR",
  },
  {
    pattern:
      /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|unknown revision|404 Not Found|lookup disabled|unexpected EOF/,
    code: "SLIPWAY_DOWNLOAD_FAILED",
    fix: "check the network and GOPROXY, or bring the programs along: --component-dir DIR",
  },
  {
    pattern: /signal: killed|cannot allocate memory|out of memory/,
    code: "SLIPWAY_BUILD_FAILED",
    fix: "the machine has too little memory to build (3 GiB are enough): use --components download or --component-dir DIR",
  },
] as const;
