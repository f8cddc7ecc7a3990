import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatJudged, formatPaths } from "../../../../src/cli/format/format-manifests.ts";
import {
  runManifestsList,
  runManifestsPath,
  runManifestsValidate,
} from "../../../../src/commands/runner/manifests.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const POD =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: c, image: x, command: [/bin/sh]}\n";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-manifests-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("each finding stands at its line and column, and a good file names its pod", async () => {
  const good = await write("good.yaml", `${POD}  hostNetwrok: true\n`);
  const bad = await write("bad.yaml", POD.replace("name: c,", "name: C_,").replace("image: x", 'image: ""'));
  const answer = await validate([good, bad]);
  expect(answer.items.map(({ pod }) => pod)).toEqual(["default/web", undefined]);
  expect(formatJudged(answer).split("\n")).toEqual([
    `${good}:7:3: warning: spec.hostNetwrok: there is no such field, and it is ignored; did you mean hostNetwork?`,
    `${good}: valid, the pod default/web`,
    expect.stringMatching(`^${bad}:6:6: spec.containers\\[0\\].name: "C_" is not a DNS label`),
    `${bad}:6:16: spec.containers[0].image: it is required`,
    "",
  ]);
});

test("errors and warnings of a file stand in its order", async () => {
  const text = POD.replace("metadata:", "metdata: {}\nmetadata:").replace("name: c,", "name: C_, tty: 1,");
  const path = await write("a.yaml", `${text}  hostNetwrok: true\n`);
  expect(formatJudged(await validate([path])).match(/(?<=a\.yaml:)\d+:\d+(?:: warning)?/g)).toEqual([
    "3:1: warning",
    "7:6",
    "7:16",
    "8:3: warning",
  ]);
});

test("standard input is judged under the name of -", async () => {
  expect(formatJudged(await validate(["-"], POD))).toBe("-: valid, the pod default/web\n");
});

test("JSON is placed, too", async () => {
  const path = await write(
    "a.json",
    '{"apiVersion":"v1","kind":"Pod",\n"metadata":{"name":"W_"},\n"spec":{"containers":[]}}',
  );
  const { items } = await validate([path]);
  expect(items[0]?.problems.map(({ line }) => line)).toEqual([2, 3]);
});

test("two files of a directory that name one pod clash, an editor's copy only gets a warning", async () => {
  await write("m/a.yaml", POD);
  await write("m/b.yaml", POD);
  await write("other/c.yaml", POD);
  const copy = await write("m/a.yaml~", POD);
  const { items } = await validate([join(dir, "m"), join(dir, "other"), copy]);
  expect(
    items.map(({ path, pod, problems, warnings }) => [
      path.slice(dir.length),
      pod,
      problems.length,
      warnings.length,
    ]),
  ).toEqual([
    ["/m/a.yaml", "default/web", 0, 0],
    ["/m/b.yaml", undefined, 1, 0],
    ["/other/c.yaml", "default/web", 0, 0],
    ["/m/a.yaml~", "default/web", 0, 1],
  ]);
});

test("a container whose program this machine lacks is a warning in the runner's words, and the pod is valid", async () => {
  const path = await write(
    "a.yaml",
    [
      "apiVersion: v1",
      "kind: Pod",
      "metadata: {name: web}",
      "spec:",
      "  initContainers:",
      "  - {name: i, image: alpine, imagePullPolicy: Never, command: [/no/such, x]}",
      "  containers:",
      "  - {name: a, image: nginx}",
      "  - {name: b, image: x, command: [$(BIN)/sh], env: [{name: BIN, value: /bin}]}",
      "  - {name: d, image: x, command: [nothing], env: [{name: PATH, value: /tools}]}",
      "  - {name: e, image: x:Y/, command: [/bin/sh]}",
      "",
    ].join("\n"),
  );
  const runner = "a runner here lets it wait with";
  const other =
    "A container runtime such as containerd could run it, under a kubelet (init --runtime external).";
  const lacks = (image: string) =>
    `the host runtime pulls no images: this machine has no program for ${image} and`;
  expect(formatJudged(await validate([path])).split("\n")).toEqual([
    `${path}:6:15: warning: spec.initContainers[0].image: ${runner} ErrImageNeverPull: Container image "alpine" is not present with pull policy of Never: ${lacks("alpine")} it has no executable program /no/such. ${other}`,
    `${path}:8:15: warning: spec.containers[0].image: ${runner} ErrImagePull: ${lacks("nginx")} the container names no command. ${other}`,
    `${path}:10:15: warning: spec.containers[2].image: ${runner} ErrImagePull: ${lacks("x")} it has no executable program nothing. ${other}`,
    `${path}:11:15: warning: spec.containers[3].image: ${runner} InvalidImageName: "x:Y/" is not a valid image name`,
    `${path}: valid, the pod default/web`,
    "",
  ]);
});

