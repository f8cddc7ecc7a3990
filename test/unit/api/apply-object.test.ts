import { afterEach, beforeEach, expect, test } from "vitest";
import { applyObject } from "../../../src/api/apply-object.ts";
import { createApiClient } from "../../../src/api/create-api-client.ts";
import { markNode } from "../../../src/api/mark-node.ts";
import { buildBootstrapRbac, buildClusterAdminsBinding } from "../../../src/api/objects/bootstrap-rbac.ts";
import type { ApiClient, KubeObject } from "../../../src/api/types.ts";
import { parseFailedChecks, waitForPath } from "../../../src/api/wait-for-path.ts";
import { createNet } from "../../../src/system/net.ts";
import { type FakeApiServer, startFakeApiServer } from "../../support/fake-api-server.ts";

const BINDING_PATH = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubeadm:cluster-admins";
const NODE_PATH = "/api/v1/nodes/n1";

let server: FakeApiServer;
let client: ApiClient;

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createApiClient({ net: createNet() }, { credentials: server.credentials });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

/** Time that passes only by sleeping. */
function createStepClock() {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
}

function apply(object: KubeObject, timeoutMs = 1000) {
  return applyObject({ clock: createStepClock() }, { client, object, timeoutMs });
}

test("an object that is not there is created", async () => {
  expect(await apply(buildClusterAdminsBinding())).toBe("created");
  expect(server.get(BINDING_PATH)).toMatchObject({ roleRef: { name: "cluster-admin" } });
});

test("applying twice changes nothing", async () => {
  await apply(buildClusterAdminsBinding());
  expect(await apply(buildClusterAdminsBinding())).toBe("unchanged");
});

test("an object that lacks something of ours is replaced", async () => {
  server.put(BINDING_PATH, { ...buildClusterAdminsBinding(), subjects: [] });
  server.intercept = (request) =>
    request.method === "POST" ? { status: 409, body: { reason: "AlreadyExists" } } : undefined;
  expect(await apply(buildClusterAdminsBinding())).toBe("updated");
});

test("a Service that is called invalid, for its address is taken, may be there already", async () => {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-dns", namespace: "kube-system" },
    spec: { clusterIP: "10.96.0.10" },
  };
  const invalid = { status: 422, body: { reason: "Invalid", message: "provided IP is already allocated" } };
  server.intercept = (request) => (request.method === "POST" ? invalid : undefined);
  await expect(apply(service)).rejects.toMatchObject({ why: expect.stringContaining("already allocated") });
  server.put("/api/v1/namespaces/kube-system/services/kube-dns", service);
  expect(await apply(service)).toBe("unchanged");
});

test("a server that is still starting is asked again", async () => {
  let answers = 0;
  server.intercept = () => (++answers < 4 ? { status: answers === 1 ? 403 : 503, body: {} } : undefined);
  expect(await apply(buildClusterAdminsBinding())).toBe("created");
});

test("an invalid object is refused at once with the server's message", async () => {
  server.intercept = () => ({ status: 422, body: { reason: "Invalid", message: "roleRef: immutable" } });
  await expect(apply(buildClusterAdminsBinding())).rejects.toMatchObject({
    code: "SLIPWAY_API_REQUEST",
    what: "cannot apply ClusterRoleBinding kubeadm:cluster-admins",
    why: "the API server answered 422 Invalid: roleRef: immutable",
  });
  expect(server.requests).toHaveLength(1);
});

test("a lasting refusal is reported when the time is over", async () => {
  server.intercept = () => ({ status: 403, body: { reason: "Forbidden", message: "no" } });
  await expect(apply(buildClusterAdminsBinding())).rejects.toMatchObject({
    code: "SLIPWAY_API_REQUEST",
    why: "the API server answered 403 Forbidden: no",
  });
});

test("the API server's kubelet client gets a binding from 1.36 on", () => {
  const names = (kubernetesVersion: string) =>
    buildBootstrapRbac({ kubernetesVersion }).map((object) => object.metadata.name);
  expect(names("v1.36.3")).toContain("kubeadm:apiserver-kubelet-client");
  expect(names("v1.35.4")).not.toContain("kubeadm:apiserver-kubelet-client");
});

test("waiting ends when the path answers 200", async () => {
  const seen: string[] = [];
  let answers = 0;
  server.intercept = () =>
    ++answers < 3
      ? { status: 500, body: "[+]ping ok\n[-]etcd failed: reason withheld\n" }
      : { status: 200, body: "ok" };
  await waitForPath(
    { clock: createStepClock() },
    {
      client,
      path: "/readyz",
      timeoutMs: 1000,
      onProgress: (saw) => seen.push(saw),
    },
  );
  expect(seen).toEqual(["failing checks: etcd"]);
});

test("waiting in vain says what it last saw", async () => {
  await server.stop();
  const wait = waitForPath({ clock: createStepClock() }, { client, path: "/readyz", timeoutMs: 200 });
  await expect(wait).rejects.toMatchObject({
    code: "SLIPWAY_WAIT_TIMEOUT",
    why: expect.stringContaining("nothing listens there"),
  });
});

test("the failing checks of readyz are named", () => {
  const text = "[+]ping ok\n[-]etcd failed: x\n[-]poststarthook/a failed: y\n";
  expect(parseFailedChecks(text)).toEqual(["etcd", "poststarthook/a"]);
});

const mark = () =>
  markNode(
    { clock: createStepClock() },
    {
      client,
      nodeName: "n1",
      taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
      timeoutMs: 500,
      labels: { "node-role.kubernetes.io/control-plane": "" },
    },
  );

test("a node is labelled, and its own taints stay", async () => {
  server.put(NODE_PATH, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "n1", labels: { "kubernetes.io/hostname": "n1" } },
    spec: { taints: [{ key: "other", effect: "NoSchedule" }] },
  });
  await mark();
  await mark();
  expect(server.get(NODE_PATH)).toMatchObject({
    metadata: { labels: { "node-role.kubernetes.io/control-plane": "" } },
    spec: {
      taints: [
        { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
        { key: "other", effect: "NoSchedule" },
      ],
    },
  });
  expect(server.requests.filter((request) => request.method === "PATCH")).toHaveLength(1);
});

test("a node that never appears is a timeout that says so", async () => {
  await expect(mark()).rejects.toMatchObject({
    code: "SLIPWAY_WAIT_TIMEOUT",
    why: expect.stringContaining("not found"),
  });
});
