import { expect, test } from "vitest";
import { decodeText } from "../../../src/core/decode-text.ts";
import { MINIMAL, messageOf, parse } from "../../support/parse-pod.ts";

test("text that starts with { has to be JSON, and control characters are refused", () => {
  expect(messageOf(parse("{apiVersion: v1, kind: Pod}"))).toContain("it starts with {, so it has to be JSON");
  expect(messageOf(parse(`${MINIMAL}# \u0007`))).toContain("line 10: it holds a control character");
});

test("YAML that is not UTF-8 is refused where that begins", () => {
  const latin = Buffer.from(`${MINIMAL}# \u00fc caf\u00e9\n`, "latin1");
  expect(parse(decodeText(latin))).toMatchObject({
    findings: [{ position: { line: 10, column: 3 }, text: "it is not UTF-8 here; save it as UTF-8" }],
  });
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
