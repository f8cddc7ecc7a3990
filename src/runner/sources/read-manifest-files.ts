import { basename, join } from "node:path";
import { decodeText } from "../../core/decode-text.ts";
import { describeFileError, messageOf, systemErrorCode } from "../../core/errors.ts";
import type { FileStatus } from "../../system/file-system.ts";
import type { System } from "../../system/system.ts";
import { isManifestName } from "./is-manifest-name.ts";

/** One file of the source: its text, or why it cannot be read. */
export interface ManifestFile {
  readonly path: string;
  readonly content:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "problem"; readonly message: string }
    /** A link to nothing; the kubelet says so in its log only. */
    | { readonly kind: "dangling"; readonly message: string };
}

/** What a look at the source's path gave. `failed`: it cannot be told what should run. */
export type Listing =
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "files"; readonly files: readonly ManifestFile[] };

/** Source: kubelet config/common.go maxConfigLength. */
const MAX_FILE_BYTES = 10 * 1024 * 1024;

/**
 * The manifests at a path: of a directory its entries in bytewise order, not below; else the one file. Links are
 * followed. Source: kubelet config/file.go listConfig, extractFromDir.
 */
export async function readManifestFiles(system: Pick<System, "fs">, path: string): Promise<Listing> {
  try {
    const status = await system.fs.stat(path);
    if (status === undefined) return { kind: "missing" };
    if (status.kind === "file")
      return { kind: "files", files: [await readManifest(system, { path, status })] };
    if (status.kind !== "directory")
      return { kind: "failed", message: `${path} is neither a directory nor a file` };
    return { kind: "files", files: await readEntries(system, path) };
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return { kind: "missing" };
    return { kind: "failed", message: messageOf(describeFileError(error, { action: "read", path })) };
  }
}

/**
 * Gives a text that changes whenever a list might give something else: which thing the path is, when its entries last
 * changed, and what is behind entries that are links. An edit in place of a plain file is not seen. Which entries are
 * links is looked up only when the directory has changed.
 */
export function createFingerprint(system: Pick<System, "fs">, path: string): () => Promise<string> {
  let known = { directory: "", links: [] as readonly string[] };
  return async () => {
    try {
      const status = await system.fs.stat(path);
      const directory = describeStatus(status);
      if (status?.kind !== "directory") return directory;
      if (directory !== known.directory) known = { directory, links: await findLinks(system, path) };
      const parts = [directory];
      for (const link of known.links) parts.push(describeStatus(await system.fs.stat(link)));
      return parts.join(" ");
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      return code;
    }
  };
}

async function findLinks(system: Pick<System, "fs">, dir: string): Promise<readonly string[]> {
  const paths = (await system.fs.list(dir)).filter(isManifestName).map((name) => join(dir, name));
  const statuses = await Promise.all(paths.map((path) => system.fs.lstat(path)));
  return paths.filter((_path, index) => statuses[index]?.kind === "symlink");
}

async function readEntries(system: Pick<System, "fs">, dir: string): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const name of (await system.fs.list(dir)).filter(isManifestName)) {
    const path = join(dir, name);
    try {
      const status = await system.fs.stat(path);
      if (status?.kind === "file") files.push(await readManifest(system, { path, status }));
      if (status === undefined) files.push(...(await describeMissing(system, path)));
    } catch (error) {
      files.push(describeUnreadable(path, error));
    }
  }
  return files;
}

/** None when the entry is gone by now. Of a name that is not UTF-8 Node gives another one, which is not there. */
async function describeMissing(system: Pick<System, "fs">, path: string): Promise<readonly ManifestFile[]> {
  const target = await system.fs.readLink(path).catch(() => undefined);
  if (target === undefined) {
    const message = `${path}: its name is not UTF-8, so it cannot be read: rename it`;
    return basename(path).includes("\uFFFD") ? [{ path, content: { kind: "problem", message } }] : [];
  }
  return [
    {
      path,
      content: { kind: "dangling", message: `${path}: it is a link to ${target}, which is not there` },
    },
  ];
}

async function readManifest(
  system: Pick<System, "fs">,
  file: { readonly path: string; readonly status: FileStatus },
): Promise<ManifestFile> {
  const { path, status } = file;
  if (status.sizeBytes > MAX_FILE_BYTES) {
    return { path, content: { kind: "problem", message: `${path}: the file is longer than 10 MiB` } };
  }
  try {
    return { path, content: { kind: "text", text: decodeText(await system.fs.readBytes(path)) } };
  } catch (error) {
    return describeUnreadable(path, error);
  }
}

function describeUnreadable(path: string, error: unknown): ManifestFile {
  const message = messageOf(describeFileError(error, { action: "read", path }));
  return { path, content: { kind: "problem", message } };
}

function describeStatus(status: FileStatus | undefined): string {
  if (status === undefined) return "missing";
  const { dev, ino, sizeBytes, modifiedMs } = status;
  return [dev, ino, sizeBytes, modifiedMs].join(":");
}
