import { basename, dirname } from "node:path";
import { SlipwayError, whenOurs } from "../core/errors.ts";
import { buildPaths } from "../core/paths.ts";
import { parseYamlDocuments } from "../core/yaml.ts";
import type { System } from "../system/system.ts";
import { findSlipwayRoot } from "./find-slipway-root.ts";
import { type KubeletSources, readKubeletSources, selectFlag } from "./kubelet-sources.ts";
import {
  describeCommand,
  isRunner,
  isTrusted,
  listProcesses,
  type ProcessFact,
  sharesFiles,
  whenReadable,
} from "./list-processes.ts";
import { readSmallFile } from "./read-small-file.ts";

/** A running kubelet or Slipway runner and where it reads static pods. */
export interface StaticPodRunner {
  readonly pid: number;
  readonly command: string;
  /** Of a runner. */
  readonly root: string | undefined;
  readonly sources: KubeletSources;
}

/** Hears of a process whose configuration this user may not read, or that is no file. */
type OnUnread = (process: ProcessFact, error: SlipwayError) => void;

/**
 * Every kubelet and every runner of ours that root or this user runs now, by pid; not this process, nor those of
 * containers. One whose configuration cannot be read is left out, and told to `onUnread`.
 */
export async function findStaticPodRunners(
  system: System,
  onUnread: OnUnread = () => undefined,
): Promise<readonly StaticPodRunner[]> {
  const processes = (await listProcesses(system)).filter(
    ({ pid, argv }) => pid !== system.host.pid && (isKubelet(argv) || isRunner(argv)),
  );
  const found = processes.map(async (process) => {
    if (!(await isTrusted(system, process)) || !(await sharesFiles(system, process.pid))) return [];
    const root = isRunner(process.argv) ? await findSlipwayRoot(system, process) : undefined;
    const sources = await readSources(system, { process, root }).catch((error: unknown) => {
      if (!(error instanceof SlipwayError)) throw error;
      onUnread(process, error);
    });
    return sources === undefined
      ? []
      : [{ pid: process.pid, command: describeCommand(process.argv), root, sources }];
  });
  return (await Promise.all(found)).flat();
}

/** Those of `findStaticPodRunners` that read the same manifests: a directory or file, or a file in that directory. */
export async function findOtherRunners(
  system: System,
  options: { readonly manifestDir: string; readonly onUnread?: OnUnread },
): Promise<readonly Omit<StaticPodRunner, "sources">[]> {
  const runners = await findStaticPodRunners(system, options.onUnread);
  const found = await Promise.all(
    runners.map(async ({ pid, command, root, sources: { path } }) => {
      const isSame = path !== undefined && (await isSamePlace(system, [path.value, options.manifestDir]));
      return isSame ? [{ pid, command, root }] : [];
    }),
  );
  return found.flat();
}

/** A directory in a directory is another place: nobody reads manifests below theirs. */
async function isSamePlace(system: System, places: readonly [string, string]): Promise<boolean> {
  const [one = "", other = ""] = await Promise.all(
    places.map(async (path) => (await whenReadable(system.fs.realPath(path))) ?? path),
  );
  if (one === other) return true;
  const inner = [one, other].find((path) => dirname(path) === (path === one ? other : one));
  return inner !== undefined && (await whenReadable(system.fs.stat(inner)))?.kind === "file";
}

async function readSources(
  system: System,
  { process, root }: { readonly process: ProcessFact; readonly root: string | undefined },
): Promise<KubeletSources> {
  const workingDir = (await whenReadable(system.fs.readLink(`/proc/${process.pid}/cwd`))) ?? "/";
  const { argv } = process;
  const named = ["config", "config-dir", "pod-manifest-path", "manifest-url"];
  const isNamed = root === undefined || named.some((name) => selectFlag(argv, name) !== undefined);
  if (isNamed) return readKubeletSources(system, { argv, workingDir });
  return readRunnerSources(system, { root });
}

/** A runner without flags reads what `slipway init` wrote under its root, else it has the flags of the last one. */
async function readRunnerSources(
  system: System,
  { root }: { readonly root: string },
): Promise<KubeletSources> {
  const { runnerConfigPath, runnerFlagsPath } = buildPaths({ root, uid: system.host.uid });
  const hasPlane = (await whenReadable(system.fs.stat(runnerConfigPath))) !== undefined;
  const argv = hasPlane ? [`--config=${runnerConfigPath}`] : await readWords(system, runnerFlagsPath);
  return readKubeletSources(system, { argv, workingDir: "/" });
}

/** The words of a JSON list of them; none where there is no such file that this user may read. */
export async function readWords(system: System, path: string): Promise<readonly string[]> {
  const text = await readSmallFile(system, path).catch(whenOurs);
  const words = parseYamlDocuments(text ?? "")[0]?.value;
  return Array.isArray(words) ? words.map(String) : [];
}

function isKubelet(argv: readonly string[]): boolean {
  return basename(argv[0] ?? "") === "kubelet";
}
