import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { conditionsOf, createMirrorTrial, formatPod, generations } from "../support/mirror-trial.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { prepareStandalone } from "../support/standalone.ts";

const ENVIRONMENT = { command: ["sh", "-c", "env; exec sleep 100000"] };

let plane: TestPlane;
let etcdPid: number | undefined;

const { manifestPath, mirror, pidOf, said, settledMirror, uids, write } = createMirrorTrial(() => plane);

beforeAll(async () => {
  plane = await preparePlane();
  await plane.editConfig((text) =>
    text.replace(
      "nodeRegistration: { name: node-a }",
      `nodeRegistration:
  name: node-a
  kubeletExtraArgs:
  - { name: node-labels, value: "rack=7,topology.kubernetes.io/zone=z1" }
  - { name: register-with-taints, value: "example.com/own=yes:PreferNoSchedule" }`,
    ),
  );
  succeed(await plane.init());
  etcdPid = await pidOf("etcd", "kube-system");
  await write("web", formatPod("web"));
  await write("other", formatPod("other"));
  // What the garbage collector of pods takes away, see the last test.
  await plane.kubectl(
    ...["run", "orphan", "--image=x"],
    `--overrides=${JSON.stringify({ spec: { nodeName: "no-such-node" } })}`,
  );
});
afterAll(async () => {
  for (const name of ["web", "other", "late", "linked", "apart"])
    await rm(manifestPath(name), { force: true });
  await plane.destroy();
});

test("the Node has its Lease, addresses, capacity and conditions, and the labels and taints of the kubelet's arguments", async () => {
  const node = JSON.parse(await plane.kubectl("get", "node", "node-a", "-o", "json"));
  expect(node.metadata.labels).toMatchObject({ rack: "7", "topology.kubernetes.io/zone": "z1" });
  expect(node.spec.taints).toContainEqual({
    key: "example.com/own",
    value: "yes",
    effect: "PreferNoSchedule",
  });
  expect(node.spec.taints).toContainEqual({ key: "slipway.dev/host-runtime", effect: "NoSchedule" });
  expect(node.status.addresses).toContainEqual({ type: "InternalIP", address: "127.0.0.1" });
  expect(node.status.capacity).toMatchObject({ pods: "110", memory: expect.stringMatching(/^\d+[KM]i$/) });
  const conditions = node.status.conditions.map(
    (one: { type: string; status: string }) => `${one.type} ${one.status}`,
  );
  expect(conditions).toEqual([
    "MemoryPressure False",
    "DiskPressure False",
    "PIDPressure False",
    "Ready True",
  ]);
  const lease = JSON.parse(
    await plane.kubectl("get", "lease", "-n", "kube-node-lease", "node-a", "-o", "json"),
  );
  expect(lease.spec.holderIdentity).toBe("node-a");
  expect(Date.now() - Date.parse(lease.spec.renewTime)).toBeLessThan(40_000);
});

test("a mirror belongs to the Node, is of generation 1 and observes none, as the kubelet's", async () => {
  await expect.poll(async () => (await mirror("web"))?.status.phase).toBe("Running");
  const found = await mirror("web");
  const uid = await plane.kubectl("get", "node", "node-a", "-o", "jsonpath={.metadata.uid}");
  expect(found?.metadata.ownerReferences).toEqual([
    expect.objectContaining({ kind: "Node", name: "node-a", uid }),
  ]);
  expect(generations(found)).toEqual([1]);
});

test.each([
  ["activeDeadlineSeconds", { activeDeadlineSeconds: 3000 }],
  ["the image of the container", { image: "local/web:2" }],
  ["the image of an init container", { init: "local/init:2" }],
] as const)("an edit of %s in the manifest is a new mirror with that, of generation 1", async (_, change) => {
  const before = await mirror("web");
  await write("web", formatPod("web", change));
  await expect
    .poll(async () => (await mirror("web"))?.metadata.uid ?? before?.metadata.uid)
    .not.toBe(before?.metadata.uid);
  await expect.poll(async () => (await mirror("web"))?.status.phase).toBe("Running");
  const after = await mirror("web");
  expect(after?.metadata.annotations["kubernetes.io/config.hash"]).not.toBe(
    before?.metadata.annotations["kubernetes.io/config.hash"],
  );
  expect({
    activeDeadlineSeconds: after?.spec.activeDeadlineSeconds,
    image: after?.spec.containers[0]?.image,
    init: after?.spec.initContainers?.[0]?.image,
  }).toMatchObject(change);
  expect(generations(after)).toEqual([1]);
});

