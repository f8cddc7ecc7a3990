import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { KubeletFlags } from "../../../../src/commands/runner/kubelet-flags.ts";
import { readStandaloneConfig } from "../../../../src/commands/runner/read-standalone-config.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-config-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("one directory is enough: all else are a kubelet's defaults, without a cluster", async () => {
  const { config, notes } = await read({ podManifestPath: "/etc/kubernetes/manifests" });
  expect(config.kubelet).toMatchObject({
    staticPodPath: "/etc/kubernetes/manifests",
    staticPodURL: undefined,
    fileCheckFrequencyMs: 20_000,
    httpCheckFrequencyMs: 20_000,
    podLogsDir: "/r/var/log/pods",
    enableServer: false,
  });
  expect(config.runner).toMatchObject({ nodeName: "node-1", nodeIP: "192.0.2.10", badManifest: "keep" });
  expect(config.runner.kubeconfig).toBeUndefined();
  expect(notes).toEqual([]);
});

test("flags win over drop-ins, these over the file; groups merge, lists replace, null removes", async () => {
  await write(
    "k.yaml",
    `${HEAD}staticPodPath: m\nmaxPods: 5\nhttpCheckFrequency: 1m\nstaticPodURLHeader: {A: [x], B: [y]}\nstaticPodURL: http://file/\n`,
  );
  await write("d/20.conf", `${HEAD}maxPods: 7\nstaticPodURLHeader: {A: [z, w], B: null}\n`);
  await write("d/10/a.conf", `${HEAD}maxPods: 6\nfileCheckFrequency: 5s\n`);
  await write("d/ignored.yaml", "rubbish: [");
  const { config } = await read({
    config: "k.yaml",
    configDir: "d",
    httpCheckFrequency: "2s",
    manifestUrl: "http://flag/",
  });
  expect(config.kubelet).toMatchObject({
    staticPodPath: join(dir, "m"),
    staticPodURL: "http://flag/",
    maxPods: 7,
    fileCheckFrequencyMs: 5000,
    httpCheckFrequencyMs: 2000,
    staticPodURLHeader: { A: ["z", "w"] },
  });
});

test("headers of flags replace those of the file, and may be named several times", async () => {
  await write("k.yaml", `${HEAD}staticPodURL: http://file/\nstaticPodURLHeader: {A: [x]}\n`);
  const manifestUrlHeader = ["Accept: text/yaml,X-T:a:b", "X-T:c"];
  const { config } = await read({ config: "k.yaml", manifestUrlHeader });
  expect(config.kubelet.staticPodURLHeader).toEqual({ Accept: ["text/yaml"], "X-T": ["a:b", "c"] });
  const wrong = read({ manifestUrl: "http://x/", manifestUrlHeader: ["s3cret"] });
  await expect(wrong).rejects.toMatchObject({ code: "SLIPWAY_USAGE", why: "a part of it has no colon" });
});

test("a file with staticPodPath alone is read with a warning; its path may be relative", async () => {
  await write("sub/kubeconfig.yaml", "staticPodPath: manifests\n");
  const { config, notes } = await read({ config: "sub/kubeconfig.yaml" });
  expect(config.kubelet.staticPodPath).toBe(join(dir, "sub/manifests"));
  expect(notes).toEqual([expect.stringContaining("has no apiVersion and kind")]);
});

test("fields and flags that do nothing here are named once, unknown fields with the nearest", async () => {
  await write(
    "k.yaml",
    `${HEAD}staticPodPath: /m\ncgroupDriver: systemd\nevictionHard: {}\nstaticPodPathh: /x\n`,
  );
  const { notes } = await read({ config: "k.yaml", idle: ["--network-plugin"] });
  expect(notes).toEqual([
    "these fields have no effect here: cgroupDriver, evictionHard",
    "these flags have no effect here: --network-plugin",
    "there is no field staticPodPathh; it is ignored; did you mean staticPodPath?",
  ]);
});

