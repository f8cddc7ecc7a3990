import { dirname } from "node:path";
import { HOST_PATH_TYPES } from "../../core/constants.ts";
import type { Volume } from "../../pod/types.ts";
import { noteMadePath } from "../../runtime/made-paths.ts";
import type { FileKind } from "../../system/file-system.ts";
import type { System } from "../../system/system.ts";

type Files = Pick<System, "fs">;

type HostPathType = (typeof HOST_PATH_TYPES)[number];

/**
 * What each type wants to find, with the kubelet's word for it. Source: pkg/volume/hostpath/host_path.go
 * checkTypeInternal.
 */
const EXPECTED: Readonly<Record<HostPathType, { readonly kind: FileKind; readonly word: string }>> = {
  DirectoryOrCreate: { kind: "directory", word: "directory" },
  Directory: { kind: "directory", word: "directory" },
  FileOrCreate: { kind: "file", word: "file" },
  File: { kind: "file", word: "file" },
  Socket: { kind: "socket", word: "socket file" },
  CharDevice: { kind: "char-device", word: "character device" },
  BlockDevice: { kind: "block-device", word: "block device" },
};

const FOUND: Readonly<Record<FileKind, string>> = {
  directory: "Directory",
  file: "File",
  socket: "Socket",
  "char-device": "CharDevice",
  "block-device": "BlockDevice",
  symlink: "symbolic link",
  other: "special file",
};

/**
 * Checks a hostPath and makes what its type asks for; what is there stays as it is. What is made is noted before. A
 * path of no type that is missing becomes a directory, as container runtimes do. Gives what is wrong as a sentence.
 */
export async function prepareHostPath(
  system: Files,
  options: { readonly hostPath: NonNullable<Volume["hostPath"]>; readonly madePathsPath: string },
): Promise<string | undefined> {
  const { path } = options.hostPath;
  const type = HOST_PATH_TYPES.find((candidate) => candidate === options.hostPath.type);
  const seen = await system.fs.stat(path);
  if (seen === undefined && (type === undefined || type === "DirectoryOrCreate")) {
    await makeNotedDirs(system, { ...options, path });
    return undefined;
  }
  if (seen === undefined && type === "FileOrCreate") {
    await noteMadePath(system, { notesPath: options.madePathsPath, made: { kind: "file", path } });
    await system.fs.writeAtomic(path, { data: "", mode: 0o644 });
    return undefined;
  }
  if (type === undefined || seen?.kind === EXPECTED[type].kind) return undefined;
  const found = seen === undefined ? "it does not exist" : `it's a ${FOUND[seen.kind]}`;
  return `hostPath type check failed: ${path} is not a ${EXPECTED[type].word}, ${found}`;
}

async function makeNotedDirs(
  system: Files,
  options: { readonly path: string; readonly madePathsPath: string },
): Promise<void> {
  const { path, madePathsPath } = options;
  if ((await system.fs.stat(path)) !== undefined) return;
  await makeNotedDirs(system, { path: dirname(path), madePathsPath });
  await noteMadePath(system, { notesPath: madePathsPath, made: { kind: "dir", path } });
  await system.fs.makeDir(path, { mode: 0o755 });
}
