import { join } from "node:path";
import { readLedger } from "../../apply/ledger.ts";
import type { ContainerReport, PodReport, RunnerInfo } from "../../control/protocol.ts";
import { describeFileError, type SlipwayError, systemErrorCode, whenOurs } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import { readPods } from "./read-pods.ts";

/** What has to be known of a pod to find its logs. */
export interface LoggedPod {
  readonly pod: Pick<PodReport["pod"], "status"> & {
    readonly metadata: Pick<PodReport["pod"]["metadata"], "namespace" | "name" | "annotations">;
    readonly spec: {
      readonly nodeName?: string | undefined;
      readonly containers: readonly { readonly name: string }[];
    };
  };
  readonly containers: readonly Pick<ContainerReport, "name" | "logPath" | "previousLogPath">[];
}

/** The pods of a root with their logs, and why no runner tells of them. */
export interface LoggedPods {
  readonly pods: readonly LoggedPod[];
  readonly problem: SlipwayError | undefined;
  /** Undefined: no runner of the root answers. */
  readonly info: RunnerInfo | undefined;
}

/**
 * The runner's pods, or, of a control plane that a kubelet runs, all whose logs it has written. Raises
 * SLIPWAY_FILE_ACCESS.
 */
export async function readLoggedPods(
  system: System,
  options: { readonly root: string },
): Promise<LoggedPods> {
  const answer = await readPods(system, options);
  if (answer.problem?.code !== "SLIPWAY_KUBELET_RUNS") return answer;
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const nodeName = (await readLedger(system, paths))?.nodeName;
  return { ...answer, pods: await readKubeletsPods(system, { paths, nodeName }) };
}

/** As `readLoggedPods` of one pod; of a kubelet's it looks at nothing else, for it is asked again and again. */
export async function readLoggedPod(
  system: System,
  options: { readonly root: string; readonly namespace: string; readonly pod: string },
): Promise<LoggedPod | undefined> {
  const { root, namespace, pod: name } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const ledger = await readLedger(system, paths).catch(whenOurs);
  const pods =
    ledger?.runtime === "external"
      ? await readKubeletsPods(system, { paths, nodeName: ledger.nodeName, only: { namespace, name } })
      : (await readLoggedPods(system, { root })).pods;
  return pods.find(({ pod }) => pod.metadata.name === name && pod.metadata.namespace === namespace);
}

async function readKubeletsPods(
  system: Pick<System, "fs">,
  { paths, ...options }: { readonly paths: ClusterPaths } & Omit<LogDirOptions, "podLogsDir">,
): Promise<readonly LoggedPod[]> {
  const { podLogsDir } = paths;
  try {
    return await readLogDirs(system, { podLogsDir, ...options });
  } catch (error) {
    throw describeFileError(error, { action: "look for logs in", path: podLogsDir });
  }
}

interface LogDirOptions {
  readonly podLogsDir: string;
  readonly nodeName: string | undefined;
  /** Absent: all. */
  readonly only?: { readonly namespace: string; readonly name: string };
}

/**
 * Of several versions of a pod that one in which was written last. Source: kubelet kuberuntime/helpers.go
 * BuildPodLogsDirectory, BuildContainerLogsDirectory: `<namespace>_<name>_<uid>/<container>/<attempt>.log`.
 */
async function readLogDirs(
  system: Pick<System, "fs">,
  { podLogsDir, nodeName, only }: LogDirOptions,
): Promise<readonly LoggedPod[]> {
  const found = new Map<string, LoggedPod & { readonly writtenMs: number }>();
  for (const dirName of await listDir(system, podLogsDir)) {
    const [namespace, name, uid] = dirName.split("_");
    if (namespace === undefined || name === undefined || uid === undefined) continue;
    if (only !== undefined && (only.namespace !== namespace || only.name !== name)) continue;
    const logs = await readContainers(system, join(podLogsDir, dirName));
    const writtenMs = Math.max(0, ...logs.map((log) => log.writtenMs));
    const known = found.get(`${namespace}/${name}`);
    if (logs.length === 0 || (known !== undefined && known.writtenMs >= writtenMs)) continue;
    const pod = { metadata: { namespace, name }, spec: { nodeName, containers: logs } };
    found.set(`${namespace}/${name}`, { pod, containers: logs, writtenMs });
  }
  return [...found.values()];
}

async function readContainers(system: Pick<System, "fs">, podDir: string) {
  const containers = [];
  for (const name of await listDir(system, podDir)) {
    const dir = join(podDir, name);
    const attempts = (await listDir(system, dir))
      .flatMap((file) => /^(\d+)\.log$/.exec(file)?.[1] ?? [])
      .sort((left, right) => Number(right) - Number(left));
    const [logPath, previousLogPath] = attempts.map((attempt) => join(dir, `${attempt}.log`));
    if (logPath === undefined) continue;
    const writtenMs = (await system.fs.stat(logPath))?.modifiedMs ?? 0;
    containers.push({ name, logPath, previousLogPath, writtenMs });
  }
  return containers;
}

/** None in what is no directory, or none any more: a kubelet removes them at any time. */
async function listDir(system: Pick<System, "fs">, path: string): Promise<readonly string[]> {
  try {
    return await system.fs.list(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "")) return [];
    throw error;
  }
}
