import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runGenerateCsr } from "../../../src/commands/certs/generate-csr.ts";
import {
  formatEffective,
  runConfigMigrate,
  runConfigValidate,
  runPrintDefaults,
  runPrintOtherDefaults,
} from "../../../src/commands/config.ts";
import { readPatches } from "../../../src/commands/init/read-patches.ts";
import { parseYamlDocuments } from "../../../src/core/yaml.ts";
import { createFileSystem } from "../../../src/system/file-system.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { resolveText } from "../../support/manifest-inputs.ts";

const PRINTED_DEFAULTS = readFileSync(
  join(import.meta.dirname, "../../fixtures/config/kubeadm-init-defaults.yaml"),
  "utf8",
);
const TOKEN = "123456.abcdefabcdef1234";

const system = createFakeSystem({ fs: createFileSystem() });
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-config-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

function valuesOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  return parseYamlDocuments(text).map(({ value }) => Object(value));
}

test("the printed defaults are kubeadm's, but for the keys and the version", () => {
  const componentConfigs = ["KubeletConfiguration", "KubeProxyConfiguration"] as const;
  const [init, cluster, ...components] = valuesOf(PRINTED_DEFAULTS);
  expect(valuesOf(runPrintDefaults({ componentConfigs }))).toEqual([
    init,
    { ...cluster, encryptionAlgorithm: "ECDSA-P256", kubernetesVersion: "v1.37.2" },
    ...components,
  ]);
});

test.each(["join", "reset", "upgrade"] as const)("the printed defaults of %s are kubeadm's text", (kind) => {
  const path = join(import.meta.dirname, `../../fixtures/config/kubeadm-${kind}-defaults.yaml`);
  const machine = { ...system, host: { ...system.host, hostName: () => "Node" } };
  expect(runPrintOtherDefaults(machine, kind)).toBe(readFileSync(path, "utf8"));
});

test("v1beta3 is migrated, components' documents stay, and what a machine decides is left open", async () => {
  const oldPath = write(
    "old.yaml",
    `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer: {extraArgs: {v: "2"}, timeoutForControlPlane: 90s}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 7
`,
  );
  const newPath = join(dir, "new.yaml");
  expect(await runConfigMigrate(system, { oldPath, newPath })).toBe("");
  const [init, cluster, kubelet] = valuesOf(readFileSync(newPath, "utf8"));
  expect(init).toMatchObject({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    localAPIEndpoint: { bindPort: 6443 },
    timeouts: { controlPlaneComponentHealthCheck: "1m30s" },
  });
  expect(init?.["nodeRegistration"]).not.toHaveProperty("name");
  expect(cluster).toMatchObject({ apiServer: { extraArgs: [{ name: "v", value: "2" }] } });
  expect(kubelet).toMatchObject({ kind: "KubeletConfiguration", maxPods: 7 });
  expect(await runConfigValidate(system, { path: newPath })).toMatchObject({
    kinds: ["InitConfiguration", "ClusterConfiguration", "KubeletConfiguration"],
  });
});

test("what a runner would refuse of a kubelet's document is an error with its place", async () => {
  const head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
  const good = write("good.yaml", `${head}maxPods: null\ncontainerLogMaxFiles: 2\n`);
  expect((await runConfigValidate(system, { path: good })).kinds).toEqual(["KubeletConfiguration"]);
  const late = write("late.yaml", `${head}maxPods: -3\ncontainerLogMaxFiles: 1\n`);
  await expect(runConfigValidate(system, { path: late })).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_INVALID",
    details: [`${late}:3:1: maxPods: is less than 0`, `${late}:4:1: containerLogMaxFiles: is less than 2`],
  });
});

test("a migrated v1beta3 file is what kubeadm v1.36.3, the last that reads it, makes of it, but for the keys", async () => {
  const fixture = (name: string) => join(import.meta.dirname, "../../fixtures/config", name);
  const [init, cluster] = valuesOf(readFileSync(fixture("v1beta3-migrated.yaml"), "utf8"));
  const oldPath = fixture("v1beta3.yaml");
  expect(valuesOf(await runConfigMigrate(system, { oldPath, newPath: undefined }))).toEqual([
    init,
    { ...cluster, encryptionAlgorithm: "ECDSA-P256" },
  ]);
});

test("a JoinConfiguration alone is migrated, too", async () => {
  const oldPath = write(
    "join.yaml",
    `apiVersion: kubeadm.k8s.io/v1beta3
kind: JoinConfiguration
discovery: {file: {kubeConfigPath: /a}, timeout: 1m}
nodeRegistration: {kubeletExtraArgs: {v: "2"}}
`,
  );
  const [join] = valuesOf(await runConfigMigrate(system, { oldPath, newPath: undefined }));
  expect(join).toMatchObject({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    discovery: { file: { kubeConfigPath: "/a" } },
    nodeRegistration: { kubeletExtraArgs: [{ name: "v", value: "2" }] },
    timeouts: { discovery: "1m" },
  });
});

test("a file that is not valid is not migrated", async () => {
  const oldPath = write("bad.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\na: b\n");
  await expect(runConfigMigrate(system, { oldPath, newPath: undefined })).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_INVALID",
  });
});

test("what it comes to is four documents without a secret", () => {
  const text = formatEffective(
    resolveText(
      `apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens: [{token: ${TOKEN}}]\ncertificateKey: ${"ab".repeat(32)}\n`,
    ),
  );
  expect(valuesOf(text).map(({ kind }) => kind)).toEqual([
    "InitConfiguration",
    "ClusterConfiguration",
    "KubeletConfiguration",
    "KubeProxyConfiguration",
  ]);
  expect(text).not.toMatch(/abcdefabcdef1234|abababab/);
});

test("a key and a request are made for every leaf and kubeconfig, and never over what is there", async () => {
  const options = { root: dir, configPath: undefined, certDir: undefined, kubeconfigDir: undefined };
  const paths = await runGenerateCsr(system, options);
  expect(paths).toHaveLength(12);
  const request = readFileSync(join(dir, "etc/kubernetes/pki/apiserver.csr"), "utf8");
  expect(request).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
  const [kubeconfig] = valuesOf(readFileSync(join(dir, "etc/kubernetes/admin.conf"), "utf8"));
  expect(kubeconfig).toMatchObject({ users: [{ user: { "client-key-data": expect.any(String) } }] });
  await expect(runGenerateCsr(system, options)).rejects.toMatchObject({ code: "SLIPWAY_EXTERNAL_CA" });
});

test("a patch directory is read with what lies below it, in order", async () => {
  mkdirSync(join(dir, "b"));
  write("etcd.yaml", "a: 1\n");
  write("b/etcd0.yaml", "a: 0\n");
  write("README.md", "hello\n");
  const { patches, notes } = await readPatches(system, dir);
  expect(patches.map(({ value }) => value)).toEqual([{ a: 0 }, { a: 1 }]);
  expect(notes).toEqual([expect.stringContaining("README.md is not used")]);
  await expect(readPatches(system, join(dir, "none"))).rejects.toMatchObject({
    code: "SLIPWAY_PATCH_INVALID",
  });
});
