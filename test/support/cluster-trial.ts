import { afterEach, beforeEach, vi } from "vitest";
import { type Cluster, startCluster } from "../../src/runner/cluster/start-cluster.ts";
import { NO_SERVICES, type ServiceFacts } from "../../src/runner/services/known-services.ts";
import type { Clock } from "../../src/system/clock.ts";
import { createSystem } from "../../src/system/create-system.ts";
import type { LogFields } from "../../src/system/log.ts";
import {
  buildKubeletConfiguration,
  buildPod,
  buildReport,
  buildRunnerOptions,
  createFakeEventRecorder,
  createFakePodStore,
} from "./cluster-values.ts";
import { type FakeApiServer, startFakeApiServer } from "./fake-api-server.ts";

/** Where the API has what the trial's runner keeps. */
export const NODE = "/api/v1/nodes/n1";
export const MIRROR = "/api/v1/namespaces/kube-system/pods/web-n1";
export const LEASE = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1";

/** Asks again until it holds. */
export const until = <T>(check: () => T) => vi.waitFor(check, { timeout: 4000, interval: 5 });

/**
 * For a file of tests: a runner's part in a cluster, with the pod web-n1 and a fake API server. Call it once, at the top
 * of the file.
 */
export function createClusterTrial() {
  let server: FakeApiServer;
  let cluster: Cluster;
  let store: ReturnType<typeof createFakePodStore>;
  let events: ReturnType<typeof createFakeEventRecorder>;
  let logged: string[];
  let labels: Readonly<Record<string, string>>;
  let toldServices: (readonly ServiceFacts[])[];

  beforeEach(async () => {
    server = await startFakeApiServer();
    store = createFakePodStore([buildReport(buildPod())]);
    events = createFakeEventRecorder();
    logged = [];
    labels = {};
    toldServices = [];
  });
  afterEach(async () => {
    await cluster.close();
    await server.stop();
  });

  const log = (message: string, fields?: LogFields): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const system = createSystem({ log: { error: log, warn: log, info: log, debug: () => undefined } });
  return {
    server: () => server,
    cluster: () => cluster,
    store: () => store,
    events: () => events,
    logged: () => logged,
    /** The node's labels, as they were told. */
    labels: () => labels,
    /** The Services, each time that they were told. */
    toldServices: () => toldServices,
    start: async (
      kubelet: Parameters<typeof buildKubeletConfiguration>[0] = {},
      clock: Clock = system.clock,
    ): Promise<void> => {
      const options = buildRunnerOptions({
        credentials: async () => server.credentials,
        kubelet: buildKubeletConfiguration({ nodeStatusUpdateFrequencyMs: 60, ...kubelet }),
        nodeLabels: { rack: "7" },
      });
      const onLabels = (found: typeof labels): void => {
        labels = found;
      };
      const services = {
        ...NO_SERVICES,
        replace: (all: readonly ServiceFacts[]) => void toldServices.push(all),
      };
      cluster = await startCluster({ ...system, clock }, { options, store, events, services, onLabels });
    },
  };
}
