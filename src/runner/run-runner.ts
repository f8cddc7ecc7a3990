import type { RunnerInfo } from "../control/protocol.ts";
import { redactUrl } from "../core/redact.ts";
import type { System } from "../system/system.ts";
import { type Cluster, startCluster } from "./cluster/start-cluster.ts";
import { serveControl } from "./control-server.ts";
import { type Engine, startEngine } from "./engine.ts";
import { createEventRecorder } from "./events.ts";
import { createPodStore } from "./pod/pod-store.ts";
import { type KnownServices, NO_SERVICES, openKnownServices } from "./services/known-services.ts";
import type { EventRecorder, PodStore, RunnerOptions } from "./types.ts";

/** A runner at work. */
export interface Runner {
  readonly store: PodStore;
  readonly events: EventRecorder;
  info(): RunnerInfo;
  /** Looks at the manifests now. */
  reload(): void;
  /** Stops the runner, and its pods when asked; then `done` resolves. */
  stop(options: { readonly pods: boolean }): Promise<void>;
  /** Resolves when the runner has stopped, whoever asked for it. */
  readonly done: Promise<void>;
}

/** What goes on when a runner is replaced by one with another configuration. */
export interface RunnerLife {
  /** Where earlier events are, too. */
  readonly events?: EventRecorder;
  /** What the control socket's reload does instead of looking at the manifests alone. */
  readonly onReload?: () => Promise<void>;
}

/**
 * Starts a static pod runner: takes the control socket, takes up the pods that an earlier runner left, follows the
 * manifests, and with credentials keeps the Node and the mirror pods. Raises SLIPWAY_RUNNER_RUNNING and SLIPWAY_FILE_ACCESS.
 */
export async function createRunner(system: System, options: RunnerOptions & RunnerLife): Promise<Runner> {
  const events = options.events ?? createEventRecorder(system);
  const store = createPodStore(() => engine?.workers.reports() ?? []);
  const info = createIdentity(system, {
    ...options,
    refused: () => engine?.refused() ?? [],
    inotifyProblem: () => engine?.inotifyProblem(),
    clusterState: () => cluster?.state() ?? { nodeRegistered: false, lastError: undefined },
  });
  let engine: Engine | undefined;
  let cluster: Cluster | undefined;
  let services: KnownServices | undefined;
  let stopping: Promise<void> | undefined;
  let resolveDone: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });
  // The socket answers before the pods of an earlier runner are found; what asks for pods waits for them.
  let tellStarted: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    tellStarted = resolve;
  });
  const reload = (): void => engine?.reload();
  const stop = async ({ pods }: { readonly pods: boolean }): Promise<void> => {
    stopping ??= (async () => {
      await started;
      await stopParts({ engine, cluster, pods });
      await services?.close();
    })();
    await stopping;
    // A stop that came over the socket is answered before the socket closes.
    void control.close().then(resolveDone);
  };
  const control = await serveControl(system, {
    socketPath: options.paths.controlSocketPath,
    handlers: {
      info,
      pods: () => started.then(store.list),
      events: events.list,
      restart: async ({ namespace, name }) => {
        await started;
        return engine?.workers.restart(`${namespace}/${name}`);
      },
      reload: options.onReload ?? reload,
      stop,
    },
  });
  try {
    services =
      options.credentials === undefined ? NO_SERVICES : await openKnownServices(system, options.paths);
    engine = await startEngine(system, {
      ...{ ...options, events, services },
      onChange: store.notify,
      onStageEnd: async () => cluster?.settle(),
    });
    const onLabels = (labels: NodeLabels): void => engine?.setNodeLabels(labels);
    cluster = await startCluster(system, { options, store, events, services, onLabels });
    tellStarted();
  } catch (error) {
    tellStarted();
    await control.close();
    throw error;
  }
  return { store, events, info, reload, stop, done };
}

type NodeLabels = Parameters<Engine["setNodeLabels"]>[0];

/** When pods end with the runner, what talks to the cluster ends after them and shows how they ended. */
async function stopParts(parts: {
  readonly engine: Engine | undefined;
  readonly cluster: Cluster | undefined;
  readonly pods: boolean;
}): Promise<void> {
  const { engine, cluster, pods } = parts;
  if (pods) await cluster?.leave();
  else await cluster?.close();
  await engine?.stop({ pods });
  if (pods) await cluster?.close();
}

/** What a runner says of itself. */
function createIdentity(
  system: Pick<System, "clock" | "host" | "random">,
  options: RunnerOptions & {
    readonly refused: () => RunnerInfo["refused"];
    readonly inotifyProblem: () => RunnerInfo["inotifyProblem"];
    readonly clusterState: Cluster["state"];
  },
): () => RunnerInfo {
  const instanceId = system.random.uuid();
  const url = options.kubelet.staticPodURL;
  const startedAt = new Date(system.clock.nowMs()).toISOString();
  return () => ({
    apiVersion: "slipway.dev/v1",
    kind: "RunnerInfo",
    root: options.root,
    instanceId,
    pid: system.host.pid,
    version: options.version,
    startedWith: options.startedWith ?? [],
    startedAt,
    nodeName: options.nodeName,
    manifestPath: options.kubelet.staticPodPath,
    manifestUrl: url === undefined ? undefined : redactUrl(url),
    inotifyProblem: options.inotifyProblem(),
    refused: options.refused(),
    cluster: {
      mode: options.credentials === undefined ? "standalone" : "cluster",
      ...options.clusterState(),
    },
  });
}
