import { basename, dirname } from "node:path";
import { locateComponentForImage } from "../../components/locate-component.ts";
import { describeFileError, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { findStaticPodPath, type StaticPodSource } from "../../facts/find-static-pod-path.ts";
import type { Finding } from "../../pod/decode-manifest.ts";
import { parseManifest } from "../../pod/parse-static-pod.ts";
import { parseRunnerConfig } from "../../runner/settings/parse-runner-config.ts";
import { isManifestName } from "../../runner/sources/is-manifest-name.ts";
import { type ManifestFile, readManifestFiles } from "../../runner/sources/read-manifest-files.ts";
import type { LocateImage } from "../../runtime/resolve-command.ts";
import type { System } from "../../system/system.ts";
import { findMissingPrograms } from "./find-missing-programs.ts";

/** What `slipway manifests path` prints: the surest place first. */
export interface PathsAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "StaticPodSourceList";
  readonly items: readonly StaticPodSource[];
}

/** One file, as a runner would judge it. */
export interface JudgedManifest {
  readonly path: string;
  /** `namespace/name`, without the node's name; undefined when the file is not run. */
  readonly pod: string | undefined;
  /** Why it is not run. */
  readonly problems: readonly PlacedText[];
  readonly warnings: readonly PlacedText[];
}

/** Something about a file. Lines and columns count from 1. */
export interface PlacedText {
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly text: string;
}

/** What `slipway manifests validate` and `list` print. */
export interface JudgedAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "ManifestList";
  readonly items: readonly JudgedManifest[];
}

/** Where static pods are read on this machine. Raises SLIPWAY_FILE_ACCESS for a configuration that may not be read. */
export async function runManifestsPath(
  system: System,
  options: { readonly root: string },
): Promise<PathsAnswer> {
  const items = await findStaticPodPath(system, options);
  return { apiVersion: "slipway.dev/v1", kind: "StaticPodSourceList", items };
}

/**
 * Judges files, those of directories and, for `-`, standard input as a runner of this root would, a pod that two of
 * them name included; a warning tells of a container whose program is not here. Raises SLIPWAY_FILE_ACCESS for a file
 * that cannot be read.
 */
export async function runManifestsValidate(
  system: System,
  options: {
    readonly root: string;
    readonly paths: readonly string[];
    readonly readInput: () => Promise<string>;
  },
): Promise<JudgedAnswer> {
  const { root, paths, readInput } = options;
  const files = await Promise.all(
    paths.map(async (path) => {
      if (path !== STDIN) return readFiles(system, path);
      return [{ path, content: { kind: "text" as const, text: await readInput() } }];
    }),
  );
  const componentDir = await readComponentDir(system, root);
  return judgeAll(system, {
    files: files.flat(),
    locateImage: (image) => locateComponentForImage(system, { image, componentDir }),
  });
}

/** Where the runner of a root has its own component binaries; undefined also where this user may not know. */
async function readComponentDir(system: System, root: string): Promise<string | undefined> {
  const { runnerConfigPath: path } = buildPaths({ root, uid: system.host.uid });
  try {
    const text = await system.fs.readTextIfExists(path);
    return text === undefined ? undefined : parseRunnerConfig({ text, path }).runner.componentDir;
  } catch (error) {
    if (error instanceof SlipwayError || systemErrorCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** As kubectl has it. */
const STDIN = "-";

async function judgeAll(
  system: System,
  { files, locateImage }: { readonly files: readonly ManifestFile[]; readonly locateImage?: LocateImage },
): Promise<JudgedAnswer> {
  const nodeName = system.host.hostName().trim().toLowerCase();
  const judged = await Promise.all(files.map((file) => judge(system, { file, nodeName, locateImage })));
  const items = judged.map((manifest, index) => {
    const before = judged.slice(0, index).find((other) => clash(other, manifest));
    if (before === undefined) return manifest;
    const text = `the pod ${before.pod} is already run from ${before.path}; rename one or remove one`;
    return { ...manifest, pod: undefined, problems: [{ line: undefined, column: undefined, text }] };
  });
  return { apiVersion: "slipway.dev/v1", kind: "ManifestList", items };
}

/** Whether two files of one directory name one pod. */
function clash(left: JudgedManifest, right: JudgedManifest): boolean {
  if (left.pod === undefined || left.pod !== right.pod || dirname(left.path) !== dirname(right.path))
    return false;
  return [left, right].every(({ path }) => isManifestName(basename(path)));
}

/** The manifests of every place on this machine where static pods are read. Raises SLIPWAY_FILE_ACCESS. */
export async function runManifestsList(
  system: System,
  options: { readonly root: string },
): Promise<JudgedAnswer> {
  const { items } = await runManifestsPath(system, options);
  const places = items.flatMap((item) => (item.kind === "path" ? [item.path] : []));
  const known = await Promise.all(places.map((path) => system.fs.stat(path)));
  const files = places
    .filter((_path, index) => known[index] !== undefined)
    .map((path) => readFiles(system, path));
  return judgeAll(system, { files: (await Promise.all(files)).flat() });
}

async function readFiles(system: System, path: string): Promise<readonly ManifestFile[]> {
  const listing = await readManifestFiles(system, path);
  if (listing.kind === "files") return listing.files;
  if (listing.kind === "missing") {
    throw describeFileError(Object.assign(new Error("missing"), { code: "ENOENT" }), {
      action: "read",
      path,
    });
  }
  throw new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `the manifests in ${path} cannot be read`,
    why: listing.message,
    fix: "name a file or a directory that this user may read",
  });
}

async function judge(
  system: System,
  options: {
    readonly file: ManifestFile;
    readonly nodeName: string;
    readonly locateImage: LocateImage | undefined;
  },
): Promise<JudgedManifest> {
  const { file, nodeName, locateImage } = options;
  const { path, content } = file;
  const nothing = { path, pod: undefined, problems: [], warnings: nameWarnings(path) };
  if (content.kind !== "text")
    return { ...nothing, problems: [place({ position: undefined, text: content.message })] };
  const parsed = parseManifest({ text: content.text, origin: path, nodeName });
  const warnings = [...nothing.warnings, ...parsed.warnings.map(place)];
  if (parsed.kind === "refused") return { ...nothing, problems: parsed.findings.map(place), warnings };
  const { name, namespace } = parsed.manifest.metadata;
  const missing =
    locateImage === undefined
      ? []
      : await findMissingPrograms(system, { parsed, nodeName, origin: path, locateImage });
  return {
    ...nothing,
    pod: `${namespace === undefined || namespace === "" ? "default" : namespace}/${name}`,
    warnings: [...warnings, ...missing.map(place)],
  };
}

function nameWarnings(path: string): readonly PlacedText[] {
  if (isManifestName(basename(path))) return [];
  return [place({ position: undefined, text: "in a directory a file of such a name is not run" })];
}

function place({ position, text }: Finding): PlacedText {
  return { line: position?.line, column: position?.column, text };
}
