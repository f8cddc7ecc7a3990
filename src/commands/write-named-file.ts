import { constants } from "node:fs";
import type { System } from "../system/system.ts";

/**
 * Writes a file that the user has named for an answer: what is there already stays what it is, a device, a pipe, or a
 * file behind a link; one that was closed to others stays closed. Rejects with the system's error.
 */
export async function writeNamedFile(
  system: Pick<System, "fs">,
  file: { readonly path: string; readonly data: string | Uint8Array; readonly mode: number },
): Promise<void> {
  const { path, data, mode } = file;
  const there = await system.fs.stat(path);
  if (there?.kind === "file") {
    const { uid, gid } = there;
    const kept = { mode: mode & there.mode, owner: { uid, gid } };
    await system.fs.writeAtomic(await system.fs.realPath(path), { data, ...kept });
    return;
  }
  if (there === undefined && (await system.fs.lstat(path)) === undefined) {
    await system.fs.writeAtomic(path, { data, mode });
    return;
  }
  const flags = constants.O_WRONLY | constants.O_CREAT;
  const handle = await system.fs.open(path, { flags, mode });
  try {
    await handle.writeFile(data);
  } finally {
    await handle.close();
  }
}
