import { dirname } from "node:path";
import type { System } from "../system/system.ts";
import { DEFAULT_PATH } from "./shim.ts";

/** mount(2) itself is quick; a hung network file system is not ours. */
const MOUNT_TIMEOUT_MS = 10_000;

/** Whether another file system begins at a directory; false when nothing is there. */
export async function isMountPoint(system: Pick<System, "fs">, path: string): Promise<boolean> {
  const status = await system.fs.lstat(path);
  return status !== undefined && status.dev !== (await system.fs.lstat(dirname(path)))?.dev;
}

/** Runs mount(8). Rejects with a plain Error in its own words. */
export function runMount(system: Pick<System, "exec">, args: readonly string[]): Promise<void> {
  return runTool(system, { command: "mount", args });
}

/**
 * Unmounts what was mounted at a path, also when something still has it open; nothing is mounted there: nothing happens.
 * Rejects with a plain Error in umount's own words.
 */
export async function unmount(system: Pick<System, "exec" | "fs">, path: string): Promise<void> {
  if (!(await isMountPoint(system, path))) return;
  await runTool(system, { command: "umount", args: ["--lazy", path] });
}

async function runTool(
  system: Pick<System, "exec">,
  tool: { readonly command: string; readonly args: readonly string[] },
): Promise<void> {
  const env = { PATH: DEFAULT_PATH, LC_ALL: "C" };
  const result = await system.exec.run({ ...tool, env, timeoutMs: MOUNT_TIMEOUT_MS });
  if (result.exitCode === 0) return;
  const why = result.stderr.trim() || (result.startError ?? result.signal ?? `exit code ${result.exitCode}`);
  throw new Error(`${tool.command} failed: ${why}`);
}
