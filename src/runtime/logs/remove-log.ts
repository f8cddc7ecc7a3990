import { basename, dirname, join } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";

/** Removes a container's log with its rotated files. Source: kubelet logs/container_log_manager.go Clean (`<log>*`). */
export async function removeLog(system: Pick<System, "fs">, logPath: string): Promise<void> {
  try {
    for (const name of await system.fs.list(dirname(logPath))) {
      if (name.startsWith(basename(logPath))) await system.fs.removeFile(join(dirname(logPath), name));
    }
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}
