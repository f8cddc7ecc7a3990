import { describeFileError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";

/** A file's text. Raises SLIPWAY_FILE_ACCESS, which names the file, also where it is not there. */
export async function readThere(
  system: { readonly fs: Pick<FileSystem, "readText"> },
  path: string,
): Promise<string> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    throw describeFileError(error, { action: "read", path });
  }
}

/** A file's text, undefined when it is not there. Raises SLIPWAY_FILE_ACCESS, which names the file. */
export async function readIfThere(
  system: { readonly fs: Pick<FileSystem, "readTextIfExists"> },
  path: string,
): Promise<string | undefined> {
  try {
    return await system.fs.readTextIfExists(path);
  } catch (error) {
    throw describeFileError(error, { action: "read", path });
  }
}
