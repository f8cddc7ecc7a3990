import { dirname, join } from "node:path";
import { SlipwayError } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import type { RunResult } from "../../system/exec.ts";
import type { System } from "../../system/system.ts";
import { type CachedBinary, findCached, installIntoCache } from "../cache.ts";
import { makeCacheDir } from "../cache-dirs.ts";
import { withCacheLocks } from "../cache-lock.ts";
import { parseJson } from "../cache-record.ts";
import { selectReleaseVersion } from "../component-version.ts";
import type { BinaryName, ComponentProgress } from "../types.ts";
import { withWorkDir } from "../work-dir.ts";
import { describeGoFailure } from "./go-failure.ts";
import {
  buildGoMod,
  describeEtcdTarget,
  describeKubernetesTarget,
  type GoTarget,
  isTestProgram,
  parseGoLine,
} from "./go-module.ts";
import { checkGoVersion, findGoToolchain, type GoToolchain } from "./go-toolchain.ts";

/**
 * What a package to be compiled may need on disk. Our measure: Go's caches grow to 10 GB for the 2650 packages of a
 * whole control plane, binaries included.
 */
const BYTES_PER_PACKAGE = 4 * 1024 ** 2;

/** For the linker's output, whatever is compiled already. */
const BYTES_FOR_BINARIES = 1024 ** 3;

