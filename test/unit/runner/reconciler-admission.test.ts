import { expect, test } from "vitest";
import { buildPod } from "../../support/build-pod.ts";
import { createReconcilerTrial, NODE } from "../../support/reconciler-trial.ts";

const { advance, startReconciler } = createReconcilerTrial();

const PORT_80 = { ports: [{ containerPort: 80 }] };

test("a pod for which there is no room is shown as rejected, and starts when room is made", async () => {
  const { runtime, apply, reportOf, events } = startReconciler({ stopMs: 1000 });
  const first = buildPod({ name: "a", container: { name: "a", ...PORT_80 } });
  const second = buildPod({ name: "b", container: { name: "b", ...PORT_80 } });
  await apply([first, second]);
  expect(runtime.running()).toEqual(["a"]);
  expect(reportOf("b-node-1")?.pod.status).toEqual({
    phase: "Failed",
    qosClass: "BestEffort",
    startTime: "2026-11-22T17:00:00Z",
    reason: "NodePorts",
    message:
      "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports: 80/TCP is taken by the pod default/a-node-1",
  });
  expect(events()).toEqual(["FieldHasNoEffect", "NodePorts", "Started"]);
  await apply([second]);
  expect(reportOf("b-node-1")?.pod.status).toMatchObject({
    phase: "Pending",
    message: expect.stringContaining("waits for pods that are being stopped"),
  });
  await advance(1000);
  expect(runtime.running()).toEqual(["b"]);
});

test("a file that is refused is one event a reason, however often it is seen", async () => {
  const { reconciler, recorded } = startReconciler();
  const refuse = (...messages: readonly string[]): void => {
    const refused = messages.map((message) => ({
      ...{ origin: "/m/x.yaml", code: "SLIPWAY_MANIFEST_INVALID", message, keepsLastGood: true },
    }));
    reconciler.apply({ source: "file", pods: [], refused });
  };
  refuse("line 2: no name");
  refuse("line 2: no name");
  refuse("line 3: no image");
  refuse();
  refuse("line 3: no image");
  expect(recorded()).toMatchObject([
    {
      ...{ type: "Warning", reason: "FailedValidation", pod: undefined, count: 1 },
      message: "/m/x.yaml: line 2: no name; its pod goes on as it was before",
    },
    { message: expect.stringContaining("line 3: no image"), count: 2 },
  ]);
});

test("a pod that is over makes room", async () => {
  const { runtime, apply } = startReconciler();
  const never = { restartPolicy: "Never" };
  await apply([
    buildPod({ name: "a", container: { name: "a", ...PORT_80 }, spec: never }),
    buildPod({ name: "b", container: { name: "b", ...PORT_80 } }),
  ]);
  runtime.exit("a", 0);
  await advance(0);
  expect(runtime.running()).toEqual(["b"]);
});

test("a pod that no label of the node suits starts when the node gets one", async () => {
  const node = { ...NODE, labels: { ...NODE.labels } as Record<string, string> };
  const { runtime, apply, reconciler, reportOf } = startReconciler({ node });
  await apply([buildPod({ spec: { nodeSelector: { zone: "a" } } })]);
  expect(reportOf("web-node-1")?.pod.status).toMatchObject({ phase: "Failed", reason: "NodeAffinity" });
  node.labels["zone"] = "a";
  reconciler.workers.askAgain();
  await advance(0);
  expect(runtime.running()).toEqual(["web"]);
});

test("the more important of two pods that come together gets the room", async () => {
  const { runtime, apply } = startReconciler();
  await apply([
    buildPod({ name: "a", container: { name: "a", ...PORT_80 } }),
    buildPod({ name: "b", container: { name: "b", ...PORT_80 }, spec: { priority: 1000 } }),
  ]);
  expect(runtime.running()).toEqual(["b"]);
});

test("a pod that an earlier runner ran is not asked again whether it may", async () => {
  const first = startReconciler();
  const pod = buildPod({ spec: { nodeSelector: { "kubernetes.io/hostname": "node-1" } } });
  await first.apply([pod]);
  const second = startReconciler({
    found: await first.runtime.list(),
    node: { ...NODE, labels: {}, maxPods: 0 },
  });
  await second.apply([pod]);
  expect(second.statusOf("web-node-1")?.phase).toBe("Running");
});

test("a pod moves to another namespace with its port", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 500 });
  const pod = buildPod({ container: PORT_80 });
  await apply([pod]);
  await apply([{ ...pod, metadata: { ...pod.metadata, namespace: "other", uid: "other-uid" } }]);
  expect(runtime.running()).toEqual(["web"]);
  await advance(500);
  expect(runtime.running()).toEqual(["web"]);
  expect((await runtime.list()).map(({ spec }) => spec.podNamespace)).toEqual(["other"]);
});
