import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { installIntoCache } from "../../../src/components/cache.ts";
import { describeComponents } from "../../../src/components/describe-components.ts";
import { ensureComponents } from "../../../src/components/ensure-components.ts";
import type { BinaryName, ComponentRequest } from "../../../src/components/types.ts";
import {
  type ComponentMachine,
  createComponentMachine,
  createHastyNetwork,
  writeProgram,
} from "../../support/component-system.ts";
import { type ReleaseServer, sha256, startReleaseServer } from "../../support/release-server.ts";

let machine: ComponentMachine;
let server: ReleaseServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
  await machine.remove();
});

async function prepare(version = "v1.37.2"): Promise<void> {
  machine = await createComponentMachine({
    ...createHastyNetwork(),
    run: ({ command }) =>
      command.endsWith("/go")
        ? { exitCode: 1, stderr: "go is broken" }
        : { stdout: command.endsWith("kubectl") ? `"gitVersion": "${version}"` : `Kubernetes ${version}` },
  });
}

async function cache(name: BinaryName, version: string): Promise<void> {
  const fromPath = await writeProgram(join(machine.cacheDir, "new"), name);
  await installIntoCache(machine.system, { key: { name, version }, fromPath, origin: "go" });
}

function ensure(request: Partial<ComponentRequest>) {
  const notes: string[] = [];
  const result = ensureComponents(machine.system, {
    request: {
      kubernetesVersion: "v1.37.2",
      source: "auto",
      dir: undefined,
      mirror: "http://127.0.0.1:1",
      names: ["kubectl", "kube-apiserver"],
      ...request,
    },
    onProgress: () => {},
    onNote: (line) => notes.push(line),
  });
  return { result, notes };
}

describe("auto", () => {
  test("takes each from the first source that has it, in the order asked for, and says which", async () => {
    await prepare();
    server = await startReleaseServer();
    const path = "/release/v1.37.2/bin/linux/amd64/kube-scheduler";
    server.serve(path, "scheduler");
    server.serve(`${path}.sha256`, sha256("scheduler"));
    await cache("kube-apiserver", "v1.37.2");
    await writeProgram(join(machine.dir, "bin/kubectl"));
    const { result, notes } = ensure({
      names: ["kube-scheduler", "kubectl", "kube-apiserver"],
      mirror: server.url,
    });
    expect((await result).map(({ name, origin }) => [name, origin])).toEqual([
      ["kube-scheduler", "download"],
      ["kubectl", "path"],
      ["kube-apiserver", "cache"],
    ]);
    expect(notes).toEqual([
      "downloaded: kube-scheduler v1.37.2",
      "from PATH: kubectl v1.37.2",
      "from the cache: kube-apiserver v1.37.2",
    ]);
  });

  test("prefers a directory that was named, warning of another patch", async () => {
    await prepare("v1.37.1");
    await cache("kubectl", "v1.37.2");
    await cache("kube-apiserver", "v1.37.2");
    const dir = join(machine.dir, "d");
    await writeProgram(join(dir, "kubectl"));
    const { result, notes } = ensure({ dir });
    expect((await result).map(({ origin }) => origin)).toEqual(["dir", "cache"]);
    expect(notes[0]).toMatch(/^warning: kubectl is v1\.37\.1/);
  });

  test("passes over a kubectl of another minor, with the reason", async () => {
    await prepare("v1.30.0");
    await writeProgram(join(machine.dir, "bin/kubectl"));
    const { result, notes } = ensure({ names: ["kubectl"] });
    await expect(result).rejects.toMatchObject({ code: "SLIPWAY_COMPONENT_NOT_FOUND" });
    expect(notes[0]).toMatch(/^kubectl is not used: .*v1\.30\.0/);
  });

  test("tells in one failure what each source said", async () => {
    await prepare();
    await cache("kubectl", "v1.37.2");
    await writeProgram(join(machine.dir, "bin/go"));
    await expect(ensure({}).result).rejects.toMatchObject({
      code: "SLIPWAY_COMPONENT_NOT_FOUND",
      what: "no source has kube-apiserver for Kubernetes v1.37.2",
      details: [
        expect.stringMatching(/^cache: kube-apiserver not in /),
        "path: kube-apiserver is not on PATH",
        "download: 127.0.0.1:1: the connection was refused",
        expect.stringMatching(/^go: the components cannot be built here: .*go is broken/),
      ],
    });
  });
});

describe("a single source", () => {
  test("dir looks nowhere else and says what is missing", async () => {
    await prepare();
    await cache("kubectl", "v1.37.2");
    await expect(ensure({ source: "dir", dir: "/no/such" }).result).rejects.toMatchObject({
      code: "SLIPWAY_COMPONENT_NOT_FOUND",
      why: "kubectl is not in /no/such",
      details: ["kube-apiserver is not in /no/such"],
    });
  });

  test("dir with the wrong minor is a wrong version", async () => {
    await prepare("v1.36.3");
    await writeProgram(join(machine.dir, "bin/kubectl"));
    await expect(ensure({ source: "dir", names: ["kubectl"] }).result).rejects.toMatchObject({
      code: "SLIPWAY_COMPONENT_VERSION",
    });
  });

  test.each([
    ["download", "SLIPWAY_DOWNLOAD_FAILED"],
    ["go", "SLIPWAY_TOOLCHAIN_MISSING"],
  ] as const)("%s fails with its own failure", async (source, code) => {
    await prepare();
    await writeProgram(join(machine.dir, "bin/go"));
    await expect(ensure({ source }).result).rejects.toMatchObject({ code });
  });

  test.each(["download", "go"] as const)("%s uses what is cached", async (source) => {
    await prepare();
    await cache("kubectl", "v1.37.2");
    const components = await ensure({ source, names: ["kubectl"] }).result;
    expect(components).toMatchObject([{ origin: "cache" }]);
  });
});

test("an unsupported version is refused before anything is looked for", async () => {
  await prepare();
  await expect(ensure({ kubernetesVersion: "v1.20.0" }).result).rejects.toMatchObject({
    code: "SLIPWAY_VERSION_UNSUPPORTED",
  });
});

test("the overview tells what is there and what is needed", async () => {
  await prepare();
  await cache("etcd", "v3.7.1");
  const { components, cached } = await describeComponents(machine.system, {
    kubernetesVersion: "v1.37.2",
    dir: undefined,
  });
  expect(components[0]).toMatchObject({
    name: "etcd",
    neededVersion: "v3.7.0",
    component: { version: "v3.7.1" },
  });
  expect(components[1]).toMatchObject({ name: "kube-apiserver", component: undefined });
  expect(cached.filter(({ path }) => path.startsWith(machine.dir))).toMatchObject([{ name: "etcd" }]);
});
