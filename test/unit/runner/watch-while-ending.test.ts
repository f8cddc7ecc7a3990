import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Cluster, startCluster } from "../../../src/runner/cluster/start-cluster.ts";
import { NO_SERVICES } from "../../../src/runner/services/known-services.ts";
import { createSystem } from "../../../src/system/create-system.ts";
import { buildComponentReport } from "../../support/build-report.ts";
import {
  buildKubeletConfiguration,
  buildRunnerOptions,
  createFakeEventRecorder,
  createFakePodStore,
  type FakePodStore,
} from "../../support/cluster-values.ts";
import { type FakeApiServer, startFakeApiServer } from "../../support/fake-api-server.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

/** Of the pods and of the Services. */
const WATCHES = 2;

let server: FakeApiServer;
let cluster: Cluster;
let store: FakePodStore;

beforeEach(async () => {
  server = await startFakeApiServer();
  store = createFakePodStore([report("kube-apiserver")]);
  const options = buildRunnerOptions({
    credentials: async () => server.credentials,
    kubelet: buildKubeletConfiguration({ nodeStatusUpdateFrequencyMs: 60 }),
  });
  cluster = await startCluster(createSystem({ log: createFakeSystem().log }), {
    onLabels: () => undefined,
    options,
    store,
    events: createFakeEventRecorder(),
    services: NO_SERVICES,
  });
  await vi.waitFor(() => expect(server.watches()).toBe(WATCHES));
});
afterEach(async () => {
  await cluster.close();
  await server.stop();
});

function report(component: string, stopping = false) {
  return buildComponentReport(component, { container: { stopping } });
}

test("no watch is open while the API server of this machine ends, and one is when it has ended", async () => {
  store.set([report("kube-apiserver", true)]);
  await vi.waitFor(() => expect(server.watches()).toBe(0));
  const asked = () => server.requests.filter(({ path }) => path.includes("watch=true")).length;
  const before = asked();
  store.set([report("kube-apiserver", true), report("etcd")]);
  expect(asked()).toBe(before);
  store.set([report("kube-apiserver")]);
  await vi.waitFor(() => expect(server.watches()).toBe(WATCHES));
});

test("another pod's end leaves the watches open", async () => {
  const before = server.requests.filter(({ path }) => path.includes("watch=true"));
  store.set([report("kube-apiserver"), report("kube-scheduler", true)]);
  store.set([report("kube-apiserver")]);
  expect(server.watches()).toBe(WATCHES);
  expect(server.requests.filter(({ path }) => path.includes("watch=true"))).toEqual(before);
});

test("an API server that takes no new connections is let go", async () => {
  server.refuse();
  await vi.waitFor(() => expect(server.watches()).toBe(0), { timeout: 4000 });
});
