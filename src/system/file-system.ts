import { randomBytes } from "node:crypto";
import { constants, type FSWatcher, open, watch } from "node:fs";
import * as fs from "node:fs/promises";
import { Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { systemErrorCode } from "../core/errors.ts";

export type FileKind = "file" | "directory" | "symlink" | "socket" | "char-device" | "block-device" | "other";

/** What a path is. `mode` holds the permission bits only. */
export interface FileStatus {
  readonly kind: FileKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly dev: number;
  readonly ino: number;
  readonly linkCount: number;
}

/** What a file is to hold and be when it has its name. */
export interface AtomicFile {
  readonly data: string | Uint8Array;
  readonly mode: number;
  /** Absent: this user's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** False: it need not outlive a power cut. */
  readonly durable?: boolean;
}

/** Files. Every method rejects with Node's own system error unless it says otherwise. */
export interface FileSystem {
  readText(path: string): Promise<string>;
  readBytes(path: string): Promise<Buffer>;
  /** Undefined when the path does not exist. */
  readTextIfExists(path: string): Promise<string | undefined>;
  /**
   * Replaces a file: a dot-named temp file in the same directory, fsync, chmod to exactly `mode`, rename, fsync of the
   * directory. Never follows a symlink at `path`. Nothing is left behind when it fails.
   */
  writeAtomic(path: string, file: AtomicFile): Promise<void>;
  appendText(path: string, file: { readonly text: string; readonly mode: number }): Promise<void>;
  /** Makes one directory with exactly this mode; false when something is there already. The parent must exist. */
  makeDir(path: string, options: { readonly mode: number }): Promise<boolean>;
  /** Names in a directory, bytewise sorted. */
  list(path: string): Promise<readonly string[]>;
  /** Follows symlinks; undefined when nothing is there. */
  stat(path: string): Promise<FileStatus | undefined>;
  /** Does not follow symlinks; undefined when nothing is there. */
  lstat(path: string): Promise<FileStatus | undefined>;
  realPath(path: string): Promise<string>;
  readLink(path: string): Promise<string>;
  makeLink(path: string, options: { readonly target: string }): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  truncate(path: string, sizeBytes: number): Promise<void>;
  /** Removes a file or a symlink; false when nothing is there. */
  removeFile(path: string): Promise<boolean>;
  /** Removes an empty directory; false when it is not there or not empty. */
  removeEmptyDir(path: string): Promise<boolean>;
  open(
    path: string,
    options: { readonly flags: string | number; readonly mode?: number },
  ): Promise<fs.FileHandle>;
  /** Opens a named pipe to write to; ENXIO when nobody reads it. */
  openPipe(path: string): Promise<Writable>;
  /** Free bytes for this user on the file system that holds the path. */
  freeBytes(path: string): Promise<number>;
  /** How many more files it has room for; `Infinity` where it sets no limit, as btrfs. */
  freeFiles(path: string): Promise<number>;
  /** The size in bytes of the file system that holds the path. */
  totalBytes(path: string): Promise<number>;
  access(path: string, mode: number): Promise<boolean>;
  /** inotify as a hint: calls back with the entry's name (undefined when unknown). Errors go to `onError`, once. */
  watch(
    path: string,
    handlers: {
      readonly onChange: (name: string | undefined) => void;
      readonly onError: (error: unknown) => void;
    },
  ): Watch;
}

/** A watch that has to be closed. */
export interface Watch {
  close(): void;
}

const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

/**
 * What is written in place is the file of that name, never one that a link leads to; a pipe in the place of what is to be
 * read is not waited for, which would hold a thread of Node's for ever. Source: open(2) O_NOFOLLOW, O_NONBLOCK.
 */
const FLAGS: Readonly<Record<string | number, number>> = {
  r: constants.O_RDONLY | constants.O_NONBLOCK,
  a: APPEND,
  w: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
};

/** The machine's files. */
export function createFileSystem(): FileSystem {
  return {
    readText,
    readBytes: (path) => fs.readFile(path),
    readTextIfExists: (path) => whenThere(readText(path)),
    writeAtomic,
    appendText: (path, { text, mode }) => fs.appendFile(path, text, { mode, flag: APPEND }),
    makeDir,
    list: async (path) =>
      (await fs.readdir(path)).sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
    stat: async (path) => toStatus(await whenThere(fs.stat(path))),
    lstat: async (path) => toStatus(await whenThere(fs.lstat(path))),
    realPath: (path) => fs.realpath(path),
    readLink: (path) => fs.readlink(path),
    makeLink: (path, { target }) => fs.symlink(target, path),
    chmod: (path, mode) => fs.chmod(path, mode),
    chown: (path, { uid, gid }) => fs.lchown(path, uid, gid),
    rename: (from, to) => fs.rename(from, to),
    truncate: (path, sizeBytes) => fs.truncate(path, sizeBytes),
    removeFile: async (path) => (await whenThere(fs.unlink(path).then(() => true))) ?? false,
    removeEmptyDir,
    open: (path, { flags, mode }) => fs.open(path, FLAGS[flags] ?? flags, mode),
    openPipe,
    freeBytes: async (path) => {
      const status = await fs.statfs(path);
      return status.bavail * status.bsize;
    },
    freeFiles: async (path) => {
      const status = await fs.statfs(path);
      return status.files === 0 ? Number.POSITIVE_INFINITY : status.ffree;
    },
    totalBytes: async (path) => {
      const status = await fs.statfs(path);
      return status.blocks * status.bsize;
    },
    access: (path, mode) =>
      fs.access(path, mode).then(
        () => true,
        () => false,
      ),
    watch: watchPath,
  };
}

/** Most of what the kernel tells is shorter, and a longer text takes as many pieces as it needs. */
const KERNEL_CHUNK_BYTES = 2048;

/** Node takes 128 KiB of memory for each file that does not say how long it is, as those of the kernel. */
async function readText(path: string): Promise<string> {
  if (!/^\/(?:proc|sys)\//.test(path)) return fs.readFile(path, "utf8");
  const file = await fs.open(path, "r");
  try {
    const chunks: Buffer[] = [];
    while (true) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(KERNEL_CHUNK_BYTES));
      if (bytesRead === 0) return Buffer.concat(chunks).toString("utf8");
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** A stream that waits while the pipe is full, and that a reader's end does not bring down. Source: fifo(7). */
function openPipe(path: string): Promise<Writable> {
  return new Promise((resolve, reject) => {
    open(path, constants.O_WRONLY | constants.O_NONBLOCK, (error, fd) => {
      if (error !== null) return reject(error);
      const pipe = new Socket({ fd, readable: false, writable: true });
      pipe.on("error", () => pipe.destroy());
      resolve(pipe);
    });
  });
}

/** Where a file is written before it gets its name. */
export function halfWrittenPath(path: string, hex: string): string {
  return join(dirname(path), `.${basename(path)}.${hex}.tmp`);
}

/** The name of the file that this one was to become, when a write that was killed has left it. */
export function namedHalfWritten(name: string): string | undefined {
  return /^\.(.+)\.[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
}

async function writeAtomic(path: string, file: AtomicFile): Promise<void> {
  const temporary = halfWrittenPath(path, randomBytes(6).toString("hex"));
  const handle = await fs.open(temporary, "wx", file.mode);
  try {
    await handle.writeFile(file.data);
    await handle.chmod(file.mode);
    if (file.owner !== undefined) await handle.chown(file.owner.uid, file.owner.gid);
    if (file.durable !== false) await handle.sync();
    await handle.close();
    await fs.rename(temporary, path);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await fs.rm(temporary, { force: true });
    throw error;
  }
  if (file.durable !== false) await syncDir(dirname(path));
}

async function syncDir(path: string): Promise<void> {
  const handle = await fs.open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeDir(path: string, options: { readonly mode: number }): Promise<boolean> {
  try {
    await fs.mkdir(path, { mode: options.mode });
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw error;
  }
  await fs.chmod(path, options.mode);
  return true;
}

async function removeEmptyDir(path: string): Promise<boolean> {
  try {
    await fs.rmdir(path);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

async function whenThere<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function toStatus(stats: Awaited<ReturnType<typeof fs.lstat>> | undefined): FileStatus | undefined {
  if (stats === undefined) return undefined;
  return {
    kind: kindOf(stats),
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeMs),
    dev: Number(stats.dev),
    ino: Number(stats.ino),
    linkCount: Number(stats.nlink),
  };
}

function kindOf(stats: Awaited<ReturnType<typeof fs.lstat>>): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isSocket()) return "socket";
  if (stats.isCharacterDevice()) return "char-device";
  return stats.isBlockDevice() ? "block-device" : "other";
}

function watchPath(
  path: string,
  handlers: {
    readonly onChange: (name: string | undefined) => void;
    readonly onError: (error: unknown) => void;
  },
): Watch {
  let watcher: FSWatcher | undefined;
  const fail = (error: unknown): void => {
    watcher?.close();
    watcher = undefined;
    handlers.onError(error);
  };
  try {
    watcher = watch(path, { persistent: false }, (_event, name) => handlers.onChange(name ?? undefined));
    watcher.on("error", fail);
  } catch (error) {
    queueMicrotask(() => fail(error));
  }
  return { close: () => watcher?.close() };
}
