import { dirname, join, normalize } from "node:path";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import { selectFileResource } from "../../pod/resource-field.ts";
import { selectMetadataField } from "../../pod/select-field.ts";
import type { DownwardFiles, Pod, Volume } from "../../pod/types.ts";
import { makeDirs, removeTree } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

/** A file of a volume; its path is relative to the volume. */
interface ProjectedFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Source: k8s.io/api/core/v1 DownwardAPIVolumeSourceDefaultMode, ProjectedVolumeSourceDefaultMode. */
const DEFAULT_MODE = 0o644;

/**
 * Writes the files of a downwardAPI or projected volume: into a new directory that the link `..data` is then turned to,
 * while the visible names are links through it. So all change at once. Gives what is wrong as a sentence.
 * Source: pkg/volume/downwardapi/downwardapi.go, pkg/volume/projected/projected.go, pkg/volume/util/atomic_writer.go.
 */
export async function writeProjectedFiles(
  system: Pick<System, "fs" | "host" | "random">,
  options: {
    readonly dir: string;
    readonly pod: Pod;
    readonly volume: Volume;
    readonly allocatable: ResourceAmounts;
  },
): Promise<string | undefined> {
  const { dir, pod } = options;
  const files = collectFiles(options);
  if (typeof files === "string") return files;
  await makeDirs(system, { path: dirname(dir), mode: 0o750 });
  await system.fs.makeDir(dir, { mode: 0o755 });
  const data = join(dir, "..data");
  const fresh = `..${system.random.hex(8)}`;
  await system.fs.makeDir(join(dir, fresh), { mode: 0o755 });
  for (const file of files) await writeFile(system, { base: join(dir, fresh), file, pod });
  await system.fs.removeFile(join(dir, "..data_tmp"));
  await system.fs.makeLink(join(dir, "..data_tmp"), { target: fresh });
  await system.fs.rename(join(dir, "..data_tmp"), data);
  for (const name of new Set(files.map(({ path }) => path.split("/")[0] ?? path))) {
    const link = join(dir, name);
    if ((await system.fs.lstat(link)) === undefined)
      await system.fs.makeLink(link, { target: `..data/${name}` });
  }
  // Of the files before, and of a runner that was killed meanwhile.
  const old = (await system.fs.list(dir)).filter((name) => /^\.\.[0-9a-f]{16}$/.test(name) && name !== fresh);
  for (const name of old) await removeTree(system, join(dir, name));
  return undefined;
}

/** With an fsGroup the files are that group's to read. Source: pkg/volume/volume_linux.go changeFilePermission. */
async function writeFile(
  system: Pick<System, "fs" | "host">,
  options: { readonly base: string; readonly file: ProjectedFile; readonly pod: Pod },
): Promise<void> {
  const { base, file, pod } = options;
  const path = join(base, file.path);
  const group = pod.spec.securityContext?.fsGroup;
  await makeDirs(system, { path: dirname(path), mode: 0o755 });
  const mode = group === undefined ? file.mode : file.mode | 0o440;
  await system.fs.writeAtomic(path, { data: file.text, mode, durable: false });
  if (group !== undefined) await system.fs.chown(path, { uid: system.host.uid, gid: group });
}

/** Or the item that cannot be had. */
function collectFiles(options: {
  readonly pod: Pod;
  readonly volume: Volume;
  readonly allocatable: ResourceAmounts;
}): readonly ProjectedFile[] | string {
  const { downwardAPI, projected } = options.volume;
  const sources = downwardAPI === undefined ? (projected?.sources ?? []) : [{ downwardAPI }];
  const defaultMode = downwardAPI?.defaultMode ?? projected?.defaultMode ?? DEFAULT_MODE;
  const files: ProjectedFile[] = [];
  for (const item of sources.flatMap((source) => source.downwardAPI?.items ?? [])) {
    const text = selectItem(item, options);
    if (text === undefined) {
      const field = item.fieldRef?.fieldPath ?? item.resourceFieldRef?.resource ?? "missing";
      return `file ${item.path}: its field (${field}) is not supported`;
    }
    files.push({ path: normalize(item.path), text, mode: item.mode ?? defaultMode });
  }
  return files;
}

function selectItem(
  { fieldRef, resourceFieldRef }: NonNullable<DownwardFiles["items"]>[number],
  options: { readonly pod: Pod; readonly allocatable: ResourceAmounts },
): string | undefined {
  if (fieldRef !== undefined) return selectMetadataField(options.pod, fieldRef.fieldPath);
  if (resourceFieldRef === undefined) return undefined;
  return selectFileResource(resourceFieldRef, options);
}
