import { basename } from "node:path";
import { buildPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import { type KubeletSources, readKubeletSources, selectFlag } from "./kubelet-sources.ts";
import {
  describeCommand,
  isRunner,
  listProcesses,
  type ProcessFact,
  whenReadable,
} from "./list-processes.ts";

/** A running kubelet or Slipway runner and where it reads static pods. */
export interface StaticPodRunner {
  readonly pid: number;
  readonly command: string;
  /** Of a runner: `--root`, as it was written. */
  readonly root: string | undefined;
  readonly sources: KubeletSources;
}

/** Every kubelet and every runner of ours that runs now, this process left out, by pid. */
export async function findStaticPodRunners(system: System): Promise<readonly StaticPodRunner[]> {
  const processes = (await listProcesses(system)).filter(
    ({ pid, argv }) => pid !== system.host.pid && (isKubelet(argv) || isRunner(argv)),
  );
  return Promise.all(
    processes.map(async (process) => ({
      pid: process.pid,
      command: describeCommand(process.argv),
      root: isRunner(process.argv) ? (selectFlag(process.argv, "root") ?? "/") : undefined,
      sources: await readSources(system, process),
    })),
  );
}

/** Those of `findStaticPodRunners` that read this directory, or a file in it. */
export async function findOtherRunners(
  system: System,
  options: { readonly manifestDir: string },
): Promise<readonly Omit<StaticPodRunner, "sources">[]> {
  const runners = await findStaticPodRunners(system);
  return runners
    .filter(({ sources }) => `${sources.path?.value ?? ""}/`.startsWith(`${options.manifestDir}/`))
    .map(({ pid, command, root }) => ({ pid, command, root }));
}

async function readSources(system: System, process: ProcessFact): Promise<KubeletSources> {
  const workingDir = (await whenReadable(system.fs.readLink(`/proc/${process.pid}/cwd`))) ?? "/";
  return readKubeletSources(system, { argv: withRunnerDefaults(system, process.argv), workingDir });
}

/** A runner without `--config` reads the file that `slipway init` wrote under its root. */
function withRunnerDefaults(system: System, argv: readonly string[]): readonly string[] {
  const named = ["config", "pod-manifest-path", "manifest-url"].some(
    (name) => selectFlag(argv, name) !== undefined,
  );
  if (!isRunner(argv) || named) return argv;
  const root = selectFlag(argv, "root") ?? "/";
  return [...argv, `--config=${buildPaths({ root, uid: system.host.uid }).runnerConfigPath}`];
}

function isKubelet(argv: readonly string[]): boolean {
  return basename(argv[0] ?? "") === "kubelet";
}
