import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InitConfig } from "../../../src/config/types.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../../src/core/constants.ts";
import { parseYamlDocuments } from "../../../src/core/yaml.ts";
import { buildManifests } from "../../../src/manifests/build-manifests.ts";
import { resolveText } from "../../support/manifest-inputs.ts";

const GOLDEN_DIR = join(import.meta.dirname, "../../fixtures/golden");

/** What the machine had on which the golden files were made. */
const CA_DIRS = ["/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"];

function readGolden(name: string, file: string): string {
  return readFileSync(join(GOLDEN_DIR, name, file), "utf8");
}

function build(config: InitConfig) {
  return buildManifests({ config, caDirs: CA_DIRS });
}

/** The command line of a component for a ClusterConfiguration with these lines. */
async function commandOf(component: string, cluster = ""): Promise<readonly string[]> {
  const text = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n${cluster}`;
  const manifests = await build(resolveText(text));
  const pod = manifests.find((manifest) => manifest.component === component)?.text ?? "";
  return [...pod.matchAll(/^ {4}- (--.*)$/gm)].map((match) => match[1] ?? "");
}

describe("for a kubeadm configuration the bytes are kubeadm's", () => {
  test.each(["1.37/default", "1.36/default", "1.36/ipv6", "1.36/extras"])("%s", async (name) => {
    const manifests = await build(resolveText(readGolden(name, "input.yaml")));
    for (const { fileName, text } of manifests) expect(text).toBe(readGolden(name, fileName));
  });
});

test("on loopback kube-apiserver is told to publish no endpoint", async () => {
  const manifests = await build(resolveText(readGolden("1.37/loopback", "input.yaml")));
  for (const { fileName, text } of manifests) expect(text).toBe(readGolden("1.37/loopback", fileName));
});

test("a second plane has its paths under its root and its probes on its ports", async () => {
  const manifests = await build(resolveText(readGolden("1.37/second-plane", "input.yaml"), "/srv/two"));
  for (const { fileName, text } of manifests) expect(text).toBe(readGolden("1.37/second-plane", fileName));
});

test("manifests come in start order", async () => {
  const manifests = await build(resolveText(undefined));
  expect(manifests.map(({ component }) => component)).toEqual([...CONTROL_PLANE_COMPONENTS]);
});

test("the user's own endpoint reconciler is kept on loopback", async () => {
  const flags = await commandOf(
    "kube-apiserver",
    "apiServer: {extraArgs: [{name: endpoint-reconciler-type, value: lease}]}\n",
  );
  expect(flags.filter((flag) => flag.includes("reconciler"))).toEqual(["--endpoint-reconciler-type=lease"]);
});

test("a flag that is given twice stays twice, behind ours", async () => {
  const flags = await commandOf(
    "kube-scheduler",
    "scheduler: {extraArgs: [{name: v, value: '2'}, {name: leader-elect, value: 'false'}, {name: v, value: '3'}]}\n",
  );
  expect(flags.slice(-3)).toEqual(["--v=2", "--leader-elect=false", "--v=3"]);
  expect(flags).not.toContain("--leader-elect=true");
});

test("kube-apiserver asks etcd where etcd says that it is", async () => {
  const flags = await commandOf(
    "kube-apiserver",
    'etcd: {local: {extraArgs: [{name: advertise-client-urls, value: "https://127.0.0.1:3379"}]}}\n',
  );
  expect(flags).toContain("--etcd-servers=https://127.0.0.1:3379");
});

test("the controller manager of 1.35 mounts the FlexVolume directory, that of 1.36 does not", async () => {
  const textOf = async (version: string) => {
    const text = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: ${version}\n`;
    return (await build(resolveText(text)))[2]?.text;
  };
  expect(await textOf("v1.35.4")).toContain("flexvolume-dir");
  expect(await textOf("v1.36.3")).not.toContain("flexvolume-dir");
});

test("proxy variables are handed on, and extraEnvs win over them", async () => {
  const manifests = await buildManifests({
    config: resolveText(
      "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nscheduler: {extraEnvs: [{name: no_proxy, value: b}]}\n",
    ),
    caDirs: [],
    proxyEnv: [{ name: "no_proxy", value: "a" }],
  });
  expect(manifests[1]?.text).toContain("    - name: no_proxy\n      value: a\n");
  expect(manifests[3]?.text).toContain("    - name: no_proxy\n      value: b\n");
  expect(manifests[0]?.text).not.toContain("no_proxy");
});

test("extraVolumes that no kubelet would mount are an error that says where to look", async () => {
  const volume = "{name: x, hostPath: /x, mountPath: /etc/kubernetes/scheduler.conf}";
  const text = `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nscheduler: {extraVolumes: [${volume}]}\n`;
  await expect(build(resolveText(text))).rejects.toMatchObject({
    code: "SLIPWAY_MANIFEST_INVALID",
    fix: expect.stringContaining("extraVolumes"),
  });
});

test("each template is YAML before it is filled in", () => {
  for (const component of CONTROL_PLANE_COMPONENTS) {
    const path = join(import.meta.dirname, "../../../templates", `${component}.yaml.hbs`);
    const template = readFileSync(path, "utf8");
    expect(parseYamlDocuments(template).flatMap((document) => document.problems)).toEqual([]);
  }
});

test("any text of a flag or a variable arrives in the manifest as it was", async () => {
  const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const config = resolveText(undefined);
      const scheduler = {
        ...config.cluster.scheduler,
        extraArgs: [{ name: "x", value }],
        extraEnvs: [{ name: "X", value }],
      };
      const [, , , manifest] = await build({ ...config, cluster: { ...config.cluster, scheduler } });
      expect(parseYamlDocuments(manifest?.text ?? "")[0]?.value).toMatchObject({
        spec: {
          containers: [
            {
              command: expect.arrayContaining([`--x=${value}`]),
              env: [value === "" ? { name: "X" } : { name: "X", value }],
            },
          ],
        },
      });
    }),
    { numRuns: 40 },
  );
});
