import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseManifest } from "../../../src/pod/parse-static-pod.ts";

const MINIMAL = `
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: example.com/web:1
`;

test("a minimal pod gets the API's defaults", () => {
  const { spec } = pod(MINIMAL);
  expect(spec).toMatchObject({
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
  });
  expect(spec.containers[0]).toMatchObject({
    imagePullPolicy: "IfNotPresent",
    terminationMessagePolicy: "File",
  });
});

test("JSON is read like YAML", () => {
  const json = JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { containers: [{ name: "web", image: "example.com/web:1" }] },
  });
  expect(parse(json)).toEqual({ ...parse(MINIMAL), locate: expect.any(Function) });
});

test("a probe gets its numbers and its path", () => {
  const text = `${MINIMAL}    livenessProbe: {httpGet: {port: 80}}\n`;
  expect(pod(text).spec.containers[0]?.livenessProbe).toEqual({
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    httpGet: { port: 80, path: "/", scheme: "HTTP" },
  });
});

test("a host port follows the container port on the host network", () => {
  const text = `${MINIMAL}    ports: [{containerPort: 80}]\n  hostNetwork: true\n`;
  expect(pod(text).spec.containers[0]?.ports).toEqual([{ protocol: "TCP", containerPort: 80, hostPort: 80 }]);
});

test("an untagged image is always pulled", () => {
  expect(pod(MINIMAL.replace("web:1", "web")).spec.containers[0]?.imagePullPolicy).toBe("Always");
});

test("fields that no one knows are left out, and a warning names the nearest", () => {
  const parsed = parse(`${MINIMAL}  hostNetwrok: true\n`);
  expect(parsed).toMatchObject({
    kind: "pod",
    warnings: [
      {
        position: { line: 10, column: 3 },
        text: "spec.hostNetwrok: there is no such field, and it is ignored; did you mean hostNetwork?",
      },
    ],
  });
  expect(pod(`${MINIMAL}  hostNetwrok: true\n`)).toEqual(pod(MINIMAL));
});

test("a key that stands twice counts as it stands last, with a warning", () => {
  expect(parse(MINIMAL.replace("image: example.com/web:1", "image: a\n    image: b"))).toMatchObject({
    manifest: { spec: { containers: [{ image: "b" }] } },
    warnings: [{ position: { line: 10 }, text: "image stands twice here; the last one counts; remove one" }],
  });
});

test("yes and octal numbers are what Kubernetes' reader takes them for", () => {
  const text = `${MINIMAL}  hostNetwork: yes\n  volumes: [{name: x, downwardAPI: {defaultMode: 0640}}]\n`;
  expect(pod(text).spec).toMatchObject({
    hostNetwork: true,
    volumes: [{ downwardAPI: { defaultMode: 416 } }],
  });
  expect(messageOf(parse(MINIMAL.replace("name: web", "name: no")))).toContain("not false; put it in quotes");
});

test("what is spelled out as its default makes no other pod", () => {
  const spelled = `${MINIMAL}  hostNetwork: false\n  hostPID: false\n  nodeSelector: {}\n  restartPolicy: Always\n`;
  expect(pod(spelled)).toEqual(pod(MINIMAL));
});

test("text that starts with { has to be JSON, and control characters are refused", () => {
  expect(messageOf(parse("{apiVersion: v1, kind: Pod}"))).toContain("it starts with {, so it has to be JSON");
  expect(messageOf(parse(`${MINIMAL}# \u0007`))).toContain("line 10: it holds a control character");
});

test("a null field counts as absent and an old status is dropped", () => {
  const manifest = pod(
    `${MINIMAL.replace("name: web\nspec", "name: web\n  creationTimestamp: null\nspec")}status: {}\n`,
  );
  expect(manifest).not.toHaveProperty("status");
  expect(manifest.metadata).not.toHaveProperty("creationTimestamp");
});

test("documents after the first are ignored with a warning", () => {
  expect(parse(`${MINIMAL}---\nkind: Other\n`)).toMatchObject({
    kind: "pod",
    warnings: [
      {
        position: { line: 11 },
        text: "only the first document is used; put each Pod into a file of its own; one more is ignored",
      },
    ],
  });
});

