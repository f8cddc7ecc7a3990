import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Pod } from "../../src/pod/types.ts";
import type { NodeFacts } from "../../src/runner/admission/admit-pod.ts";
import { groupByPod } from "../../src/runner/container/container-annotations.ts";
import type { HookResult, HookRunner } from "../../src/runner/container/run-hook.ts";
import { createEventRecorder } from "../../src/runner/events.ts";
import { createPodLogDirs } from "../../src/runner/pod/pod-log-dirs.ts";
import type { SavedPod } from "../../src/runner/pod/pod-record.ts";
import type { ProbeOutcome } from "../../src/runner/probes/apply-probe-result.ts";
import { createReconciler } from "../../src/runner/reconciler.ts";
import { NO_SERVICES } from "../../src/runner/services/known-services.ts";
import type { KubeletConfiguration, SourceSnapshot } from "../../src/runner/types.ts";
import { createFileSystem, type FileSystem } from "../../src/system/file-system.ts";
import { buildPod } from "./build-pod.ts";
import { type CountedFileSystem, countOperations } from "./counted-file-system.ts";
import { createFakeRuntime, type FakeRuntime } from "./fake-runtime.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";

/** What a reconciler of a trial is given; the rest is a quiet machine on which everything works. */
export interface ReconcilerChange {
  readonly stopMs?: number;
  readonly found?: Awaited<ReturnType<FakeRuntime["list"]>>;
  readonly probe?: () => ProbeOutcome;
  readonly node?: NodeFacts;
  readonly saved?: SavedPod | undefined;
  readonly hook?: HookRunner["run"];
  readonly shutdownPeriods?: KubeletConfiguration["shutdownPeriods"];
  readonly onStageEnd?: () => Promise<void>;
  readonly sources?: readonly SourceSnapshot["source"][];
}

/** A node with room that only a host port or `maxPods` can take away. */
export const NODE: NodeFacts = {
  labels: { "kubernetes.io/hostname": "node-1" },
  allocatable: { cpu: 2000, memory: 2 ** 30, "ephemeral-storage": 2 ** 30 },
  maxPods: 110,
};

/**
 * For a file of tests: reconcilers over a fake runtime, in virtual time, with real files in a directory of each test's
 * own. Call it once, at the top of the file.
 */
export function createReconcilerTrial() {
  let dir = "";
  let system: FakeSystem;
  let files: CountedFileSystem;

  const replaceFileSystem = (fs: FileSystem): void => {
    files = countOperations(fs);
    system = createFakeSystem({ fs: files.fs });
  };
  const advance = async (ms: number): Promise<void> => {
    await system.clock.advance(ms);
    await files.idle();
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "slipway-runner-"));
    replaceFileSystem(createFileSystem());
  });
  afterEach(async () => {
    await files.idle();
    await rm(dir, { recursive: true, force: true });
  });

  return {
    dir: () => dir,
    system: () => system,
    /** Another file system, for reconcilers that start after it. */
    replaceFileSystem,
    /** Until no file operation is under way. */
    idle: () => files.idle(),
    /** Moves the clock, with room for real file operations after it. */
    advance,
    /** A hook that takes its time and succeeds. */
    sleepFor: async (ms: number): Promise<HookResult> => {
      await system.clock.sleep(ms);
      return { kind: "done" };
    },
    /** Ends the container `web` with exit code 1. */
    crash: async (runtime: FakeRuntime): Promise<void> => {
      runtime.exit("web", 1);
      await files.idle();
    },
    startReconciler: (change: ReconcilerChange = {}) => startReconciler({ system, dir, advance, change }),
  };
}

function startReconciler(options: {
  readonly system: FakeSystem;
  readonly dir: string;
  readonly advance: (ms: number) => Promise<void>;
  readonly change: ReconcilerChange;
}) {
  const { system, change } = options;
  const runtime = createFakeRuntime({ clock: system.clock, ...change });
  const recorder = createEventRecorder(system);
  const reconciler = createReconciler(system, {
    runner: buildRunner(system, { runtime, dir: options.dir }),
    nodeName: "node-1",
    node: () => change.node ?? NODE,
    shutdownPeriods: change.shutdownPeriods ?? [],
    maxRestartPeriodMs: undefined,
    probes: { run: () => Promise.resolve(change.probe?.() ?? { kind: "success" }), close: () => undefined },
    hooks: { run: change.hook ?? (() => Promise.resolve({ kind: "done" })), close: () => undefined },
    events: recorder,
    sources: change.sources ?? ["file"],
    found: groupByPod(change.found ?? []).map((group) => ({ ...group, saved: change.saved })),
    onChange: () => undefined,
    onStageEnd: change.onStageEnd ?? (() => Promise.resolve()),
  });
  return {
    runtime,
    reconciler,
    reportOf: (name: string) => reconciler.workers.reports().find(({ pod }) => pod.metadata.name === name),
    recorded: recorder.list,
    events: () => recorder.list().map(({ reason }) => reason),
    eventMessages: () => recorder.list().map(({ message }) => message),
    apply: async (pods: readonly Pod[]): Promise<void> => {
      reconciler.apply({
        source: "file",
        refused: [],
        pods: pods.map((pod) => ({ pod, origin: originOf(pod) })),
      });
      await options.advance(0);
    },
    statusOf: (name: string) => reconciler.workers.find(`default/${name}`)?.report().pod.status,
  };
}

function buildRunner(
  system: FakeSystem,
  { runtime, dir }: { readonly runtime: FakeRuntime; readonly dir: string },
) {
  const podLogsDir = join(dir, "log/pods");
  const madePathsPath = join(dir, "made-paths");
  return {
    nodeIp: "192.0.2.10",
    runtime,
    kubelet: { podLogsDir, clusterDNS: [], clusterDomain: "" },
    services: NO_SERVICES,
    canMount: true,
    allocatable: NODE.allocatable,
    logDirs: createPodLogDirs(system, { podLogsDir, notesPath: madePathsPath }),
    paths: {
      controlSocketPath: join(dir, "s"),
      podsDir: join(dir, "pods"),
      stateDir: dir,
      containerLogsDir: join(dir, "log/containers"),
      madePathsPath,
    },
  };
}

const ORIGINS = new Map(
  ["/m/a.yaml", "/m/b.yaml"].map((origin) => [buildPod({ origin }).metadata.uid, origin]),
);

function originOf(pod: Pod): string {
  return ORIGINS.get(pod.metadata.uid) ?? `/m/${pod.metadata.name}.yaml`;
}

/** The status of the pod's condition Ready. */
export function readyOf(status: Pod["status"]): string | undefined {
  return status?.conditions?.find((condition) => condition.type === "Ready")?.status;
}
