import { join } from "node:path";
import { SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { makeDirs } from "./directories.ts";

const MACHINE_CACHE_DIR = "/var/cache/slipway";

/**
 * The cache directories that are looked in, the one that is written to first: `SLIPWAY_CACHE_DIR`, then for root
 * /var/cache/slipway and the user's own, for others the other way round.
 */
export function selectCacheDirs(system: System): readonly string[] {
  const own = userCacheDir(system);
  const chosen = system.host.env["SLIPWAY_CACHE_DIR"];
  const usual = system.host.uid === 0 ? [MACHINE_CACHE_DIR, own] : [own, MACHINE_CACHE_DIR];
  return [...(isSet(chosen) ? [chosen] : []), ...usual];
}

/**
 * The cache directory that is written to; it is made when it is missing, with mode 0755.
 * Raises SLIPWAY_FILE_ACCESS also when it belongs to another user, who could put programs in it.
 */
export async function makeCacheDir(system: System): Promise<string> {
  const path = selectCacheDirs(system)[0] ?? MACHINE_CACHE_DIR;
  await makeDirs(system, { path, mode: 0o755 });
  const owner = (await system.fs.stat(path))?.uid;
  if (owner === system.host.uid || isSet(system.host.env["SLIPWAY_CACHE_DIR"])) return path;
  throw new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `the cache directory ${path} cannot be trusted`,
    why: `it belongs to user ${owner}, not to user ${system.host.uid} who runs this`,
    fix: `name another with SLIPWAY_CACHE_DIR, or run: chown ${system.host.uid} ${path}`,
  });
}

/** Below a cache directory: the binaries for this kind of machine, `linux-amd64`. */
export function platformDir(system: System, cacheDir: string): string {
  return join(cacheDir, `linux-${system.host.architecture}`);
}

/** Source: XDG Base Directory Specification: a relative XDG_CACHE_HOME is ignored. */
function userCacheDir(system: System): string {
  const xdg = system.host.env["XDG_CACHE_HOME"];
  if (isSet(xdg) && xdg.startsWith("/")) return join(xdg, "slipway");
  const home = system.host.env["HOME"];
  return isSet(home) ? join(home, ".cache/slipway") : `/var/tmp/slipway-${system.host.uid}`;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