test("a file that is removed and put back is another process, and its mirror shows that", async () => {
  const containerOf = async () => (await settledMirror("other"))?.status.containerStatuses[0];
  const [pid, before] = [await pidOf("other"), await containerOf()];
  await rm(manifestPath("other"));
  // Only then is it a removal: what is put back before anybody has looked has never been away.
  await expect.poll(() => pidOf("other")).toBeUndefined();
  await write("other", formatPod("other"));
  await expect.poll(async () => (await pidOf("other")) ?? pid).not.toBe(pid);
  await expect.poll(async () => (await containerOf())?.containerID).not.toBe(before?.containerID);
  await expect.poll(async () => (await containerOf())?.ready).toBe(true);
});

test("what a user changes in a mirror's metadata or spec is undone by a new one, and the process goes on", async () => {
  const pid = await pidOf("web");
  const edits = [
    ["label", "pod", "web-node-a", "mine=yes"],
    ["annotate", "pod", "web-node-a", "kubernetes.io/config.mirror-", "--overwrite"],
    ["set", "image", "pod/web-node-a", "main=evil/image:1"],
  ];
  for (const edit of edits) {
    const before = await settledMirror("web");
    await plane.kubectl(...edit).catch(() => undefined);
    await expect
      .poll(async () => {
        const now = await mirror("web");
        return [now?.metadata.labels, now?.spec.containers[0]?.image, now?.metadata.generation];
      })
      .toEqual([before?.metadata.labels, before?.spec.containers[0]?.image, 1]);
  }
  expect(await pidOf("web")).toBe(pid);
});

test("a Node that is deleted comes back, and the mirrors with it", async () => {
  const [pid, before] = [
    await pidOf("web"),
    await plane.kubectl("get", "node", "node-a", "-o", "jsonpath={.metadata.uid}"),
  ];
  await plane.kubectl("delete", "node", "node-a");
  const owner = async (): Promise<string | undefined> =>
    (await mirror("web"))?.metadata.ownerReferences[0]?.uid;
  await expect.poll(async () => (await owner()) ?? before).not.toBe(before);
  await expect.poll(async () => (await mirror("web"))?.status.phase).toBe("Running");
  expect(await pidOf("web")).toBe(pid);
});

test("events of the pods are in the API", async () => {
  const reasons = (): Promise<string> =>
    plane.kubectl(
      ...["get", "events", "-n", "default", "--field-selector", "involvedObject.name=web-node-a"],
      ...["-o", "jsonpath={.items[*].reason}"],
    );
  await expect.poll(reasons).toContain("Started");
  expect(await reasons()).toContain("Killing");
});

test("a container that starts is told of the Services that are known then, and none is restarted for them", async () => {
  await plane.kubectl("create", "service", "clusterip", "shop", "--tcp=80:8080");
  await plane.kubectl("create", "service", "clusterip", "elsewhere", "--tcp=80:8080", "-n", "kube-system");
  const known = (): Promise<string> => readFile(plane.path("var/lib/slipway/services.json"), "utf8");
  await expect.poll(() => known().catch(() => "")).toMatch(/shop.*elsewhere|elsewhere.*shop/);
  await write("linked", formatPod("linked", ENVIRONMENT));
  await write("apart", formatPod("apart", { ...ENVIRONMENT, enableServiceLinks: false }));
  await expect.poll(() => said("linked")).toContain("SHOP_PORT_80_TCP_PROTO=tcp");
  const address = await plane.kubectl("get", "service", "shop", "-o", "jsonpath={.spec.clusterIP}");
  const linked = await said("linked");
  expect(linked).toContain(`SHOP_SERVICE_HOST=${address}\n`);
  expect(linked).toContain("KUBERNETES_SERVICE_HOST=10.96.0.1\n");
  expect(linked).not.toContain("ELSEWHERE");
  await expect.poll(() => said("apart")).toContain("KUBERNETES_SERVICE_PORT=443\n");
  expect(await said("apart")).not.toContain("SHOP");
  // etcd started before there was an API server to ask.
  expect(await pidOf("etcd", "kube-system")).toBe(etcdPid);
  expect(await readFile(`/proc/${etcdPid}/environ`, "utf8")).not.toContain("KUBERNETES_SERVICE");
  for (const name of ["linked", "apart"]) await rm(manifestPath(name));
  await expect.poll(() => pidOf("linked")).toBeUndefined();
});