test.each([
  ["priorityClassName: system-node-critical", "it has no effect without priority"],
  ["priority: 2000001000", "without priorityClassName the mirror pod is refused"],
  ["priority: 7\n  priorityClassName: mine", "only 2000001000 with system-node-critical"],
])("a pod with %s has the kubelet's warning, in our words", (fields, text) => {
  const result = parse(`${MINIMAL}  ${fields}\n`);
  expect(result).toMatchObject({ kind: "pod", warnings: [{ text: expect.stringContaining(text) }] });
});

test.each(["Deployment", "DaemonSet", "Service", "PodList"])("a %s is refused by name", (kind) => {
  const result = parse(MINIMAL.replace("kind: Pod", `kind: ${kind}`));
  expect(result).toMatchObject({ kind: "refused", code: "SLIPWAY_KIND_REFUSED" });
  expect(messageOf(result)).toContain(`${kind} `);
});

test("a kind in other letters is told how it is written", () => {
  expect(messageOf(parse(MINIMAL.replace("kind: Pod", "kind: pod")))).toContain("Pod, not pod");
});

test.each([
  ["serviceaccounts", "  serviceAccountName: x"],
  ["secrets", "  imagePullSecrets: [{name: x}]"],
  ["secrets", "  volumes: [{name: x, secret: {secretName: x}}]"],
  ["configmaps", "  volumes: [{name: x, configMap: {name: x}}]"],
  ["configmaps", "    envFrom: [{configMapRef: {name: x}}]"],
  ["secrets", "    env: [{name: A, valueFrom: {secretKeyRef: {name: x, key: k}}}]"],
  ["resourceclaims", "  resourceClaims: [{name: x}]"],
  ["csidrivers (via CSI volumes)", "  volumes: [{name: x, csi: {driver: x}}]"],
  ["persistentvolumeclaims", "  volumes: [{name: x, persistentVolumeClaim: {claimName: x}}]"],
  [
    "serviceaccounts (via projected volumes)",
    "  volumes: [{name: x, projected: {sources: [{serviceAccountToken: {path: t}}]}}]",
  ],
])("a reference to %s is refused in the kubelet's words", (what, line) => {
  expect(parse(`${MINIMAL}${line}\n`)).toMatchObject({
    kind: "refused",
    findings: [
      {
        position: { line: 10 },
        text: expect.stringMatching(/^spec\.\S+: static pods may not reference .*; (?:remove|say|put) /),
      },
    ],
  });
  expect(messageOf(parse(`${MINIMAL}${line}\n`))).toContain(`static pods may not reference ${what}; `);
});

test("everything that is wrong with a file is told at once, in its order", () => {
  const text = `apiVersion: v2
kind: Pod
metadata: {name: Web, labels: [a]}
spec:
  restartPolicy: Sometimes
  contaienrs: []
  containers:
  - name: web
    image: 5
    command: sleep
    env:
    - {name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}
    - {name: B, valueFrom: {configMapKeyRef: {name: c, key: k}}}
    livenessProbe: {periodSeconds: -1}
  - 7
  volumes: [{name: v, secret: {secretName: s}}]
`;
  const parsed = parse(text);
  if (parsed.kind !== "refused") throw new Error("it was accepted");
  const places = parsed.findings.map(
    ({ position, text: found }) => `${position?.line} ${found.split(":")[0]}`,
  );
  expect(places).toEqual([
    "1 apiVersion",
    "3 metadata.name",
    "3 metadata.labels",
    "5 spec.restartPolicy",
    "9 spec.containers[0].image",
    "10 spec.containers[0].command",
    "12 spec.containers[0].env[0].valueFrom.secretKeyRef",
    "13 spec.containers[0].env[1].valueFrom.configMapKeyRef",
    "14 spec.containers[0].livenessProbe",
    "14 spec.containers[0].livenessProbe.periodSeconds",
    "15 spec.containers[1]",
    "16 spec.volumes[0].secret",
  ]);
  expect(parsed.warnings.map(({ position }) => position?.line)).toEqual([6]);
  expect(parsed.message).toContain("; and 9 more: slipway manifests validate /m/web.yaml");
});

test("every problem of the YAML itself is told", () => {
  expect(parse("metadata:\n\tname: x\nspec:\n  dnsPolicy: 'x\n  foo\n")).toMatchObject({
    kind: "refused",
    findings: [
      { position: { line: 2 }, text: expect.stringContaining("a tab indents this line") },
      { position: { line: 4, column: 14 }, text: "a quote is opened here and not closed" },
    ],
  });
});