test("a kubeconfig that is there joins the cluster, one that is missing is told", async () => {
  const path = await write("kubeconfig", "{}");
  const joined = await read({ podManifestPath: "/m", kubeconfig: path });
  expect(joined.config.runner.kubeconfig).toBe(path);
  expect(joined.config.kubelet.enableServer).toBe(true);
  const { config, notes } = await read({ podManifestPath: "/m", kubeconfig: "/nowhere" });
  expect(config.runner.kubeconfig).toBeUndefined();
  expect(notes).toEqual(["/nowhere does not exist: the runner runs without a cluster"]);
});

test("a server without a cluster listens on loopback unless told otherwise, and says when nobody may ask it", async () => {
  await write("k.yaml", `${HEAD}staticPodPath: /m\nenableServer: true\n`);
  const { config, notes } = await read({ config: "k.yaml", certDir: "own" });
  expect([config.kubelet.address, config.runner.certDir]).toEqual(["127.0.0.1", join(dir, "own")]);
  expect(notes).toEqual([expect.stringContaining("the kubelet API answers nobody")]);
  await write("k.yaml", `${HEAD}staticPodPath: /m\naddress: 192.0.2.1\nauthorization: {mode: AlwaysAllow}\n`);
  const open = await read({ config: "k.yaml" });
  expect([open.config.kubelet.address, open.notes]).toEqual(["192.0.2.1", []]);
});

test.each([
  ["another kind", "apiVersion: v1\nkind: Config\nstaticPodPath: /m\n", "k.yaml:2:1: it has to be"],
  ["no YAML", `${HEAD}staticPodPath: [\n`, "k.yaml:4:1: "],
  ["a wrong type", `${HEAD}staticPodPath: /m\nmaxPods: many\n`, "maxPods: "],
  [
    "no duration",
    `${HEAD}staticPodPath: /m\nfileCheckFrequency: often\n`,
    "fileCheckFrequency: is no duration",
  ],
  [
    "a drop-in's pause",
    `${HEAD}staticPodPath: /m\ncrashLoopBackOff: {maxContainerRestartPeriod: 1h}\n`,
    "1s to 300s",
  ],
])("%s is refused", async (_what, text, part) => {
  await write("k.yaml", text);
  const error = await read({ config: "k.yaml" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "SLIPWAY_CONFIG_INVALID", details: [expect.stringContaining(part)] });
});

test("a node's name or a URL that cannot be one is refused", async () => {
  const error = await read({ manifestUrl: "ftp://x/", hostnameOverride: "A b" }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: "SLIPWAY_CONFIG_INVALID",
    details: [expect.stringContaining("staticPodURL"), expect.stringContaining('"a b" is not a DNS name')],
  });
});

test("a file that is missing, and a configuration without any source, are refused", async () => {
  await expect(read({ config: "none.yaml" })).rejects.toMatchObject({ code: "SLIPWAY_CONFIG_UNREADABLE" });
  await write("k.yaml", HEAD);
  await expect(read({ config: "k.yaml" })).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_INVALID",
    what: "the runner has nothing to run",
  });
});

function read(flags: Partial<KubeletFlags>) {
  const system = createFakeSystem({ host: { workingDir: () => dir } });
  return readStandaloneConfig(system, {
    paths: buildPaths({ root: "/r", uid: 0 }),
    flags: { idle: [], ...flags },
  });
}

async function write(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

test("the Node's labels, taints and registration are those of the flags", async () => {
  const flags = { podManifestPath: "/m", nodeLabels: "rack=7", registerWithTaints: "a=b:NoSchedule" };
  const { config } = await read({ ...flags, registerNode: "false" });
  expect(config.runner.nodeLabels).toEqual({ rack: "7" });
  expect(config.kubelet.registerWithTaints).toEqual([{ key: "a", value: "b", effect: "NoSchedule" }]);
  expect(config.kubelet.registerNode).toBe(false);
  expect((await read({ ...flags, registerNode: true })).config.kubelet.registerNode).toBe(true);
  await expect(read({ ...flags, nodeLabels: "k8s.io/a=b", registerWithTaints: "a" })).rejects.toMatchObject({
    details: [
      expect.stringMatching(/^--node-labels: a node may not/),
      expect.stringMatching(/^--register-with-taints: "a"/),
    ],
  });
});
