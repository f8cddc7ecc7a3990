import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";

interface Mirror {
  readonly metadata: {
    readonly uid: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    }[];
  };
  readonly spec: {
    readonly activeDeadlineSeconds?: number;
    readonly containers: readonly { readonly image: string }[];
    readonly initContainers?: readonly { readonly image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly observedGeneration?: number;
    readonly conditions: readonly { readonly type: string; readonly observedGeneration?: number }[];
    readonly containerStatuses: readonly {
      readonly containerID: string;
      readonly ready: boolean;
      readonly restartCount: number;
    }[];
  };
}

let plane: TestPlane;

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
  await write("web", pod("web"));
  await write("other", pod("other"));
  // What the garbage collector of pods takes away, see the last test.
  await plane.kubectl(
    ...["run", "orphan", "--image=x"],
    `--overrides=${JSON.stringify({ spec: { nodeName: "no-such-node" } })}`,
  );
});
afterAll(async () => {
  for (const name of ["web", "other", "late"]) await rm(manifestPath(name), { force: true });
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
  await write("web", pod("web", change));
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
  await write("other", pod("other"));
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

test("while the API server is down pods go on and follow their manifests, and all is shown when it is back", async () => {
  const manifest = manifestPath("kube-apiserver");
  const [web, other] = [await pidOf("web"), await pidOf("other")];
  await rename(manifest, join(plane.dir, "kube-apiserver.yaml"));
  await expect.poll(() => plane.kubectl("get", "--raw", "/livez").catch(() => "down")).toBe("down");
  await expect.poll(() => pidOf("kube-apiserver", "kube-system")).toBeUndefined();
  expect([await pidOf("web"), await pidOf("other")]).toEqual([web, other]);
  process.kill(Number(other), "SIGKILL");
  await write("web", pod("web", { image: "local/web:3" }));
  await write("late", pod("late"));
  await expect.poll(async () => (await pidOf("other")) ?? other).not.toBe(other);
  await expect.poll(async () => (await pidOf("web")) ?? web).not.toBe(web);
  await expect.poll(() => pidOf("late")).toBeDefined();
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

function uids(): Promise<string> {
  const path = "jsonpath={.items[*].metadata.uid}";
  return plane.kubectl("get", "pods", "-A", "--field-selector", "spec.nodeName=node-a", "-o", path);
}

/** All generations that a mirror tells: its own, and what its status and conditions say to have observed. */
function generations(found: Mirror | undefined): readonly (number | undefined)[] {
  const observed = [found?.status, ...(found?.status.conditions ?? [])].map(
    (one) => one?.observedGeneration ?? 0,
  );
  return [found?.metadata.generation, ...observed.filter((generation) => generation !== 0)];
}

async function mirror(name: string): Promise<Mirror | undefined> {
  const text = await plane.kubectl("get", "pod", `${name}-node-a`, "--ignore-not-found", "-o", "json");
  return text === "" ? undefined : JSON.parse(text);
}

/** A mirror whose status has reached the API, so that nothing of ours is under way. */
async function settledMirror(name: string): Promise<Mirror | undefined> {
  await expect.poll(async () => (await mirror(name))?.status.phase).toBe("Running");
  return mirror(name);
}

async function pidOf(name: string, namespace = "default"): Promise<number | undefined> {
  const { items } = JSON.parse(succeed(await plane.slipway("ps", "-o", "json")));
  const found = items.find(
    ({ pod: { metadata } }: { pod: { metadata: { name: string; namespace: string } } }) =>
      metadata.name === `${name}-node-a` && metadata.namespace === namespace,
  );
  return found?.containers.at(-1)?.pid;
}

const manifestPath = (name: string): string => plane.path(`etc/kubernetes/manifests/${name}.yaml`);

function write(name: string, text: string): Promise<void> {
  return writeFile(manifestPath(name), text);
}

function pod(
  name: string,
  change: { readonly image?: string; readonly init?: string; readonly activeDeadlineSeconds?: number } = {},
): string {
  const { image = "local/web:1", init = "local/init:1", activeDeadlineSeconds } = change;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
      initContainers: [{ name: "init", image: init, command: ["true"] }],
      containers: [{ name: "main", image, command: ["sleep", "100000"] }],
    },
  });
}