test.each([
  ["metadata.name", MINIMAL.replace("name: web\nspec", "name: Web_1\nspec")],
  ["metadata.name", MINIMAL.replace("  name: web\nspec", "  namespace: x\nspec")],
  ["spec.containers[0].image", MINIMAL.replace("image: example.com/web:1", "tty: true")],
  ["spec.containers[0].name", MINIMAL.replace("- name: web", "- name: We")],
  ["spec.restartPolicy", `${MINIMAL}  restartPolicy: Sometimes\n`],
  ["spec.containers[0].command", `${MINIMAL}    command: sleep\n`],
  ["spec.containers[0].volumeMounts[0].name", `${MINIMAL}    volumeMounts: [{name: x, mountPath: /x}]\n`],
  ["spec.containers[0].livenessProbe", `${MINIMAL}    livenessProbe: {periodSeconds: 1}\n`],
  ["successThreshold", `${MINIMAL}    livenessProbe: {successThreshold: 2, tcpSocket: {port: 1}}\n`],
  ["spec.volumes[0].hostPath.type", `${MINIMAL}  volumes: [{name: x, hostPath: {path: /x, type: Odd}}]\n`],
  ["spec.volumes[0].hostPath.path", `${MINIMAL}  volumes: [{name: x, hostPath: {path: /x/../y}}]\n`],
  [
    "readinessProbe",
    `${MINIMAL}  initContainers: [{name: i, image: i, readinessProbe: {tcpSocket: {port: 1}}}]\n`,
  ],
  ["used twice", `${MINIMAL}  - {name: web, image: x}\n`],
  ["containerPort", `${MINIMAL}    ports: [{containerPort: 80, hostPort: 81}]\n  hostNetwork: true\n`],
  ["metadata.labels", MINIMAL.replace("name: web\nspec", "name: web\n  labels: {a: true}\nspec")],
  ["line ", "a: [1\nb: 2"],
  ["empty", "# nothing\n"],
  ["no kind", "apiVersion: v1\n"],
])("what is wrong is named: %s", (part, text) => {
  const result = parse(text);
  expect(result).toMatchObject({ kind: "refused", code: "SLIPWAY_MANIFEST_INVALID" });
  expect(messageOf(result)).toContain(part);
});

test("the manifests that kubeadm writes are accepted without a warning", () => {
  const dir = join(import.meta.dirname, "../../fixtures/kubeadm-manifests");
  for (const name of readdirSync(dir)) {
    const result = parseManifest({ text: readFileSync(join(dir, name), "utf8"), origin: name });
    expect(result).toMatchObject({ kind: "pod", warnings: [] });
  }
});

test("any text gives a pod or a refusal", () => {
  const lines = fc.constantFrom(
    ...MINIMAL.split("\n"),
    "---",
    "- x",
    "  - {",
    "&a *a",
    "? :",
    "\t",
    "!!binary x",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(lines).map((parts) => parts.join("\n")),
    fc.json(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("utf8")),
  );
  fc.assert(fc.property(texts, (text) => ["pod", "refused"].includes(parse(text).kind)));
});

test("any value in place of a field gives a pod or a refusal", () => {
  const paths = [
    "metadata",
    "spec",
    "name",
    "labels",
    "containers",
    "volumes",
    "initContainers",
    "securityContext",
  ];
  const property = fc.property(fc.constantFrom(...paths), fc.jsonValue(), (field, value) => {
    const base: Record<string, unknown> = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a", [field]: value },
      spec: { containers: [{ name: "a", image: "b", [field]: value }], [field]: value },
    };
    expect(["pod", "refused"]).toContain(parse(JSON.stringify({ ...base, [field]: value })).kind);
    expect(["pod", "refused"]).toContain(parse(JSON.stringify(base)).kind);
  });
  fc.assert(property);
});

function parse(text: string) {
  return parseManifest({ text, origin: "/m/web.yaml" });
}

function pod(text: string) {
  const result = parse(text);
  if (result.kind === "refused") throw new Error(result.message);
  return result.manifest;
}

function messageOf(result: ReturnType<typeof parse>): string {
  return result.kind === "refused" ? result.message : "";
}
