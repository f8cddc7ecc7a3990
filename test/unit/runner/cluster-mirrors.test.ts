import { expect, test } from "vitest";
import type { PodCondition } from "../../../src/pod/types.ts";
import { createClusterTrial, MIRROR, NODE, until } from "../../support/cluster-trial.ts";
import { buildPod, buildReport } from "../../support/cluster-values.ts";

const { server, cluster, store, start } = createClusterTrial();

test("a static pod gets a mirror with its hash, its owner and its status", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  expect(server().get(MIRROR)).toMatchObject({
    metadata: {
      annotations: { "kubernetes.io/config.mirror": "hash-1", "kubernetes.io/config.source": "file" },
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Node",
          name: "n1",
          uid: server().get(NODE)?.metadata.uid,
          controller: true,
        },
      ],
    },
  });
});

test("an edited pod whose manifest names its UID gets a mirror of what it is", async () => {
  await start();
  const pod = buildPod({ hash: "own-uid" });
  store().set([buildReport(pod)]);
  await until(() => expect(server().get(MIRROR)).toHaveProperty("spec.containers.0.image", "web:1"));
  await cluster().settle();
  const spec = { ...pod.spec, containers: [{ name: "web", image: "web:2" }] };
  store().set([buildReport({ ...pod, spec })]);
  await until(() => expect(server().get(MIRROR)).toHaveProperty("spec.containers.0.image", "web:2"));
});

test("a changed status is shown at once", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  store().set([buildReport(buildPod({ status: { phase: "Failed", message: "over" } }))]);
  await until(() =>
    expect(server().get(MIRROR)).toMatchObject({ status: { phase: "Failed", message: "over" } }),
  );
  store().set([buildReport(buildPod())]);
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  expect(server().get(MIRROR)).not.toHaveProperty("status.message");
});

test("a condition that has flipped no longer tells why it had not", async () => {
  await start();
  const show = (condition: Omit<PodCondition, "type">): void => {
    const status = { phase: "Running", conditions: [{ type: "Ready", ...condition }] } as const;
    store().set([buildReport(buildPod({ status }))]);
  };
  const expectShown = (condition: object): Promise<void> =>
    until(() =>
      expect(server().get(MIRROR)).toHaveProperty("status.conditions", [{ type: "Ready", ...condition }]),
    );
  const unready = { status: "False", reason: "ContainersNotReady", message: "not ready: [web]" } as const;
  show(unready);
  await expectShown(unready);
  show({ status: "True" });
  await expectShown({ status: "True" });
});

test("a status that somebody else wrote is put right, and each is for the mirror of one UID only", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  const live = server().get(MIRROR);
  if (live === undefined) throw new Error("the mirror is gone");
  server().put(MIRROR, { ...live, status: { phase: "Failed", reason: "Evicted" } });
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  expect(server().get(MIRROR)).not.toHaveProperty("status.reason");
  const patches = server().requests.filter(({ path }) => path === `${MIRROR}/status`);
  expect(patches.map(({ body }) => body)).toEqual(
    patches.map(() => expect.objectContaining({ metadata: { uid: live.metadata.uid } })),
  );
});

test("a pod that ended with the machine shows that in its mirror, and a later one of it no longer does", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  const lost = { type: "DisruptionTarget", status: "True" } as const;
  const ended = { phase: "Failed", reason: "Terminated", conditions: [lost] } as const;
  store().set([buildReport(buildPod({ status: ended }), { terminating: true })]);
  await cluster().leave();
  await cluster().settle();
  expect(server().get(MIRROR)).toMatchObject({ status: { phase: "Failed", conditions: [{}, lost] } });
  await cluster().close();
  server().requests.length = 0;
  store().set([buildReport(buildPod())]);
  await start();
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  const patches = server()
    .requests.filter(({ method }) => method === "PATCH")
    .map(({ body }) => body);
  expect(JSON.stringify(patches)).toContain('{"$patch":"delete","type":"DisruptionTarget"}');
});

test("a mirror that a user deletes comes back", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  const first = server().get(MIRROR)?.metadata.uid;
  server().remove(MIRROR);
  await until(() => expect(server().get(MIRROR)?.metadata.uid ?? first).not.toBe(first));
});

test("a mirror that a user edits or asks to delete is made anew", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toHaveProperty("status.phase", "Running"));
  for (const change of [{ labels: { a: "b" } }, { deletionTimestamp: "2026-11-22T17:00:00Z" }]) {
    const live = server().get(MIRROR);
    if (live === undefined) throw new Error("the mirror is gone");
    server().put(MIRROR, { ...live, metadata: { ...live.metadata, ...change } });
    await until(() =>
      expect(server().get(MIRROR)?.metadata.uid ?? live.metadata.uid).not.toBe(live.metadata.uid),
    );
    expect(server().get(MIRROR)?.metadata).not.toMatchObject(change);
  }
});

test("a changed manifest gets a new mirror, a removed one none", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  store().set([buildReport(buildPod({ hash: "hash-2" }))]);
  await until(() =>
    expect(server().get(MIRROR)).toMatchObject({
      metadata: { annotations: { "kubernetes.io/config.mirror": "hash-2" } },
    }),
  );
  store().set([buildReport(buildPod({ hash: "hash-2" }), { terminating: true })]);
  store().set([]);
  await until(() => expect(server().get(MIRROR)).toBeUndefined());
});

test("an API server that does not know yet which mirrors it has is asked again", async () => {
  await start();
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  let denials = 2;
  server().intercept = ({ method, path }) => {
    if (method !== "DELETE" || path !== MIRROR || denials === 0) return undefined;
    denials -= 1;
    return { status: 404, body: { kind: "Status", reason: "NotFound" } };
  };
  store().set([buildReport(buildPod({ hash: "hash-2" }))]);
  await until(() =>
    expect(server().get(MIRROR)).toMatchObject({
      metadata: { annotations: { "kubernetes.io/config.mirror": "hash-2" } },
    }),
  );
  expect(denials).toBe(0);
});

test("a refused mirror is a problem of the pod until it is accepted", async () => {
  let refuse = true;
  server().intercept = ({ method, path }) =>
    refuse && method === "POST" && path.endsWith("/pods")
      ? { status: 403, body: { reason: "Forbidden", message: "PodSecurity" } }
      : undefined;
  await start();
  await until(() => expect(store().problems.get("web-n1")).toBe("403 Forbidden: PodSecurity"));
  refuse = false;
  await until(() => expect(server().get(MIRROR)).toBeDefined());
  await until(() => expect(store().problems.get("web-n1")).toBeUndefined());
});

test("a pod of somebody else is told why it does not run, and its deletion is completed", async () => {
  const path = "/api/v1/namespaces/x/pods/ds-1";
  const stranger = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "ds-1", namespace: "x" },
    spec: { nodeName: "n1" },
    status: { phase: "Pending" },
  };
  server().put(path, stranger);
  await start();
  await until(() => expect(server().get(path)).toMatchObject({ status: { reason: "StaticPodsOnly" } }));
  server().put(path, {
    ...stranger,
    metadata: { ...stranger.metadata, deletionTimestamp: "2026-11-22T17:00:00Z" },
  });
  await until(() => expect(server().get(path)).toBeUndefined());
});
