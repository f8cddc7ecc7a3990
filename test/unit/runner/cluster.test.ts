import { expect, test, vi } from "vitest";
import { createClusterTrial, LEASE, MIRROR, NODE, until } from "../../support/cluster-trial.ts";
import { buildPod, buildReport } from "../../support/cluster-values.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const { server, cluster, store, events, logged, labels, toldServices, start } = createClusterTrial();

test("the node is registered with labels, the taint of the host runtime, and a ready status", async () => {
  await start({ registerWithTaints: [{ key: "mine", effect: "NoExecute" }] });
  await until(() => expect(cluster().state()).toEqual({ nodeRegistered: true, lastError: undefined }));
  expect(server().get(NODE)).toMatchObject({
    metadata: { labels: { rack: "7", "kubernetes.io/hostname": "n1", "kubernetes.io/os": "linux" } },
    spec: {
      taints: [
        { key: "mine", effect: "NoExecute" },
        { key: "slipway.dev/host-runtime", effect: "NoSchedule" },
      ],
    },
    status: {
      addresses: [
        { type: "InternalIP", address: "192.0.2.10" },
        { type: "Hostname", address: "n1" },
      ],
      nodeInfo: { containerRuntimeVersion: "slipway://0.1.0", kubeletVersion: "v1.37.2" },
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    },
  });
  expect(server().get(NODE)).toHaveProperty(
    "status.conditions",
    ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map((type) =>
      expect.objectContaining({ type }),
    ),
  );
});

test("a node whose pods are stopped with its runner is not ready, with the kubelet's words", async () => {
  await start();
  await until(() => expect(cluster().state().nodeRegistered).toBe(true));
  await cluster().leave();
  expect(server().get(NODE)).toHaveProperty(
    "status.conditions",
    expect.arrayContaining([
      expect.objectContaining({
        ...{ type: "Ready", status: "False" },
        ...{ reason: "KubeletNotReady", message: "node is shutting down" },
      }),
    ]),
  );
});

test("the labels that a node has are told, also those that a user added", async () => {
  await start();
  await until(() => expect(labels()).toMatchObject({ rack: "7" }));
  const node = server().get(NODE);
  const metadata = { name: "n1", ...node?.metadata, labels: { ...node?.metadata.labels, zone: "a" } };
  server().put(NODE, { ...node, apiVersion: "v1", kind: "Node", metadata });
  await until(() => expect(labels()).toMatchObject({ rack: "7", zone: "a" }));
});

test("a steady node costs no writes", async () => {
  await start();
  await until(() => expect(server().get(`${MIRROR}`)).toHaveProperty("status.phase", "Running"));
  await until(() => expect(server().get(LEASE)).toBeDefined());
  const writes = () => server().requests.filter((request) => request.method !== "GET").length;
  const before = writes();
  const passes = server().requests.length;
  await until(() => expect(server().requests.length).toBeGreaterThan(passes + 2));
  expect(writes()).toBe(before);
});

test("a node condition that somebody else overwrote is put right", async () => {
  await start();
  await until(() => expect(cluster().state().nodeRegistered).toBe(true));
  const node = server().get(NODE);
  server().put(NODE, {
    ...node,
    apiVersion: "v1",
    kind: "Node",
    metadata: node?.metadata ?? { name: "n1" },
    status: { conditions: [{ type: "Ready", status: "Unknown" }] },
  });
  await until(() =>
    expect(server().get(NODE)).toHaveProperty(
      "status.conditions",
      expect.arrayContaining([expect.objectContaining({ type: "Ready", status: "True" })]),
    ),
  );
});

test("a node that is deleted is registered again, and its mirrors get the new owner", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  const first = server().get(NODE)?.metadata.uid;
  server().remove(NODE);
  await until(() => expect(server().get(NODE)?.metadata.uid ?? first).not.toBe(first));
  await until(() =>
    expect(server().get(MIRROR)?.metadata.ownerReferences?.[0]?.["uid"]).toBe(
      server().get(NODE)?.metadata.uid,
    ),
  );
});

test("a mirror that is refused for want of the node has the node registered at once", async () => {
  await start({ nodeStatusUpdateFrequencyMs: 600_000 });
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  server().intercept = ({ method, path }) =>
    method === "POST" && path.endsWith("/pods") && server().get(NODE) === undefined
      ? { status: 404, body: { kind: "Status", reason: "NotFound", details: { name: "n1", kind: "node" } } }
      : undefined;
  server().remove(NODE);
  server().remove(MIRROR);
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  expect(logged().filter((line) => line.startsWith("the API refuses the mirror"))).toEqual([]);
});

