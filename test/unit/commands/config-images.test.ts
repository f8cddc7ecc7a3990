import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runConfigImages, runPullImages } from "../../../src/commands/config-images.ts";
import { installIntoCache } from "../../../src/components/cache.ts";
import { COMPONENT_NAMES } from "../../../src/components/types.ts";
import {
  type ComponentMachine,
  createComponentMachine,
  writeProgram,
} from "../../support/component-system.ts";
import { createFakeUi } from "../../support/fake-ui.ts";

let machine: ComponentMachine;

beforeEach(async () => {
  machine = await createComponentMachine();
});
afterEach(() => machine.remove());

async function fillCache(): Promise<void> {
  for (const name of COMPONENT_NAMES) {
    const version = name === "etcd" ? "v3.7.0" : "v1.37.2";
    const fromPath = await writeProgram(join(machine.cacheDir, "new"), name);
    await installIntoCache(machine.system, { key: { name, version }, fromPath, origin: "go" });
  }
}

function pull(runtime: "host" | "external") {
  return runPullImages(machine.system, {
    configPath: undefined,
    flags: { imageRepository: "example.com/k" },
    runtime,
    source: "auto",
    dir: undefined,
    mirror: undefined,
    ui: createFakeUi(),
    signal: new AbortController().signal,
  });
}

test("images follow the configuration and the flags", async () => {
  const configPath = join(machine.dir, "c.yaml");
  await writeFile(
    configPath,
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nproxy: {disabled: true}\netcd: {external: {endpoints: ['https://a:1']}}\n",
  );
  const flags = { imageRepository: "example.com/k", kubernetesVersion: "v1.36.3" };
  expect(await runConfigImages(machine.system, { configPath, flags })).toEqual([
    "example.com/k/kube-apiserver:v1.36.3",
    "example.com/k/kube-controller-manager:v1.36.3",
    "example.com/k/kube-scheduler:v1.36.3",
    "example.com/k/coredns:v1.14.2",
    "example.com/k/pause:3.10.2",
  ]);
});

test("pulling gets the binaries that images stand for, and names those that only other nodes run", async () => {
  await fillCache();
  const { images } = await pull("host");
  const path = (name: string, version: string): string =>
    join(machine.cacheDir, "linux-amd64", name, version, name);
  expect(images).toEqual([
    { image: "example.com/k/kube-apiserver:v1.37.2", path: path("kube-apiserver", "v1.37.2") },
    {
      image: "example.com/k/kube-controller-manager:v1.37.2",
      path: path("kube-controller-manager", "v1.37.2"),
    },
    { image: "example.com/k/kube-scheduler:v1.37.2", path: path("kube-scheduler", "v1.37.2") },
    { image: "example.com/k/kube-proxy:v1.37.2", path: undefined },
    { image: "example.com/k/coredns:v1.14.6", path: undefined },
    { image: "example.com/k/pause:3.10.2", path: undefined },
    { image: "example.com/k/etcd:3.7.0-0", path: path("etcd", "v3.7.0") },
  ]);
});

test("for an external runtime nothing is pulled, and the error says who pulls", async () => {
  await expect(pull("external")).rejects.toMatchObject({
    code: "SLIPWAY_USAGE",
    why: expect.stringContaining("kubelet's container runtime"),
    fix: expect.stringContaining("crictl pull example.com/k/kube-apiserver:v1.37.2"),
  });
});
