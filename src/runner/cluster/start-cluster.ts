import { createApiClient } from "../../api/create-api-client.ts";
import type { System } from "../../system/system.ts";
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

/** The half of a runner that talks to the cluster. */
export interface Cluster {
  /** Stops all jobs and servers. Node, Lease and mirrors stay. With `pods` these end, too: the Node is not ready then. */
  close(options: { readonly pods: boolean }): Promise<void>;
  state(): { readonly nodeRegistered: boolean; readonly lastError: string | undefined };
}

/** What the cluster half is given. */
export interface ClusterOptions {
  readonly options: RunnerOptions;
  readonly store: PodStore;
  readonly events: EventRecorder;
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
    return { close: server.close, state: () => ({ nodeRegistered: false, lastError: undefined }) };
  }
  const client = createApiClient(system, { credentials: options.credentials });
  const link = createApiLink(system, client);
  const server = startKubeletServer(system, { ...cluster, link });
  const jobs = startJobs(system, { ...cluster, link });
  return {
    close: async (options) => {
      await Promise.all([server.close(), jobs.close(options)]);
      client.close();
    },
    state: jobs.state,
  };
}

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
    for (const job of [lease, watch, mirrors, sender]) job.wake();
  };
  link.onDown(watch.restart);
  link.onUp(() => {
    node.wake();
    wakeAll();
  });
  const holdWatch = (): void => watch.hold(isApiServerEnding(store.list()));
  events.onRecord(holdWatch);
  store.onChange(() => {
    holdWatch();
    mirrors.wake();
    // Perhaps it is the API server that came up; then the Node need not wait for its back-off.
    if (node.uid() === undefined || link.problem() !== undefined) node.wake();
  });
  return {
    close: async ({ pods }) => {
      const others = [lease, watch, mirrors, sender, certificates].map((job) => job?.close());
      await Promise.all([pods ? node.leave() : node.close(), ...others]);
    },
    state: () => ({
      nodeRegistered: node.uid() !== undefined,
      lastError: link.problem() ?? node.problem(),
    }),
  };
}
