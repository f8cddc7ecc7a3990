import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { buildWithGo } from "../../../src/components/sources/go.ts";
import { buildGoMod, describeKubernetesTarget } from "../../../src/components/sources/go-module.ts";
import { buildGoEnv } from "../../../src/components/sources/go-toolchain.ts";
import type { BinaryName, ComponentProgress } from "../../../src/components/types.ts";
import type { RunOptions, RunResult } from "../../../src/system/exec.ts";
import {
  type ComponentMachine,
  createComponentMachine,
  writeProgram,
} from "../../support/component-system.ts";

const OWN_GO_MOD = `module k8s.io/kubernetes

go 1.26.0

godebug default=go1.26

require (
	github.com/spf13/cobra v1.10.2
	k8s.io/api v0.0.0
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/apimachinery => ./staging/src/k8s.io/apimachinery
)
`;

let machine: ComponentMachine;
afterEach(() => machine.remove());

type Go = (verb: string, program: RunOptions) => Partial<RunResult> | undefined;

/** A machine with a Go that answers as the real one does where `special` does not. */
async function prepare(special: Go = () => undefined, fs: { freeBytes?: () => Promise<number> } = {}) {
  machine = await createComponentMachine({
    fs,
    run: async (program) => {
      const verb = program.args?.[0] ?? "";
      return special(verb, program) ?? (await pretend(verb, program));
    },
  });
  await writeProgram(join(machine.dir, "bin/go"));
  await writeFile(join(machine.dir, "own.mod"), OWN_GO_MOD);
}

async function pretend(verb: string, program: RunOptions): Promise<Partial<RunResult>> {
  const args = program.args ?? [];
  if (verb === "env") return { stdout: JSON.stringify({ GOVERSION: "go1.26.8", GOCACHE: machine.dir }) };
  if (verb === "mod") return { stdout: JSON.stringify({ GoMod: join(machine.dir, "own.mod") }) };
  if (verb === "list") return { stdout: "\na/one\n\na/two\nk8s.io/kubernetes/cmd/kubectl\n" };
  for (const line of ["a/one", "a/two", "k8s.io/kubernetes/cmd/kubectl"]) program.onLine?.(line);
  const output = args[args.indexOf("-o") + 1] ?? "";
  const names = output.endsWith("/")
    ? args
        .filter((arg) => arg.startsWith("k8s.io/kubernetes/"))
        .map((arg) => `${arg.split("/").at(-1)}${verb === "test" ? ".test" : ""}`)
    : [""];
  await mkdir(join(program.cwd ?? "", "out"), { recursive: true });
  for (const name of names) await writeProgram(`${output}${name}`, `built ${name}`);
  return {};
}

function build(names: readonly BinaryName[] = ["kubectl"], signal?: AbortSignal) {
  const progress: ComponentProgress[] = [];
  const result = buildWithGo(machine.system, {
    kubernetesVersion: "v1.37.2",
    names,
    onProgress: (step) => progress.push(step),
    onNote: () => {},
    signal,
  });
  return { result, progress };
}

const runs = (verb: string): readonly RunOptions[] =>
  machine.system.runs.filter(({ args }) => args?.[0] === verb);

test("all programs of a module are made by one build and put in the cache", async () => {
  await prepare();
  const built = await build(["etcd", "kubectl", "kubeadm"]).result;
  expect(built.map(({ name, version, origin }) => [name, version, origin])).toEqual([
    ["etcd", "v3.7.0", "go"],
    ["kubectl", "v1.37.2", "go"],
    ["kubeadm", "v1.37.2", "go"],
  ]);
  expect(
    runs("build").map(({ args }) => args?.filter((arg) => arg.includes("/v3") || arg.includes("/cmd/"))),
  ).toEqual([
    ["go.etcd.io/etcd/server/v3"],
    ["k8s.io/kubernetes/cmd/kubectl", "k8s.io/kubernetes/cmd/kubeadm"],
  ]);
  expect(await readdir(join(machine.cacheDir, "work"))).toEqual([]);
});

test("a package's tests are a program of a build of its own", async () => {
  await prepare();
  const built = await build(["kubeadm", "e2e_kubeadm.test"]).result;
  expect(built.map(({ name }) => name)).toEqual(["e2e_kubeadm.test", "kubeadm"]);
  expect(runs("test")[0]?.args?.slice(0, 2)).toEqual(["test", "-c"]);
  expect(runs("test")[0]?.args?.at(-1)).toBe("k8s.io/kubernetes/test/e2e_kubeadm");
  expect(runs("build")[0]?.args?.at(-1)).toBe("k8s.io/kubernetes/cmd/kubeadm");
});

test("what is cached is not built again", async () => {
  await prepare();
  await build().result;
  await build(["kubectl", "kube-scheduler"]).result;
  expect(runs("build")[1]?.args?.at(-1)).toBe("k8s.io/kubernetes/cmd/kube-scheduler");
  expect(runs("build")[1]?.args).not.toContain("k8s.io/kubernetes/cmd/kubectl");
});

test("progress counts the packages that have to be compiled and names the one at hand", async () => {
  await prepare();
  const { result, progress } = build();
  await result;
  expect(progress.slice(-3)).toEqual([
    { component: "kubectl", activity: "compiling a/one (1 of 3)", fraction: 0 },
    { component: "kubectl", activity: "compiling a/two (2 of 3)", fraction: 1 / 3 },
    { component: "kubectl", activity: "linking kubectl", fraction: 2 / 3 },
  ]);
});

