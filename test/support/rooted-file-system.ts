import { join } from "node:path";
import { createFileSystem, type FileStatus, type FileSystem } from "../../src/system/file-system.ts";

/**
 * Real files under `dir` that code sees as if `dir` were `/`: `/proc/1/stat` is `<dir>/proc/1/stat`. Symbolic links
 * are followed by the kernel, so an absolute target leaves `dir`. What this user owns is root's there.
 */
export function createRootedFileSystem(dir: string): FileSystem {
  const real = createFileSystem();
  const at = (path: string): string => join(dir, path);
  return {
    readText: (path) => real.readText(at(path)),
    readBytes: (path) => real.readBytes(at(path)),
    readTextIfExists: (path) => real.readTextIfExists(at(path)),
    writeAtomic: (path, file) => real.writeAtomic(at(path), file),
    appendText: (path, file) => real.appendText(at(path), file),
    makeDir: (path, options) => real.makeDir(at(path), options),
    list: (path) => real.list(at(path)),
    stat: async (path) => asRoots(await real.stat(at(path))),
    lstat: async (path) => asRoots(await real.lstat(at(path))),
    realPath: async (path) =>
      `/${(await real.realPath(at(path))).slice((await real.realPath(dir)).length + 1)}`,
    readLink: (path) => real.readLink(at(path)),
    makeLink: (path, options) => real.makeLink(at(path), options),
    chmod: (path, mode) => real.chmod(at(path), mode),
    chown: (path, owner) => real.chown(at(path), owner),
    rename: (from, to) => real.rename(at(from), at(to)),
    truncate: (path, sizeBytes) => real.truncate(at(path), sizeBytes),
    removeFile: (path) => real.removeFile(at(path)),
    removeEmptyDir: (path) => real.removeEmptyDir(at(path)),
    open: (path, options) => real.open(at(path), options),
    openPipe: (path) => real.openPipe(at(path)),
    freeBytes: (path) => real.freeBytes(at(path)),
    freeFiles: (path) => real.freeFiles(at(path)),
    totalBytes: (path) => real.totalBytes(at(path)),
    access: (path, mode) => real.access(at(path), mode),
    watch: (path, handlers) => real.watch(at(path), handlers),
  };
}

function asRoots(status: FileStatus | undefined): FileStatus | undefined {
  return status !== undefined && status.uid === process.getuid?.() ? { ...status, uid: 0 } : status;
}
