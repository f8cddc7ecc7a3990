import { join } from "node:path";
import type { System } from "../../system/system.ts";
import { type Processes, parseIdentity } from "../processes.ts";
import { DEFAULT_PATH } from "../shim.ts";
import type { LogLimits } from "./plan-rotation.ts";
import { keptBytesOf, SPOOL_CAP_BYTES, SPOOL_LEFT_BYTES } from "./plan-skip.ts";

/**
 * Watches the spools of a runner that has gone ($1 its pid, $2 its start ticks), every $6 seconds: of one that takes more
 * than $4 KiB on disk all but the last $5 bytes are given back to the file system. The size of a file says nothing, for
 * the part that was moved is a hole. What is given back is more than the cap behind what was moved, so the next runner
 * jumps over it anyway. Ends when no container is left in $3; the next runner ends it before it begins: first of all it
 * writes down in $7 who it is, for its runner may be killed before it could.
 */
const KEEPER_SCRIPT = `
ticks() { read -r stat <"/proc/$1/stat" || return; set -- \${stat##*) }; [ "$1" = Z ] || echo "\${20}"; }
lives() { [ "$(ticks "$1")" = "$2" ]; }
read -r boot </proc/sys/kernel/random/boot_id
(umask 077 && echo "$$ $(ticks $$) $boot" >"$7.new") && mv "$7.new" "$7" || { rm -f "$7.new"; exit 1; }
while sleep "$6"; do
  lives "$1" "$2" && continue
  for spool in "$3"/*/spool; do [ -d "$spool" ] && break; done
  [ -d "$spool" ] || exit
  find "$3" -path "*/spool/std*" -type f -size +"$4"k -exec sh -c '
    cap=$1 left=$2
    shift 2
    for file; do
      size=$(stat -c %s "$file")
      [ $(($(stat -c %b "$file") / 2)) -le "$cap" ] ||
        fallocate --punch-hole --offset 0 --length $((size - left)) "$file"
    done' sh "$4" "$5" {} +
done`;

/** Where it stands who the keeper of a directory of containers is. */
function identityPathOf(containersDir: string): string {
  return join(containersDir, ".spool-keeper");
}

/**
 * Starts the one process that bounds the spools of all containers when this runner has gone, however it went; it takes
 * the place of that of an earlier runner. Logs without bounds have none. Resolves when it has said who it is; rejects when it
 * cannot, and with the system's error.
 */
export async function startSpoolKeeper(
  system: System,
  options: {
    readonly containersDir: string;
    readonly processes: Processes;
    readonly limits: LogLimits;
    readonly everySeconds?: number;
  },
): Promise<void> {
  const { containersDir, processes, limits, everySeconds = 10 } = options;
  await endSpoolKeeper(system, options);
  const own = await processes.identify(system.host.pid);
  if (limits.maxSizeBytes <= 0 || own === undefined) return;
  const capKib = Math.ceil(Math.max(SPOOL_CAP_BYTES, keptBytesOf(limits)) / 1024);
  const leftBytes = Math.max(SPOOL_LEFT_BYTES, keptBytesOf(limits));
  const path = identityPathOf(containersDir);
  const words = [own.pid, own.startTicks, containersDir, capKib, leftBytes, everySeconds, path].map(String);
  const child = await system.exec.spawnDetached({
    command: "/bin/sh",
    args: ["-c", KEEPER_SCRIPT, "slipway-spool-keeper", ...words],
    env: { PATH: DEFAULT_PATH, LC_ALL: "C" },
    cwd: "/",
    stdoutFd: "ignore",
    stderrFd: "ignore",
  });
  let hasEnded = false;
  child.once("exit", () => {
    hasEnded = true;
  });
  while (!hasEnded) {
    if (parseIdentity((await system.fs.readTextIfExists(path)) ?? "")?.pid === child.pid) return;
    await system.clock.sleep(5);
  }
  throw new Error(`it could not write down who it is in ${path}`);
}

/** A killed shell is gone within milliseconds; nothing depends on it. */
const LOOKS = 100;

/** Ends the keeper of a directory of containers; there is none: nothing happens. */
export async function endSpoolKeeper(
  system: System,
  options: { readonly containersDir: string; readonly processes: Processes },
): Promise<void> {
  const { containersDir, processes } = options;
  const path = identityPathOf(containersDir);
  const keeper = parseIdentity((await system.fs.readTextIfExists(path)) ?? "");
  if (keeper !== undefined && (await processes.signal(keeper, { signal: "SIGKILL", group: true }))) {
    for (let look = 0; look < LOOKS && (await processes.isAlive(keeper)); look += 1)
      await system.clock.sleep(5);
  }
  await system.fs.removeFile(path);
}