test("the lease names the node as holder", async () => {
  await start();
  await until(() =>
    expect(server().get(LEASE)).toMatchObject({
      spec: {
        holderIdentity: "n1",
        leaseDurationSeconds: 40,
        renewTime: expect.stringMatching(/\.\d{6}Z$/),
      },
    }),
  );
});

test("an API server that is down is one log line, and all is caught up when it is back", async () => {
  await server().stop();
  await start();
  await until(() => expect(cluster().state().lastError).toContain("nothing listens there"));
  await server().start();
  store().set([buildReport(buildPod())]);
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  expect(logged().map((line) => line.split(" {")[0])).toEqual([
    "the API server cannot be reached; pods run on",
    "the API server answers undefined",
    "the Node is registered",
  ]);
});

test("an API server that is down for an hour changes nothing, is told once, and all is right afterwards", async () => {
  const clock = createFakeClock();
  await start({}, clock);
  const step = async (): Promise<void> => {
    await clock.advance(10_000);
    // What was begun goes over a real network, which knows nothing of this clock.
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const untilSteps = (check: () => void) =>
    vi.waitFor(
      async () => {
        await step();
        check();
      },
      { timeout: 10_000, interval: 1 },
    );
  await untilSteps(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  await server().stop();
  const before = store().list();
  for (let count = 0; count < 360; count += 1) await step();
  expect(store().list()).toEqual(before);
  expect(logged().filter((line) => line.includes("cannot be reached"))).toHaveLength(1);
  server().remove(MIRROR);
  await server().start();
  store().set([buildReport(buildPod({ hash: "hash-2" }))]);
  await untilSteps(() =>
    expect(server().get(MIRROR)).toMatchObject({
      metadata: { annotations: { "kubernetes.io/config.mirror": "hash-2" } },
      status: { phase: "Running" },
    }),
  );
}, 60_000);

test("a node stays registered while the API server is away", async () => {
  await start();
  await until(() => expect(server().get(LEASE)).toBeDefined());
  await server().stop();
  await until(() => expect(cluster().state().lastError).toBeDefined());
  expect(cluster().state().nodeRegistered).toBe(true);
  await server().start();
  store().set([]);
  await until(() => expect(server().get(MIRROR)).toBeUndefined());
  expect(logged().filter((line) => line.startsWith("the Node is registered"))).toHaveLength(1);
});

test("the Services of the cluster are told, with what a container is told of them, and each change", async () => {
  const path = "/api/v1/namespaces/default/services/web";
  const port = { name: "http", protocol: "TCP", port: 80 };
  const spec = { clusterIP: "10.96.0.7", ports: [{ ...port, targetPort: 8080 }], selector: { app: "web" } };
  const metadata = { name: "web", namespace: "default" };
  const service = { apiVersion: "v1", kind: "Service", metadata, spec };
  server().put(path, service);
  await start();
  const facts = { name: "web", namespace: "default", clusterIP: "10.96.0.7", ports: [port] };
  await until(() => expect(toldServices().at(-1)).toEqual([facts]));
  await until(() => expect(server().watches()).toBe(2));
  server().put(path, { ...service, spec: { ...spec, clusterIP: "None" } });
  await until(() => expect(toldServices().at(-1)).toEqual([{ ...facts, clusterIP: "None" }]));
  server().remove(path);
  await until(() => expect(toldServices().at(-1)).toEqual([]));
});

test("an API server that ends with the machine holds nothing up, and is no news", async () => {
  await start();
  await until(() => expect(cluster().state().nodeRegistered).toBe(true));
  const before = logged().length;
  await cluster().leave();
  await server().stop();
  store().set([buildReport(buildPod({ status: { phase: "Failed" } }))]);
  await cluster().settle();
  expect(logged().slice(before)).toEqual([]);
  await server().start();
});

test("events go to the API about the static pod's own UID, and repetitions raise the count", async () => {
  await start();
  await until(() => expect(cluster().state().nodeRegistered).toBe(true));
  const event = {
    at: "2026-11-22T17:00:00Z",
    type: "Warning",
    reason: "BackOff",
    message: "again",
    pod: "web-n1",
    namespace: "kube-system",
    container: "web",
    count: 1,
  } as const;
  events().emit(event);
  events().emit({ ...event, count: 2 });
  const isEvent = (method: string) =>
    server().requests.find((request) => request.method === method && request.path.includes("/events"));
  await until(() => expect(isEvent("PATCH")?.body).toMatchObject({ count: 2 }));
  expect(isEvent("POST")?.body).toMatchObject({
    involvedObject: { kind: "Pod", name: "web-n1", uid: "hash-1", fieldPath: "spec.containers{web}" },
    reason: "BackOff",
    count: 1,
  });
});