test("a pod that ended with its machine has failed in the kubelet's words until it runs again, and its Node is not ready", async () => {
  const user = ["--client-name=system:node:node-b", "--org=system:nodes"];
  const machine = await prepareStandalone();
  await machine.write("kubeconfig", succeed(await plane.slipway("kubeconfig", "user", ...user)));
  await machine.write(
    "config.yaml",
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nenableServer: false\nhealthzPort: 0\n",
  );
  await machine.write("manifests/far.yaml", formatPod("far"));
  const flags = ["--config=config.yaml", "--kubeconfig=kubeconfig", "--pod-manifest-path=manifests"];
  machine.run(...flags, "--hostname-override=node-b");
  const ask = async (kind: string, name: string) =>
    JSON.parse(
      await plane.kubectl("get", kind, name, "--ignore-not-found", "-o", "json").then((text) => text || "{}"),
    );
  const phase = async (): Promise<string> => (await ask("pod", "far-node-b")).status?.phase;
  await expect.poll(phase).toBe("Running");
  succeed(await machine.slipway("runner", "stop", "--pods"));
  const message = "Pod was terminated in response to imminent node shutdown.";
  const { status } = await ask("pod", "far-node-b");
  expect(status).toMatchObject({ phase: "Failed", reason: "Terminated", message });
  expect(status.containerStatuses).toMatchObject([
    { ready: false, state: { terminated: { exitCode: 143 } } },
  ]);
  expect(conditionsOf(status)).toMatchObject({
    Ready: "False PodFailed",
    DisruptionTarget: "True TerminationByKubelet",
  });
  expect(conditionsOf((await ask("node", "node-b")).status)).toMatchObject({
    Ready: "False KubeletNotReady",
  });
  machine.run(...flags, "--hostname-override=node-b");
  await expect.poll(phase).toBe("Running");
  const again = (await ask("pod", "far-node-b")).status;
  expect([again.reason, conditionsOf(again)["DisruptionTarget"]]).toEqual([undefined, undefined]);
  await rm(join(machine.dir, "manifests/far.yaml"));
  await expect.poll(phase).toBeUndefined();
  await machine.destroy();
  await plane.kubectl("delete", "node", "node-b");
});

test("while the API server is down pods go on and follow their manifests, and all is shown when it is back", async () => {
  const manifest = manifestPath("kube-apiserver");
  const [web, other] = [await pidOf("web"), await pidOf("other")];
  await rename(manifest, join(plane.dir, "kube-apiserver.yaml"));
  await expect.poll(() => plane.kubectl("get", "--raw", "/livez").catch(() => "down")).toBe("down");
  await expect.poll(() => pidOf("kube-apiserver", "kube-system")).toBeUndefined();
  expect([await pidOf("web"), await pidOf("other")]).toEqual([web, other]);
  process.kill(Number(other), "SIGKILL");
  await write("web", formatPod("web", { image: "local/web:3" }));
  succeed(await plane.slipway("runner", "restart"));
  await write("late", formatPod("late", ENVIRONMENT));
  await expect.poll(async () => (await pidOf("other")) ?? other).not.toBe(other);
  await expect.poll(async () => (await pidOf("web")) ?? web).not.toBe(web);
  await expect.poll(() => pidOf("late")).toBeDefined();
  // A runner that cannot ask knows what the one before it knew.
  await expect.poll(() => said("late")).toContain("SHOP_SERVICE_PORT=80\n");
  const pids = [await pidOf("web"), await pidOf("other"), await pidOf("late")];
  await rename(join(plane.dir, "kube-apiserver.yaml"), manifest);
  await expect
    .poll(async () => (await mirror("web").catch(() => undefined))?.spec.containers[0]?.image, {
      timeout: 60_000,
    })
    .toBe("local/web:3");
  await expect.poll(async () => (await mirror("late"))?.status.phase).toBe("Running");
  await expect.poll(async () => (await mirror("other"))?.status.containerStatuses[0]?.restartCount).toBe(1);
  expect([await pidOf("web"), await pidOf("other"), await pidOf("late")]).toEqual(pids);
  await rm(manifestPath("late"));
  await expect.poll(() => mirror("late")).toBeUndefined();
});

// Over 60 s: the collector looks every 20 s and takes a pod whose node is missing only when it has been so for 40 s.
// Source: pkg/controller/podgc/gc_controller.go gcCheckPeriod, quarantineTime.
test("the garbage collector of pods has looked, and every mirror is still there", async () => {
  const before = await uids();
  await expect
    .poll(() => plane.kubectl("get", "pods", "orphan", "--ignore-not-found", "-o", "name"), {
      timeout: 110_000,
      interval: 1000,
    })
    .toBe("");
  expect(before.split(" ").length).toBe(6);
  expect(await uids()).toBe(before);
});
