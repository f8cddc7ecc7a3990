import { readdir, readFile, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { locateComponentForImage } from "../../../src/components/locate-component.ts";
import { findInDirs } from "../../../src/components/sources/dir.ts";
import type { RunOptions, RunResult } from "../../../src/system/exec.ts";
import {
  type ComponentMachine,
  createComponentMachine,
  writeProgram,
} from "../../support/component-system.ts";

let machine: ComponentMachine;
afterEach(() => machine.remove());

/** A machine whose programs tell these versions, by path below its directory. */
async function prepare(versions: Readonly<Record<string, string>>): Promise<void> {
  machine = await createComponentMachine({ run: (program) => tellVersion(program, versions) });
  for (const path of Object.keys(versions)) await writeProgram(join(machine.dir, path));
}

function tellVersion(program: RunOptions, versions: Readonly<Record<string, string>>): Partial<RunResult> {
  const version = versions[program.command.slice(machine.dir.length + 1)] ?? "";
  if (version.startsWith("exit")) return { exitCode: 1, stderr: "Exec format error" };
  if (program.command.endsWith("etcd")) return { stdout: `etcd Version: ${version}\nGit SHA: 0\n` };
  if (!program.command.endsWith("kubectl")) return { stdout: `Kubernetes ${version}\n` };
  if (program.args?.join(" ") !== "version --client -o json") return { exitCode: 1 };
  return { stdout: JSON.stringify({ clientVersion: { gitVersion: version } }) };
}

const find = (name: "etcd" | "kubectl" | "kube-apiserver", dir?: string) =>
  findInDirs(machine.system, { kubernetesVersion: "v1.37.2", names: [name], dir });

test("programs of a directory are used where they lie", async () => {
  await prepare({ "d/etcd": "3.7.3", "d/kubectl": "v1.37.2", "d/kube-apiserver": "v1.37.2" });
  const dir = join(machine.dir, "d");
  const findings = await findInDirs(machine.system, {
    kubernetesVersion: "v1.37.2",
    names: ["etcd", "kube-apiserver", "kubectl"],
    dir,
  });
  expect(findings).toEqual([
    {
      kind: "found",
      warning: undefined,
      component: { name: "etcd", version: "v3.7.3", path: `${dir}/etcd`, origin: "dir" },
    },
    {
      kind: "found",
      warning: undefined,
      component: { name: "kube-apiserver", version: "v1.37.2", path: `${dir}/kube-apiserver`, origin: "dir" },
    },
    {
      kind: "found",
      warning: undefined,
      component: { name: "kubectl", version: "v1.37.2", path: `${dir}/kubectl`, origin: "dir" },
    },
  ]);
});

test("another patch is taken with a warning", async () => {
  await prepare({ "bin/kube-apiserver": "v1.37.0" });
  expect(await find("kube-apiserver")).toMatchObject([
    { kind: "found", warning: expect.stringContaining("v1.37.0"), component: { origin: "path" } },
  ]);
});

test("another minor on PATH is not used, and the reason names it", async () => {
  await prepare({ "bin/kubectl": "v1.36.3" });
  expect(await find("kubectl")).toEqual([
    {
      kind: "unfit",
      name: "kubectl",
      reason: `${machine.dir}/bin/kubectl: it is v1.36.3, needed is any 1.37 (v1.37.2)`,
    },
  ]);
});

test("a program that does not tell its version is not used", async () => {
  await prepare({ "bin/etcd": "exit" });
  expect(await find("etcd")).toMatchObject([
    { kind: "unfit", reason: expect.stringContaining("does not tell") },
  ]);
});

test("what is nowhere is absent", async () => {
  await prepare({});
  expect(await find("etcd")).toEqual([{ kind: "absent", name: "etcd", reason: "etcd is not on PATH" }]);
  expect(await find("etcd", "/no/such")).toEqual([
    { kind: "absent", name: "etcd", reason: "etcd is not in /no/such" },
  ]);
});

test("a version is asked for once for as long as the file is the same", async () => {
  await prepare({ "bin/etcd": "3.7.0" });
  await find("etcd");
  await find("etcd");
  expect(machine.system.runs).toHaveLength(1);
  await utimes(join(machine.dir, "bin/etcd"), 1, 1);
  await find("etcd");
  expect(machine.system.runs).toHaveLength(2);
});

test("the versions of programs that are no more are forgotten when another is asked", async () => {
  await prepare({ "bin/etcd": "3.7.0", "bin/kubectl": "v1.37.2", "d/etcd": "3.7.1" });
  await find("etcd");
  await find("etcd", join(machine.dir, "d"));
  await rm(join(machine.dir, "d"), { recursive: true });
  await find("kubectl");
  const dir = join(machine.cacheDir, "versions");
  const texts = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), "utf8")));
  const paths = texts.map((text) => (JSON.parse(text) as { path: string }).path);
  expect(paths.sort()).toEqual([join(machine.dir, "bin/etcd"), join(machine.dir, "bin/kubectl")]);
});

test("an image is located in the named directory, in the cache, on PATH, or nowhere", async () => {
  await prepare({ "d/etcd": "3.7.1", "bin/etcd": "3.7.0", "bin/kube-apiserver": "v1.37.2" });
  const componentDir = join(machine.dir, "d");
  const locate = (image: string, dir?: string) =>
    locateComponentForImage(machine.system, { image, componentDir: dir });
  expect(await locate("registry.k8s.io/etcd:3.7.0-0", componentDir)).toBe(join(machine.dir, "d/etcd"));
  expect(await locate("registry.k8s.io/etcd:3.7.0-0")).toBe(join(machine.dir, "bin/etcd"));
  expect(await locate("registry.k8s.io/etcd:3.7.2-0", componentDir)).toBeUndefined();
  expect(await locate("mirror.local/x/kube-apiserver:v1.37.2")).toBe(join(machine.dir, "bin/kube-apiserver"));
  expect(await locate("registry.k8s.io/pause:3.10")).toBeUndefined();
});