test("a program in a volume is looked for where the volume lies, and what the pod itself puts there may be", async () => {
  const tool = await write("tools/tool", "#!/bin/sh\n");
  await chmod(tool, 0o755);
  const path = await write(
    "a.yaml",
    `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes:
  - {name: tools, hostPath: {path: ${dir}}}
  - {name: made, emptyDir: {}}
  containers:
  - {name: a, image: x, command: [/t/tool], volumeMounts: [{name: tools, mountPath: /t, subPath: tools}]}
  - {name: b, image: x, command: [/t/other], volumeMounts: [{name: tools, mountPath: /t, subPath: tools}]}
  - {name: c, image: x, command: [/m/made], volumeMounts: [{name: made, mountPath: /m}]}
  - {name: d, image: x, command: [made], env: [{name: PATH, value: "/bin:/m"}], volumeMounts: [{name: made, mountPath: /m}]}
`,
  );
  const { items } = await validate([path]);
  expect(items[0]?.warnings.map(({ text }) => text.slice(0, 18))).toEqual(["spec.containers[1]"]);
});

test("the runner's own component binaries count", async () => {
  const etcd = await write("parts/etcd", "#!/bin/sh\n");
  await chmod(etcd, 0o755);
  const path = await write("a.yaml", POD.replace("x, command: [/bin/sh]", "r/etcd:3.7.0-0, command: [etcd]"));
  await write(
    "var/lib/slipway/runner.yaml",
    `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
---
apiVersion: slipway.dev/v1
kind: RunnerConfiguration
nodeName: a
nodeIP: 127.0.0.1
kubernetesVersion: v1.37.2
componentDir: ${join(dir, "parts")}
`,
  );
  const system = createFakeSystem({
    host: { env: {} },
    run: ({ command }) => (command === etcd ? { stdout: "etcd Version: 3.7.0\n" } : {}),
  });
  const answer = await runManifestsValidate(system, { root: dir, paths: [path], readInput: async () => "" });
  expect(answer.items.map(({ pod, warnings }) => [pod, warnings])).toEqual([["default/web", []]]);
});

test("what is no file at all is an error", async () => {
  const missing = validate([join(dir, "nothing.yaml")]);
  await expect(missing).rejects.toMatchObject({ code: "SLIPWAY_FILE_ACCESS", why: "it does not exist" });
  await symlink(join(dir, "loop"), join(dir, "loop"));
  const loop = validate([join(dir, "loop")]);
  await expect(loop).rejects.toMatchObject({ code: "SLIPWAY_FILE_ACCESS" });
});

test("a kubelet's unit tells where its manifests are, and they are listed", async () => {
  await write(
    "etc/systemd/system/kubelet.service",
    "[Service]\nExecStart=/usr/bin/kubelet --config=/etc/k.yaml \\\n  --manifest-url=http://me:pass@pods.example/\n",
  );
  await write("etc/k.yaml", "staticPodPath: manifests\n");
  await write("etc/manifests/web.yaml", POD);
  await mkdir(join(dir, "proc"));
  const system = createFakeSystem({ rootDir: dir });
  const answer = await runManifestsPath(system, { root: "/" });
  expect(
    formatPaths(answer)
      .split("\n")
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ["PLACE", "KNOWN FROM"],
    ["/etc/manifests", "/etc/systemd/system/kubelet.service: staticPodPath in /etc/k.yaml"],
    ["http://me:xxxxx@pods.example/", "/etc/systemd/system/kubelet.service: --manifest-url"],
    [""],
  ]);
  expect(await runManifestsList(system, { root: "/" })).toMatchObject({
    items: [{ path: "/etc/manifests/web.yaml", pod: "default/web" }],
  });
});

test("on a machine without kubelet and runner it says so", async () => {
  await mkdir(join(dir, "proc"));
  const answer = await runManifestsPath(createFakeSystem({ rootDir: dir }), { root: "/" });
  expect(formatPaths(answer)).toContain("nobody reads static pods on this machine");
});

function validate(paths: readonly string[], input = "") {
  return runManifestsValidate(createFakeSystem(), { root: dir, paths, readInput: async () => input });
}

async function write(name: string, text: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}
