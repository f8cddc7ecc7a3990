import { constants } from "node:fs";
import { join } from "node:path";
import coerce from "semver/functions/coerce.js";
import { SlipwayError } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import { parseJson } from "../cache-record.ts";

/** A Go command that can be used, and the environment it is to be run in. */
export interface GoToolchain {
  readonly path: string;
  /** `1.26.8` */
  readonly version: string;
  readonly buildCacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where Go's own installer and Debian put it; sudo's PATH often lacks them. */
const USUAL_DIRS = ["/usr/local/go/bin", "/usr/lib/go/bin"];

/** `go env` answers in milliseconds; a busy machine may need longer. */
const ENV_TIMEOUT_MS = 15_000;

/** Finds Go on PATH or where it usually lies. Raises SLIPWAY_TOOLCHAIN_MISSING. */
export async function findGoToolchain(
  system: System,
  options: { readonly cacheDir: string },
): Promise<GoToolchain> {
  const path = await findGo(system);
  if (path === undefined) throw missing("there is no go command on PATH, nor in /usr/local/go/bin");
  const env = buildGoEnv(system.host.env, options.cacheDir);
  const args = ["env", "-json", "GOVERSION", "GOCACHE"];
  const result = await system.exec.run({ command: path, args, env, cwd: "/", timeoutMs: ENV_TIMEOUT_MS });
  const answer = parseJson(result.stdout);
  const version = isObject(answer) ? answer["GOVERSION"] : undefined;
  const buildCacheDir = isObject(answer) ? answer["GOCACHE"] : undefined;
  if (result.exitCode !== 0 || typeof version !== "string" || typeof buildCacheDir !== "string")
    throw missing(`${path} does not work: ${result.stderr.trim() || result.startError || "no answer"}`);
  return { path, version: version.replace(/^go/, ""), buildCacheDir, env };
}

/** Raises SLIPWAY_TOOLCHAIN_MISSING when the toolchain is older than the module needs. */
export function checkGoVersion(
  toolchain: GoToolchain,
  need: { readonly goLine: string; readonly module: string },
): void {
  const have = coerce(toolchain.version);
  const needed = coerce(need.goLine);
  if (have === null || needed === null || have.compare(needed) >= 0) return;
  throw missing(`${need.module} needs Go ${need.goLine}, and ${toolchain.path} is ${toolchain.version}`);
}

/**
 * The environment for Go: this process's, with settings that make the build the same everywhere. Without HOME Go
 * knows no place for its caches, so they go below our own.
 */
export function buildGoEnv(
  env: Readonly<Record<string, string | undefined>>,
  cacheDir: string,
): Readonly<Record<string, string | undefined>> {
  const homeless = (env["HOME"] ?? "") === "";
  const goDir = join(cacheDir, GO_DIR);
  const places = {
    GOPATH: goDir,
    GOCACHE: join(goDir, "build"),
    GOMODCACHE: join(goDir, "pkg/mod"),
    GOFLAGS: "-modcacherw",
  };
  return {
    ...(homeless ? places : {}),
    ...env,
    GO111MODULE: "on",
    GOWORK: "off",
    GOTOOLCHAIN: "local",
    GOOS: "linux",
    CGO_ENABLED: "0",
  };
}

/** Below a cache directory: Go's own caches where there is no HOME. */
export const GO_DIR = "go";

async function findGo(system: System): Promise<string | undefined> {
  const dirs = (system.host.env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
  for (const path of [...dirs, ...USUAL_DIRS].map((dir) => join(dir, "go"))) {
    const status = await system.fs.stat(path).catch(() => undefined);
    if (status?.kind === "file" && (await system.fs.access(path, constants.X_OK))) return path;
  }
  return undefined;
}

function missing(why: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_TOOLCHAIN_MISSING",
    what: "the components cannot be built here",
    why,
    fix: "install Go from https://go.dev/dl, or name another source: --components download or --component-dir DIR",
  });
}
