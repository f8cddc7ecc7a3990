import { constants } from "node:fs";
import type { System } from "../system/system.ts";

/** The command's own streams, which are links. */
const STREAM = /^\/(?:dev\/(?:stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/**
 * Writes a file that the user has named for an answer. A device or a pipe is written to; a file is replaced, and one that
 * was closed to others stays closed; so is a link, which somebody else may have put there. Rejects with the system's error.
 */
export async function writeNamedFile(
  system: Pick<System, "fs">,
  file: { readonly path: string; readonly data: string | Uint8Array; readonly mode: number },
): Promise<void> {
  const { path, data, mode } = file;
  const there = await system.fs.lstat(path);
  if (there === undefined || (there.kind === "symlink" && !STREAM.test(path)))
    return system.fs.writeAtomic(path, { data, mode });
  if (there.kind === "file") {
    const { uid, gid } = there;
    return system.fs.writeAtomic(path, { data, mode: mode & there.mode, owner: { uid, gid } });
  }
  const handle = await system.fs.open(path, { flags: constants.O_WRONLY });
  try {
    await handle.writeFile(data);
  } finally {
    await handle.close();
  }
}
