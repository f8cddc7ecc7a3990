import { dirname } from "node:path";
import { describeFileError } from "../core/errors.ts";
import type { KeyPair } from "../pki/types.ts";
import { type AtomicFile, halfWrittenPath } from "../system/file-system.ts";
import type { System } from "../system/system.ts";

type Files = Pick<System, "fs" | "random">;

/**
 * Replaces a key and its certificate, or neither of them: all is written beside them before the first one gets its name,
 * and the old key comes back when the certificate cannot be replaced, as one that is mounted or immutable.
 * Raises SLIPWAY_FILE_ACCESS and SLIPWAY_NO_SPACE, which name the file that could not be written.
 */
export async function writePair(
  system: Files,
  files: { readonly keyPath: string; readonly certPath: string; readonly pair: KeyPair },
): Promise<void> {
  const { keyPath, certPath, pair } = files;
  const beside = (path: string): string => halfWrittenPath(path, system.random.hex(6));
  const [newKey, newCert, oldKey] = [beside(keyPath), beside(certPath), beside(keyPath)] as const;
  try {
    await told(keyPath, writeNew(system, { path: newKey, data: pair.keyPem, mode: 0o600 }));
    await told(certPath, writeNew(system, { path: newCert, data: pair.certPem, mode: 0o644 }));
    const hasOld = await told(keyPath, keepOld(system, { path: keyPath, copyPath: oldKey }));
    await told(keyPath, system.fs.rename(newKey, keyPath));
    try {
      await told(certPath, system.fs.rename(newCert, certPath));
    } catch (error) {
      if (hasOld) await told(keyPath, system.fs.rename(oldKey, keyPath));
      else await told(keyPath, system.fs.removeFile(keyPath));
      throw error;
    }
  } finally {
    // What went wrong before tells more than what keeps a leftover from being removed.
    for (const path of [newKey, newCert, oldKey]) await system.fs.removeFile(path).catch(() => false);
  }
  for (const path of new Set([keyPath, certPath])) await told(path, syncDir(system, dirname(path)));
}

/** A copy of a file or a link that can take its name again; false where nothing is there. */
async function keepOld(
  { fs }: Files,
  { path, copyPath }: { readonly path: string; readonly copyPath: string },
): Promise<boolean> {
  const status = await fs.lstat(path);
  if (status === undefined) return false;
  if (status.kind === "symlink") await fs.makeLink(copyPath, { target: await fs.readLink(path) });
  else
    await writeNew(
      { fs },
      { path: copyPath, data: await fs.readBytes(path), mode: status.mode, owner: status },
    );
  return true;
}

/** Under the name of a file that is half written, so that reset knows it again after a kill. */
async function writeNew(
  { fs }: Pick<Files, "fs">,
  { path, data, mode, owner }: AtomicFile & { readonly path: string },
): Promise<void> {
  const handle = await fs.open(path, { flags: "wx", mode });
  try {
    await handle.writeFile(data);
    await handle.chmod(mode);
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The new names outlive a power cut. */
async function syncDir({ fs }: Files, path: string): Promise<void> {
  const handle = await fs.open(path, { flags: "r" });
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function told<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw describeFileError(error, { action: "write", path });
  }
}
