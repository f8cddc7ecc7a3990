import type { PodReport, RunnerEvent } from "../../src/control/protocol.ts";
import type { Pod, PodStatus } from "../../src/pod/types.ts";
import type { EventRecorder, KubeletConfiguration, PodStore, RunnerOptions } from "../../src/runner/types.ts";
import type { Runtime } from "../../src/runtime/types.ts";

/** The kubelet's defaults, with no servers and a fast status loop. */
export function buildKubeletConfiguration(change: Partial<KubeletConfiguration> = {}): KubeletConfiguration {
  return {
    staticPodPath: undefined,
    staticPodURL: undefined,
    staticPodURLHeader: {},
    fileCheckFrequencyMs: 20_000,
    httpCheckFrequencyMs: 20_000,
    enableServer: false,
    enableDebuggingHandlers: true,
    enableSystemLogHandler: true,
    address: "127.0.0.1",
    port: 10250,
    healthzPort: 0,
    healthzBindAddress: "127.0.0.1",
    clientCAFile: undefined,
    tlsCertFile: undefined,
    tlsPrivateKeyFile: undefined,
    rotateCertificates: true,
    anonymousAuth: false,
    webhookAuth: true,
    tokenCacheMs: 120_000,
    authorizationMode: "Webhook",
    allowedCacheMs: 300_000,
    deniedCacheMs: 30_000,
    registerNode: true,
    registerWithTaints: [],
    nodeStatusUpdateFrequencyMs: 10_000,
    nodeStatusReportFrequencyMs: 300_000,
    nodeLeaseDurationSeconds: 40,
    maxPods: 110,
    clusterDNS: [],
    clusterDomain: "",
    podLogsDir: "/nowhere",
    containerLogMaxSizeBytes: 10 * 1024 * 1024,
    containerLogMaxFiles: 5,
    shutdownPeriods: [],
    maxContainerRestartPeriodMs: undefined,
    ...change,
  };
}

const IDLE_RUNTIME: Runtime = {
  name: "slipway",
  version: "0.1.0",
  list: async () => [],
  usages: async () => new Map(),
  checkImage: async () => ({ kind: "present", imageId: "x" }),
  start: () => Promise.reject(new Error("not in this test")),
  stop: async () => undefined,
  remove: async () => undefined,
  exec: () => Promise.reject(new Error("not in this test")),
  openExec: () => Promise.reject(new Error("not in this test")),
  openAttach: () => Promise.reject(new Error("not in this test")),
  onExit: () => undefined,
  close: async () => undefined,
};

/** Options of a runner called n1 without credentials. */
export function buildRunnerOptions(change: Partial<RunnerOptions> = {}): RunnerOptions {
  return {
    root: "/",
    kubelet: buildKubeletConfiguration(),
    nodeName: "n1",
    nodeIp: "192.0.2.10",
    nodeLabels: {},
    badManifest: "keep",
    version: "0.1.0",
    kubeletVersion: "v1.37.2",
    paths: {
      controlSocketPath: "/x",
      podsDir: "/x",
      stateDir: "/",
      containerLogsDir: "/x",
      madePathsPath: "/x",
    },
    runtime: IDLE_RUNTIME,
    credentials: undefined,
    renewal: undefined,
    ...change,
  };
}

const NOW = "2026-11-22T17:00:00Z";

/** A running static pod `web-n1` of one container. */
export function buildPod(
  change: { readonly name?: string; readonly hash?: string; readonly status?: PodStatus } = {},
): Pod {
  const hash = change.hash ?? "hash-1";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: change.name ?? "web-n1",
      namespace: "kube-system",
      uid: hash,
      annotations: {
        "kubernetes.io/config.hash": hash,
        "kubernetes.io/config.source": "file",
        "kubernetes.io/config.seen": NOW,
      },
    },
    spec: {
      containers: [{ name: "web", image: "web:1" }],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      nodeName: "n1",
      hostNetwork: true,
    },
    status: change.status ?? {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True", lastProbeTime: null, lastTransitionTime: NOW }],
      hostIP: "192.0.2.10",
    },
  };
}

/** A report of a pod that is not being stopped. */
export function buildReport(pod: Pod, change: Partial<PodReport> = {}): PodReport {
  return {
    pod,
    origin: "/m/web.yaml",
    terminating: false,
    containers: [],
    mirrorProblem: undefined,
    ...change,
  };
}

/** A store whose pods a test sets. */
export interface FakePodStore extends PodStore {
  set(reports: readonly PodReport[]): void;
  readonly problems: Map<string, string | undefined>;
}

/** A store that holds what it is given. */
export function createFakePodStore(reports: readonly PodReport[] = []): FakePodStore {
  let current = reports;
  const listeners: (() => void)[] = [];
  const problems = new Map<string, string | undefined>();
  return {
    problems,
    list: () => current,
    get: (namespace, name) =>
      current.find(({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name),
    onChange: (listener) => listeners.push(listener),
    setMirrorProblem: (_namespace, name, problem) => problems.set(name, problem),
    set: (fresh) => {
      current = fresh;
      for (const listener of listeners) listener();
    },
  };
}

/** A recorder that hands each event on. */
export function createFakeEventRecorder(): EventRecorder & { emit(event: RunnerEvent): void } {
  const listeners: ((event: RunnerEvent) => void)[] = [];
  return {
    record: () => undefined,
    list: () => [],
    onRecord: (listener) => listeners.push(listener),
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
  };
}
