import { createApiClient } from "../../api/create-api-client.ts";
import type { System } from "../../system/system.ts";
import { waitAtMost } from "../../system/wait-at-most.ts";
import type { KnownServices } from "../services/known-services.ts";
import type { EventRecorder, PodStore, RunnerOptions } from "../types.ts";
import { type ApiLink, createApiLink } from "./api-link.ts";
import { isApiServerEnding } from "./is-api-server-ending.ts";
import { keepCertificates } from "./keep-certificates.ts";
import { keepLease } from "./keep-lease.ts";
import { keepMirrors } from "./keep-mirrors.ts";
import { keepNode } from "./keep-node.ts";
import { startKubeletServer } from "./kubelet-server.ts";
import { sendEvents } from "./send-events.ts";
import { watchPods } from "./watch-pods.ts";
import { watchServices } from "./watch-services.ts";

/** The half of a runner that talks to the cluster. */
export interface Cluster {
  /** Tells the API server that the machine goes down and its pods end: the Node is not ready from then on. */
  leave(): Promise<void>;
  /** Resolves when the mirrors show the pods as they are now, or when that takes too long. */
  settle(): Promise<void>;
  /** Stops all jobs and servers. Node, Lease and mirrors stay. */
  close(): Promise<void>;
  state(): { readonly nodeRegistered: boolean; readonly lastError: string | undefined };
}

/** What the cluster half is given. */
export interface ClusterOptions {
  readonly options: RunnerOptions;
  readonly store: PodStore;
  readonly events: EventRecorder;
  readonly services: KnownServices;
  /** Called with the Node's labels as the API server has them. */
  readonly onLabels: (labels: Readonly<Record<string, string>>) => void;
}

/**
 * Keeps Node, Lease and mirror pods, sends events, and serves the kubelet API. Resolves at once: nothing here waits
 * for an API server, which may be one of the pods. Without credentials only the kubelet API is served.
 */
export async function startCluster(system: System, cluster: ClusterOptions): Promise<Cluster> {
  const { options } = cluster;
  if (options.credentials === undefined) {
    const server = startKubeletServer(system, { ...cluster, link: undefined });
    const nothing = (): Promise<void> => Promise.resolve();
    const state = (): ReturnType<Cluster["state"]> => ({ nodeRegistered: false, lastError: undefined });
    return { leave: nothing, settle: nothing, close: server.close, state };
  }
  const client = createApiClient(system, { credentials: options.credentials });
  const link = createApiLink(system, client);
  const server = startKubeletServer(system, { ...cluster, link });
  const jobs = startJobs(system, { ...cluster, link });
  return {
    ...jobs,
    leave: async () => {
      // An API server that ends waits for the logs that its clients follow.
      await Promise.all([server.close(), jobs.leave()]);
    },
    close: async () => {
      await Promise.all([server.close(), jobs.close()]);
      client.close();
    },
  };
}

/** Ours: an API server that answers needs some milliseconds; one that does not holds nothing up for long. */
const SETTLE_MS = 1_000;

function startJobs(system: System, cluster: ClusterOptions & { readonly link: ApiLink }): Cluster {
  const { options, store, events, link, onLabels } = cluster;
  const { nodeName } = options;
  const node = keepNode(system, { link, runner: options, onRegistered: () => wakeAll(), onLabels });
  const common = { link, nodeName, nodeUid: node.uid };
  const lease = keepLease(system, {
    ...common,
    durationSeconds: options.kubelet.nodeLeaseDurationSeconds,
  });
  const watch = watchPods(system, { link, nodeName, onChange: () => mirrors.wake() });
  const serviceWatch = watchServices(system, { link, services: cluster.services });
  const watches = [watch, serviceWatch];
  const mirrors = keepMirrors(system, { ...common, store, watch, onNodeMissing: node.wake });
  const sender = sendEvents(system, {
    link,
    nodeName,
    store,
    events,
    isRegistered: () => node.uid() !== undefined,
  });
  const certificates =
    options.renewal === undefined
      ? undefined
      : keepCertificates(system, { link, runner: options, renewal: options.renewal, onRenewed: node.wake });
  const wakeAll = (): void => {
    for (const job of [lease, ...watches, mirrors, sender]) job.wake();
  };
  link.onDown(() => {
    for (const one of watches) one.restart();
  });
  link.onUp(() => {
    node.wake();
    wakeAll();
  });
  const holdWatches = (): void => {
    const held = isApiServerEnding(store.list());
    for (const one of watches) one.hold(held);
  };
  events.onRecord(holdWatches);
  store.onChange(() => {
    holdWatches();
    mirrors.wake();
    // Perhaps it is the API server that came up; then the Node need not wait for its back-off.
    if (node.uid() === undefined || link.problem() !== undefined) node.wake();
  });
  return {
    leave: () => {
      link.expectDown();
      return node.leave();
    },
    settle: async () => {
      if (link.problem() === undefined)
        await waitAtMost(system, { work: mirrors.passed(), leftMs: SETTLE_MS });
    },
    close: async () => {
      const jobs = [node, lease, ...watches, mirrors, sender, certificates];
      await Promise.all(jobs.map((job) => job?.close()));
    },
    state: () => ({
      nodeRegistered: node.uid() !== undefined,
      lastError: link.problem() ?? node.problem(),
    }),
  };
}
