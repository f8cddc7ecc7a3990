import { expect, test } from "vitest";
import { defaultPod, hashPod } from "../../../src/pod/default-pod.ts";
import { parseManifest } from "../../../src/pod/parse-static-pod.ts";
import { computeQosClass } from "../../../src/pod/qos-class.ts";
import { parseQuantity } from "../../../src/pod/quantity.ts";

const TEXT = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: prod}
spec:
  containers: [{name: web, image: "web:1"}]
`;

test("the pod is named after the node and carries the kubelet's annotations", () => {
  const pod = build({ nodeName: "Node-1" });
  expect(pod.metadata).toMatchObject({
    name: "web-node-1",
    namespace: "prod",
    annotations: {
      "kubernetes.io/config.hash": pod.metadata.uid,
      "kubernetes.io/config.source": "file",
      "kubernetes.io/config.seen": "2026-11-22T17:00:00Z",
    },
  });
  expect(pod.metadata.uid).toMatch(/^[0-9a-f]{32}$/);
  expect(pod.spec.nodeName).toBe("Node-1");
  expect(pod.status).toEqual({ phase: "Pending" });
});

test("a pod without a namespace is in default", () => {
  expect(build({ text: TEXT.replace(", namespace: prod", "") }).metadata.namespace).toBe("default");
});

test("a pod of a file tolerates every NoExecute taint, once", () => {
  const toleration = { operator: "Exists", effect: "NoExecute" };
  expect(build({}).spec.tolerations).toEqual([toleration]);
  expect(
    build({ text: `${TEXT}  tolerations: [{operator: Exists, effect: NoExecute}]\n` }).spec.tolerations,
  ).toEqual([toleration]);
  expect(build({ source: "http" }).spec.tolerations).toBeUndefined();
});

test("comments and key order do not change the UID", () => {
  const reordered = `kind: Pod\napiVersion: v1 # comment\n${TEXT.split("\n").slice(3).join("\n")}`;
  expect(build({ text: reordered }).metadata.uid).toBe(build({}).metadata.uid);
});

test.each([
  ["content", { text: TEXT.replace("web:1", "web:2") }],
  ["file", { origin: "/m/other.yaml" }],
  ["node", { nodeName: "other" }],
])("another %s gives another UID", (_, change) => {
  expect(build(change).metadata.uid).not.toBe(build({}).metadata.uid);
});

test("a UID of the manifest is used as it is", () => {
  expect(build({ text: TEXT.replace("name: web,", "name: web, uid: mine,") }).metadata.uid).toBe("mine");
});

test("when a pod was seen does not change its hash, its content does", () => {
  const fixed = TEXT.replace("name: web,", "name: web, uid: mine,");
  expect(hashPod(build({ text: fixed, seenAt: "later" }))).toBe(hashPod(build({ text: fixed })));
  expect(hashPod(build({ text: fixed.replace("web:1", "web:2") }))).not.toBe(hashPod(build({ text: fixed })));
});

test.each([
  ["BestEffort", ""],
  ["Burstable", ", resources: {requests: {cpu: 100m}}"],
  ["Guaranteed", ", resources: {limits: {cpu: 100m, memory: 1Gi}}"],
  ["Burstable", ", resources: {limits: {cpu: 100m}}"],
])("the class is %s for%s", (qosClass, resources) => {
  expect(computeQosClass(build({ text: TEXT.replace('"web:1"', `"web:1"${resources}`) }))).toBe(qosClass);
});

test.each([
  ["250m", 0.25],
  ["1Gi", 1_073_741_824],
  ["1e3", 1000],
  ["2", 2],
  ["x", undefined],
  ["1Xi", undefined],
])("the quantity %s is %s", (text, value) => {
  expect(parseQuantity(text)).toBe(value);
});

function build(change: {
  readonly text?: string;
  readonly nodeName?: string;
  readonly origin?: string;
  readonly source?: "file" | "http";
  readonly seenAt?: string;
}) {
  const origin = change.origin ?? "/m/web.yaml";
  const parsed = parseManifest({ text: change.text ?? TEXT, origin });
  if (parsed.kind === "refused") throw new Error(parsed.message);
  return defaultPod({
    manifest: parsed.manifest,
    nodeName: change.nodeName ?? "node-1",
    origin,
    source: change.source ?? "file",
    seenAt: change.seenAt ?? "2026-11-22T17:00:00Z",
  });
}