test("the build uses the local toolchain, no C compiler, and a temporary directory of its own", async () => {
  await prepare();
  await build().result;
  expect(runs("build")[0]?.env).toMatchObject({
    GOTOOLCHAIN: "local",
    CGO_ENABLED: "0",
    GOWORK: "off",
    GOARCH: "amd64",
  });
  expect(runs("build")[0]?.env?.["GOTMPDIR"]).toContain(machine.cacheDir);
});

test("go.mod takes the published staging modules of the same release", () => {
  expect(
    buildGoMod(describeKubernetesTarget("v1.37.2", ["kubectl"]), OWN_GO_MOD),
  ).toBe(`module slipway.local/components
go 1.26.0
godebug default=go1.26
require k8s.io/kubernetes v1.37.2
replace k8s.io/api => k8s.io/api v0.37.2
replace k8s.io/apimachinery => k8s.io/apimachinery v0.37.2
`);
});

test("the linker is told the version in both places", () => {
  const { linkerFlags } = describeKubernetesTarget("v1.36.3", ["kubectl"]);
  expect(linkerFlags).toContain("-X k8s.io/component-base/version.gitVersion=v1.36.3");
  expect(linkerFlags).toContain("-X k8s.io/client-go/pkg/version.gitMinor=36");
});

test("without HOME Go's caches lie below ours, unless they are named", () => {
  expect(buildGoEnv({ GOCACHE: "/mine" }, "/c")).toMatchObject({
    GOCACHE: "/mine",
    GOPATH: "/c/go",
    GOMODCACHE: "/c/go/pkg/mod",
  });
  expect(buildGoEnv({ HOME: "/root" }, "/c")["GOPATH"]).toBeUndefined();
});

describe("a build that cannot be", () => {
  test("for want of Go names the other ways", async () => {
    machine = await createComponentMachine({ fs: { access: () => Promise.resolve(false) } });
    await expect(build().result).rejects.toMatchObject({
      code: "SLIPWAY_TOOLCHAIN_MISSING",
      fix: expect.stringContaining("--component-dir"),
    });
  });

  test("for a Go that is too old names both versions", async () => {
    await prepare((verb) =>
      verb === "env" ? { stdout: JSON.stringify({ GOVERSION: "go1.25.9", GOCACHE: "/c" }) } : undefined,
    );
    await expect(build().result).rejects.toMatchObject({
      code: "SLIPWAY_TOOLCHAIN_MISSING",
      why: expect.stringMatching(/needs Go 1\.26\.0.*is 1\.25\.9/),
    });
    expect(runs("build")).toEqual([]);
  });

  test("for want of space says how much is needed before it begins", async () => {
    await prepare(() => undefined, { freeBytes: () => Promise.resolve(1024 ** 3) });
    await expect(build().result).rejects.toMatchObject({
      code: "SLIPWAY_NO_SPACE",
      why: expect.stringMatching(/^3 packages need up to 1\.0 GiB, and .* has 1\.0 GiB free$/),
    });
    expect(runs("build")).toEqual([]);
  });

  test.each([
    ["go: writing: no space left on device", "SLIPWAY_NO_SPACE"],
    ["verifying k8s.io/api@v0.37.2: checksum mismatch", "SLIPWAY_COMPONENT_CORRUPT"],
    ['Get "https://x/": dial tcp: lookup x: no such host', "SLIPWAY_DOWNLOAD_FAILED"],
    ["go: k8s.io/x@v1: module requires go >= 1.99", "SLIPWAY_TOOLCHAIN_MISSING"],
    ["compile: signal: killed", "SLIPWAY_BUILD_FAILED"],
    ["a.go:1:1: undefined: b", "SLIPWAY_BUILD_FAILED"],
  ])("because of %j is %s, and leaves nothing behind", async (stderr, code) => {
    await prepare((verb) => (verb === "build" ? { exitCode: 1, stderr: `${stderr}\n` } : undefined));
    await expect(build().result).rejects.toMatchObject({ code, why: stderr });
    expect(await readdir(join(machine.cacheDir, "work"))).toEqual([]);
    expect(await readdir(join(machine.cacheDir, "linux-amd64/kubectl/v1.37.2"))).toEqual([]);
  });

  test("for want of the version says what the module proxy said", async () => {
    const reason = "k8s.io/kubernetes@v1.37.2: invalid version: unknown revision v1.37.2";
    await prepare((verb) =>
      verb === "mod" ? { exitCode: 1, stdout: JSON.stringify({ Error: reason }) } : undefined,
    );
    await expect(build().result).rejects.toMatchObject({ code: "SLIPWAY_DOWNLOAD_FAILED", why: reason });
  });
});

test("an aborted build leaves nothing behind", async () => {
  const abort = new AbortController();
  await prepare((verb) => {
    if (verb !== "build") return undefined;
    abort.abort(new Error("stopped"));
    return { exitCode: undefined, signal: "SIGTERM" };
  });
  await expect(build(["kubectl"], abort.signal).result).rejects.toThrow("stopped");
  expect(await readdir(join(machine.cacheDir, "work"))).toEqual([]);
});

test("what a killed build left is removed by the next", async () => {
  await prepare();
  const left = join(machine.cacheDir, "work", `${2 ** 22 + 1}-00`);
  await mkdir(join(left, "tmp"), { recursive: true });
  await writeFile(join(left, "tmp/half"), "");
  await build().result;
  expect(await readdir(join(machine.cacheDir, "work"))).toEqual([]);
  expect(await readFile(join(machine.cacheDir, "linux-amd64/kubectl/v1.37.2/kubectl"), "utf8")).toBe(
    "built kubectl",
  );
});
