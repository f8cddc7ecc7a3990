import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "../../../src/core/decode-text.ts";
import { parseManifest } from "../../../src/pod/parse-static-pod.ts";
import { MINIMAL, messageOf, parse, parsePod } from "../../support/parse-pod.ts";

test("a minimal pod gets the API's defaults", () => {
  const { spec } = parsePod(MINIMAL);
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

test("of JSON that is not UTF-8 a warning tells where that begins", () => {
  const json = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web",
"annotations": {"note": "caf\u00e9"}}, "spec": {"containers": [{"name": "web", "image": "i"}]}}`;
  expect(parse(decodeText(Buffer.from(json, "latin1")))).toMatchObject({
    kind: "pod",
    manifest: { metadata: { annotations: { note: "caf\uFFFD" } } },
    warnings: [{ position: { line: 2, column: 29 }, text: "it is not UTF-8 here; save it as UTF-8" }],
  });
  expect(parse(`\uFEFF${json}`)).toMatchObject({ kind: "pod", warnings: [] });
});

test("a probe gets its numbers and its path", () => {
  const text = `${MINIMAL}    livenessProbe: {httpGet: {port: 80}}\n`;
  expect(parsePod(text).spec.containers[0]?.livenessProbe).toEqual({
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
    httpGet: { port: 80, path: "/", scheme: "HTTP" },
  });
});

test("a host port follows the container port on the host network", () => {
  const text = `${MINIMAL}    ports: [{containerPort: 80}]\n  hostNetwork: true\n`;
  expect(parsePod(text).spec.containers[0]?.ports).toEqual([
    { protocol: "TCP", containerPort: 80, hostPort: 80 },
  ]);
});

test("an untagged image is always pulled", () => {
  expect(parsePod(MINIMAL.replace("web:1", "web")).spec.containers[0]?.imagePullPolicy).toBe("Always");
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
  expect(parsePod(`${MINIMAL}  hostNetwrok: true\n`)).toEqual(parsePod(MINIMAL));
});

test("a key that stands twice counts as it stands last, with a warning", () => {
  expect(parse(MINIMAL.replace("image: example.com/web:1", "image: a\n    image: b"))).toMatchObject({
    manifest: { spec: { containers: [{ image: "b" }] } },
    warnings: [{ position: { line: 10 }, text: "image stands twice here; the last one counts; remove one" }],
  });
});

test("yes and octal numbers are what Kubernetes' reader takes them for", () => {
  const text = `${MINIMAL}  hostNetwork: yes\n  volumes: [{name: x, downwardAPI: {defaultMode: 0640}}]\n`;
  expect(parsePod(text).spec).toMatchObject({
    hostNetwork: true,
    volumes: [{ downwardAPI: { defaultMode: 416 } }],
  });
  expect(messageOf(parse(MINIMAL.replace("name: web", "name: no")))).toContain("not false; put it in quotes");
});

test("what is spelled out as its default makes no other pod", () => {
  const spelled = `${MINIMAL}  hostNetwork: false\n  hostPID: false\n  nodeSelector: {}\n  restartPolicy: Always\n`;
  expect(parsePod(spelled)).toEqual(parsePod(MINIMAL));
});

test("a null field counts as absent and an old status is dropped", () => {
  const manifest = parsePod(
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

test.each([
  [
    "{ limits: { memory: 512m } }",
    ["limits.memory: 512m is 0.512 bytes: m is a thousandth, and Mi a mebibyte"],
  ],
  [
    "{ requests: { memory: 1.5, ephemeral-storage: 1m } }",
    [
      "requests.memory: 1.5 is 1.5 bytes",
      "requests.ephemeral-storage: 1m is 0.001 bytes: m is a thousandth, and Mi a mebibyte",
    ],
  ],
  ["{ limits: { memory: 0.5Gi, cpu: 500m } }", []],
])("parts of a byte are told: resources of %s", (resources, texts) => {
  const warnings = texts.map((text) => ({
    position: { line: 10 },
    text: `spec.containers[0].resources.${text}`,
  }));
  expect(parse(`${MINIMAL}    resources: ${resources}\n`)).toMatchObject({ kind: "pod", warnings });
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