/** What is to be built, and who is told. */
export interface GoBuildRequest {
  readonly kubernetesVersion: string;
  readonly names: readonly BinaryName[];
  readonly onProgress: (progress: ComponentProgress) => void;
  readonly onNote: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds programs from the k8s.io/kubernetes and etcd modules with the Go toolchain of this machine and puts them in
 * the cache; also those that are no component, such as kubeadm. Go checks every module against its sum database.
 * Nothing is left behind when it fails or is aborted; the next try starts from what Go has compiled already.
 * Raises SLIPWAY_TOOLCHAIN_MISSING, SLIPWAY_NO_SPACE, SLIPWAY_DOWNLOAD_FAILED, SLIPWAY_COMPONENT_CORRUPT,
 * SLIPWAY_BUILD_FAILED, SLIPWAY_FILE_ACCESS; rejects with the signal's reason.
 */
export async function buildWithGo(system: System, request: GoBuildRequest): Promise<readonly CachedBinary[]> {
  const toolchain = await findGoToolchain(system, { cacheDir: await makeCacheDir(system) });
  const version = (name: BinaryName): string => selectReleaseVersion(name, request.kubernetesVersion);
  const groups = [
    request.names.filter((name) => name === "etcd"),
    ...request.names.filter(isTestProgram).map((name) => [name]),
    request.names.filter((name) => name !== "etcd" && !isTestProgram(name)),
  ];
  const built: CachedBinary[] = [];
  for (const names of groups.filter(({ length }) => length > 0)) {
    const keys = names.map((name) => ({ name, version: version(name) }));
    const work = (): Promise<readonly CachedBinary[]> => buildMissing(system, { toolchain, keys, request });
    built.push(...(await withCacheLocks(system, { ...request, keys, work })));
  }
  return built;
}

interface Build {
  readonly toolchain: GoToolchain;
  readonly target: GoTarget;
  readonly dir: string;
  readonly request: GoBuildRequest;
}

async function buildMissing(
  system: System,
  options: {
    readonly toolchain: GoToolchain;
    readonly keys: readonly { readonly name: BinaryName; readonly version: string }[];
    readonly request: GoBuildRequest;
  },
): Promise<readonly CachedBinary[]> {
  const { keys, toolchain, request } = options;
  const present = (await Promise.all(keys.map((key) => findCached(system, key)))).filter(
    (found) => found !== undefined,
  );
  const names = keys.map(({ name }) => name).filter((name) => !present.some((found) => found.name === name));
  const version = keys[0]?.version;
  if (names.length === 0 || version === undefined) return present;
  const target = names.includes("etcd")
    ? describeEtcdTarget(version)
    : describeKubernetesTarget(version, names);
  const built = await withWorkDir(system, (dir) => buildTarget(system, { toolchain, target, dir, request }));
  return [...present, ...built];
}

async function buildTarget(system: System, build: Build): Promise<readonly CachedBinary[]> {
  const { target, dir } = build;
  const outDir = join(dir, "out");
  await system.fs.makeDir(outDir, { mode: 0o755 });
  await system.fs.makeDir(join(dir, "tmp"), { mode: 0o700 });
  await writeGoMod(system, { dir, text: "module slipway.local/components\n" });
  await writeGoMod(system, { dir, text: buildGoMod(target, await downloadModule(system, build)) });
  const staleCount = await countStalePackages(system, build);
  await checkSpace(system, { build, staleCount });
  await compile(system, { build, staleCount, outDir });
  const installed: CachedBinary[] = [];
  for (const name of target.names) {
    const key = { name, version: target.version };
    installed.push(await installIntoCache(system, { key, fromPath: join(outDir, name), origin: "go" }));
  }
  return installed;
}

/** Downloads the module itself; its own go.mod. */
async function downloadModule(system: System, build: Build): Promise<string> {
  const { modulePath, version } = build.target;
  report(build, { activity: `downloading ${modulePath} ${version}`, fraction: undefined });
  const result = await runGo(system, {
    build,
    args: ["mod", "download", "-json", `${modulePath}@${version}`],
    explain: errorOfDownload,
  });
  const answer = parseJson(result.stdout);
  const goModPath = isObject(answer) ? answer["GoMod"] : undefined;
  if (typeof goModPath !== "string") throw describeGoFailure({ module: `${modulePath} ${version}`, result });
  const goMod = await system.fs.readText(goModPath);
  checkGoVersion(build.toolchain, { goLine: parseGoLine(goMod), module: `${modulePath} ${version}` });
  return goMod;
}

/** `go mod download -json` tells its failure in the JSON. */
function errorOfDownload(result: RunResult): RunResult {
  const answer = parseJson(result.stdout);
  const error = isObject(answer) ? answer["Error"] : undefined;
  return typeof error === "string" ? { ...result, stderr: error } : result;
}

/** How many packages the build will compile: Go knows what its cache holds. Downloads the dependencies. */
async function countStalePackages(system: System, build: Build): Promise<number> {
  report(build, { activity: "looking up what has to be compiled", fraction: undefined });
  const format = "{{if .Stale}}{{.ImportPath}}{{end}}";
  const result = await runGo(system, {
    build,
    args: [
      ...["list", "-deps", ...(build.target.verb === "test" ? ["-test"] : []), "-f", format],
      ...buildFlags(build.target),
      ...build.target.packages,
    ],
    onLine: (line) => {
      const module = /^go: downloading (\S+)/.exec(line)?.[1];
      if (module !== undefined) report(build, { activity: `downloading ${module}`, fraction: undefined });
    },
  });
  return result.stdout.split("\n").filter((line) => line !== "").length;
}

async function checkSpace(
  system: System,
  options: { readonly build: Build; readonly staleCount: number },
): Promise<void> {
  const { build, staleCount } = options;
  const needed = staleCount * BYTES_PER_PACKAGE + BYTES_FOR_BINARIES;
  const place = await nearestExisting(system, build.toolchain.buildCacheDir);
  for (const path of [place, build.dir]) {
    const free = await system.fs.freeBytes(path);
    if (free >= needed) continue;
    throw new SlipwayError({
      code: "SLIPWAY_NO_SPACE",
      what: `there is too little space to build ${build.target.names.join(", ")}`,
      why: `${staleCount} packages need up to ${gib(needed)}, and ${path} has ${gib(free)} free`,
      fix: "free some space, or name another source: --components download or --component-dir DIR",
    });
  }
}

/** `go build -v` names each package when it starts to compile it, and none that its cache holds. */
async function compile(
  system: System,
  options: { readonly build: Build; readonly staleCount: number; readonly outDir: string },
): Promise<void> {
  const { build, staleCount, outDir } = options;
  const { target } = build;
  const output = target.names[0] === "etcd" ? join(outDir, "etcd") : `${outDir}/`;
  let begun = 0;
  await runGo(system, {
    build,
    args: [
      ...(target.verb === "test" ? ["test", "-c"] : ["build", "-v"]),
      ...["-o", output, ...buildFlags(target), ...target.packages],
    ],
    onLine: (line) => {
      if (!/^[\w.-]+(?:\/\S+)*$/.test(line)) return;
      begun += 1;
      const main = target.names[target.packages.indexOf(line)];
      const fraction = Math.min((begun - 1) / Math.max(staleCount, 1), 0.99);
      const count = `(${begun} of ${Math.max(staleCount, begun)})`;
      report(build, {
        activity: main === undefined ? `compiling ${line} ${count}` : `linking ${main}`,
        fraction,
        ...(main === undefined ? {} : { component: main }),
      });
    },
  });
}

function buildFlags(target: GoTarget): readonly string[] {
  return ["-mod=mod", "-trimpath", "-buildvcs=false", "-ldflags", target.linkerFlags];
}

async function runGo(
  system: System,
  options: {
    readonly build: Build;
    readonly args: readonly string[];
    readonly onLine?: (line: string) => void;
    readonly explain?: (result: RunResult) => RunResult;
  },
): Promise<RunResult> {
  const { toolchain, target, dir, request } = options.build;
  request.signal?.throwIfAborted();
  const result = await system.exec.run({
    command: toolchain.path,
    args: options.args,
    cwd: dir,
    env: { ...toolchain.env, GOARCH: system.host.architecture, GOTMPDIR: join(dir, "tmp") },
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  request.signal?.throwIfAborted();
  if (result.exitCode === 0) return result;
  const explained = options.explain?.(result) ?? result;
  throw describeGoFailure({ module: `${target.modulePath} ${target.version}`, result: explained });
}

async function writeGoMod(
  system: System,
  options: { readonly dir: string; readonly text: string },
): Promise<void> {
  const path = join(options.dir, "go.mod");
  await system.fs.writeAtomic(path, { data: options.text, mode: 0o644, durable: false });
}

async function nearestExisting(system: System, path: string): Promise<string> {
  return (await system.fs.stat(path)) === undefined && path !== "/"
    ? nearestExisting(system, dirname(path))
    : path;
}

function report(
  build: Build,
  progress: Omit<ComponentProgress, "component"> & { readonly component?: BinaryName },
): void {
  build.request.onProgress({ component: build.target.names[0] ?? "kubectl", ...progress });
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
