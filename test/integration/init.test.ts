import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measureCovered } from "../../src/commands/init/timings.ts";
import { findKubectl, type Outcome, preparePlane, type TestPlane } from "../support/plane.ts";

const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

let plane: TestPlane;
let init: Outcome;
let statusAtReturn: Outcome;
let objectsAtReturn: string;

beforeAll(async () => {
  plane = await preparePlane();
  init = await plane.init("--timings");
  statusAtReturn = await plane.slipway("status", "-o", "json");
  objectsAtReturn = await plane
    .kubectl(
      ...["get", "-o", "name", "-n", "default"],
      ...["namespace/default", "service/kubernetes", "configmap/kube-root-ca.crt", "serviceaccount/default"],
    )
    .catch(String);
});
afterAll(() => plane.destroy());

test("init says at its end where the API server is and how to use, see and undo it", async () => {
  expect(init).toMatchObject({ exitCode: 0 });
  expect(init.stdout).toContain(`https://127.0.0.1:${plane.ports.apiServer}`);
  expect(init.stdout).toContain(`export KUBECONFIG=${plane.path("etc/kubernetes/admin.conf")}\n`);
  expect(init.stdout).toContain(`${await findKubectl()} get pods -A\n`);
  expect(init.stdout.trimEnd().split("\n").at(-1)).toBe(`Undo it:  slipway reset --root ${plane.root}`);
});

test("init --timings says of nearly all of its time what it went into", () => {
  const rows = [...init.stderr.matchAll(/^(\d+) ms +(\d+) ms +(\d+) ms +(\S*) +(.+)$/gm)];
  const stretches = rows.map(([, at, took]) => ({ startMs: Number(at), endMs: Number(at) + Number(took) }));
  const [, total, waited] =
    /^(\d+) ms in all, during (\d+) ms of which it waited for a component; CPU of/m.exec(init.stderr) ?? [];
  expect(measureCovered(stretches) / Number(total)).toBeGreaterThan(0.9);
  const waits = rows
    .filter(([, , , , phase]) => phase === "wait-control-plane")
    .map(([, , took]) => Number(took));
  expect(Number(waited)).toBeGreaterThanOrEqual(Math.max(...waits));
  expect(Number(waited)).toBeLessThan(Number(total));
});

test("what every cluster has is there at the moment init returns", () => {
  expect(objectsAtReturn.split("\n")).toEqual([
    "namespace/default",
    "service/kubernetes",
    "configmap/kube-root-ca.crt",
    "serviceaccount/default",
  ]);
});

test("all four components are healthy at the moment init returns", async () => {
  expect(statusAtReturn).toMatchObject({ exitCode: 0 });
  const status = JSON.parse(statusAtReturn.stdout);
  expect(status.healthy).toBe(true);
  expect(status.components).toEqual(
    COMPONENTS.map((name) => expect.objectContaining({ name, ready: true, restarts: 0 })),
  );
  expect(await plane.kubectl("get", "--raw", "/readyz?verbose")).toContain("readyz check passed");
});

test("the administrator is kubernetes-admin of the group that kubeadm gives its rights to", async () => {
  const { status } = JSON.parse(await plane.kubectl("auth", "whoami", "-o", "json"));
  expect(status.userInfo.username).toBe("kubernetes-admin");
  expect(status.userInfo.groups).toContain("kubeadm:cluster-admins");
});

test("a Deployment gets its ReplicaSet and a Pod that waits for a node", async () => {
  await plane.kubectl("create", "namespace", "shop");
  await plane.kubectl("create", "deployment", "web", "--image=example.org/web:1", "-n", "shop");
  const rows = ["-o", "jsonpath={range .items[*]}{.status.phase}{.spec.replicas} {end}"];
  await expect.poll(() => plane.kubectl("get", "pods", "-n", "shop", ...rows)).toBe("Pending ");
  expect(await plane.kubectl("get", "replicasets", "-n", "shop", ...rows)).toBe("1 ");
  await expect
    .poll(() => plane.kubectl("get", "events", "-n", "shop", "-o", "jsonpath={.items[*].reason}"))
    .toContain("FailedScheduling");
});

test("the runner of a healthy init logs no error, and no warning but of what it may not do", async () => {
  const log = await readFile(plane.path("var/log/slipway/runner.log"), "utf8");
  const lines = log.split("\n").filter((line) => /^\S+ (?:error|warn) /.test(line));
  expect(lines.filter((line) => !line.includes("oom_score_adj cannot be lowered here"))).toEqual([]);
  expect(log).toContain("info the Node is registered");
});

test("a token of a ServiceAccount is accepted", async () => {
  const token = await plane.kubectl("create", "token", "default", "-n", "default");
  // Credentials in a kubeconfig win over --token: this call has none.
  const { status } = JSON.parse(
    await plane.kubectl(
      "--kubeconfig=/dev/null",
      `--server=https://127.0.0.1:${plane.ports.apiServer}`,
      `--certificate-authority=${plane.path("etc/kubernetes/pki/ca.crt")}`,
      `--token=${token}`,
      ...["auth", "whoami", "-o", "json"],
    ),
  );
  expect(status.userInfo.username).toBe("system:serviceaccount:default:default");
});

test("the four static pods have their mirrors, running and ready", async () => {
  const table = await plane.kubectl("get", "pods", "-n", "kube-system", "--no-headers");
  const rows = table.split("\n").map((line) => line.split(/\s+/).slice(0, 4));
  expect(rows).toEqual(COMPONENTS.map((name) => [`${name}-node-a`, "1/1", "Running", "0"]));
});

test("kubectl reads a component's log", async () => {
  const log = await plane.kubectl("logs", "-n", "kube-system", "kube-scheduler-node-a");
  expect(log).toContain("Starting Kubernetes Scheduler");
  const { stdout } = await plane.slipway("logs", "kube-scheduler");
  expect(stdout.startsWith(log)).toBe(true);
});

test("the node is ready, labelled as a control plane and closed to ordinary pods", async () => {
  const node = JSON.parse(await plane.kubectl("get", "node", "node-a", "-o", "json"));
  const ready = node.status.conditions.find(({ type }: { type: string }) => type === "Ready");
  expect(ready.status).toBe("True");
  expect(node.metadata.labels).toHaveProperty(["node-role.kubernetes.io/control-plane"], "");
  expect(node.spec.taints).toContainEqual({
    key: "node-role.kubernetes.io/control-plane",
    effect: "NoSchedule",
  });
});
