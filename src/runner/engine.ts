import type { RefusedManifest, RunnerInfo } from "../control/protocol.ts";
import { messageOf } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { redactUrl } from "../core/redact.ts";
import { readCanMount } from "../facts/has-capability.ts";
import { compactMadePaths } from "../runtime/made-paths.ts";
import type { Runtime, RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import type { NodeFacts } from "./admission/admit-pod.ts";
import { readNodeFacts } from "./admission/read-node-facts.ts";
import { groupByPod, selectUnowned } from "./container/container-annotations.ts";
import { createHookRunner } from "./container/run-hook.ts";
import { createPodLogDirs, listUnusedLogDirs, type PodLogDirs } from "./pod/pod-log-dirs.ts";
import { readPodRecord } from "./pod/pod-record.ts";
import { createProbeRunner } from "./probes/run-probe.ts";
import { createReconciler } from "./reconciler.ts";
import type { KnownServices } from "./services/known-services.ts";
import { createDirectorySource, type PodSource } from "./sources/directory-source.ts";
import { createUrlSource } from "./sources/url-source.ts";
import type { DesiredPod, EventRecorder, RunnerOptions, SourceSnapshot } from "./types.ts";
import type { FoundPod, WorkerSet } from "./worker-set.ts";

/** The part of a runner that runs pods: sources, reconciler, workers, probes. */
export interface Engine {
  readonly workers: WorkerSet;
  refused(): readonly RefusedManifest[];
  inotifyProblem(): RunnerInfo["inotifyProblem"];
  /** Looks at the manifests now. */
  reload(): void;
  /** The labels that the API server has for this node: pods that were refused for want of them are asked again. */
  setNodeLabels(labels: NodeFacts["labels"]): void;
  /** Stops following; with `pods` all pods are stopped first, and none is started any more. Closes the runtime. */
  stop(options: { readonly pods: boolean }): Promise<void>;
}

/** Takes up the pods that an earlier runner left and follows the manifests. */
export async function startEngine(
  system: System,
  options: RunnerOptions & {
    readonly events: EventRecorder;
    readonly services: KnownServices;
    readonly onChange: () => void;
    /** Awaited between one group of pods that is stopped and the next. */
    readonly onStageEnd: () => Promise<void>;
  },
): Promise<Engine> {
  const { kubelet, nodeName, runtime } = options;
  await endUnowned(system, runtime);
  const found = await runtime.list();
  const probes = createProbeRunner(system, options);
  const hooks = createHookRunner(system, options);
  let node = await readNodeFacts(system, options);
  await shortenNotes(system, options.paths.madePathsPath);
  const logDirs = await openLogDirs(system, { runner: options, found });
  const canMount = await readCanMount(system);
  const reconciler = createReconciler(system, {
    runner: { ...options, logDirs, canMount, allocatable: node.allocatable },
    nodeName,
    node: () => node,
    shutdownPeriods: kubelet.shutdownPeriods,
    maxRestartPeriodMs: kubelet.maxContainerRestartPeriodMs,
    probes,
    hooks,
    events: options.events,
    sources: [
      ...(kubelet.staticPodPath === undefined ? [] : (["file"] as const)),
      ...(kubelet.staticPodURL === undefined ? [] : (["http"] as const)),
    ],
    found: await readFoundPods(system, { found, podsDir: options.paths.podsDir }),
    onChange: options.onChange,
    onStageEnd: options.onStageEnd,
  });
  const known = groupByPod(found).map((group) => group.known.desired);
  const sources = startSources(system, { runner: options, known, onSnapshot: reconciler.apply });
  return {
    workers: reconciler.workers,
    refused: reconciler.refused,
    inotifyProblem: () =>
      sources.map((source) => source.watchProblem?.()).find((problem) => problem !== undefined),
    setNodeLabels: (labels) => {
      if (canonicalJson(labels) === canonicalJson(node.labels)) return;
      node = { ...node, labels };
      reconciler.workers.askAgain();
    },
    reload: () => {
      for (const source of sources) source.reload();
    },
    stop: async ({ pods }) => {
      // What is added meanwhile is refused where it can be seen.
      if (pods) await reconciler.workers.stopPods();
      await Promise.all(sources.map((source) => source.close()));
      await reconciler.workers.close();
      probes.close();
      hooks.close();
      await logDirs.close();
      await runtime.close();
    },
  };
}

/** A container whose record lost its pod ends before the pod starts anew. */
async function endUnowned(system: Pick<System, "log">, runtime: Runtime): Promise<void> {
  for (const { id, spec } of selectUnowned(await runtime.list())) {
    system.log.warn("a container does not say which pod it belongs to; it is ended", {
      container: id,
      name: spec.containerName,
    });
    await runtime.stop(id, { graceSeconds: 0 });
    await runtime.remove(id);
  }
}

/** The sources that the configuration names. */
function startSources(
  system: System,
  options: {
    readonly runner: RunnerOptions;
    readonly known: readonly DesiredPod[];
    readonly onSnapshot: (snapshot: SourceSnapshot) => void;
  },
): readonly PodSource[] {
  const { nodeName, badManifest, kubelet } = options.runner;
  const { staticPodPath: path, staticPodURL: url } = kubelet;
  system.log.info("following manifests", { path, url: url === undefined ? undefined : redactUrl(url) });
  const common = { ...options, nodeName, badManifest };
  return [
    ...(path === undefined
      ? []
      : [createDirectorySource(system, { ...common, path, listEveryMs: kubelet.fileCheckFrequencyMs })]),
    ...(url === undefined
      ? []
      : [
          createUrlSource(system, {
            ...common,
            url,
            headers: kubelet.staticPodURLHeader,
            checkEveryMs: kubelet.httpCheckFrequencyMs,
          }),
        ]),
  ];
}

/** Before anybody notes anything. A disk that is full keeps them as they are. */
async function shortenNotes(system: Pick<System, "fs" | "log">, notesPath: string): Promise<void> {
  try {
    await compactMadePaths(system, notesPath);
  } catch (error) {
    system.log.warn("cannot shorten the notes of what was made for pods", { error: messageOf(error) });
  }
}

/** What no pod uses any more goes. */
async function openLogDirs(
  system: System,
  options: {
    readonly runner: Pick<RunnerOptions, "kubelet" | "paths">;
    readonly found: readonly RuntimeContainer[];
  },
): Promise<PodLogDirs> {
  const { kubelet, paths } = options.runner;
  const place = { podLogsDir: kubelet.podLogsDir, notesPath: paths.madePathsPath };
  const logDirs = createPodLogDirs(system, place);
  const logPaths = options.found.map(({ spec }) => spec.logPath);
  for (const dir of await listUnusedLogDirs(system, { ...place, logPaths })) logDirs.release(dir);
  return logDirs;
}

function readFoundPods(
  system: Pick<System, "fs">,
  options: { readonly found: readonly RuntimeContainer[]; readonly podsDir: string },
): Promise<readonly FoundPod[]> {
  const { podsDir } = options;
  return Promise.all(
    groupByPod(options.found).map(async (group) => ({
      ...group,
      saved: await readPodRecord(system, { podsDir, pod: group.known.desired.pod }),
    })),
  );
}
