import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PathsAnswer } from "../../src/commands/runner/manifests.ts";
import { createNet } from "../../src/system/net.ts";

import { listTree } from "../support/machine.ts";
import { NOBODY, succeed } from "../support/plane.ts";
import { reservePorts } from "../support/reserve-ports.ts";
import { prepareStandalone, type Standalone } from "../support/standalone.ts";

/** What a unit file for the kubelet has around the option that matters here. */
const UNIT_FLAGS = [
  "--container-runtime=remote",
  "--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock",
  "--kubeconfig=/nowhere/kubeconfig",
  "--network-plugin=cni",
  "--register-node=true",
  "--v=2",
];
const NODE = hostname().toLowerCase();
const net = createNet();

let runner: Standalone;
let server: Server;
const NO_PODS = "apiVersion: v1\nkind: PodList\nitems: []\n";
let body = NO_PODS;
const seenHeaders: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    seenHeaders.push(request.headers["x-token"]?.toString());
    response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  runner = await prepareStandalone();
  await runner.write("kubeconfig.yaml", "staticPodPath: manifests\n");
  await mkdir(join(runner.dir, "drop-ins"));
  await runner.write(
    "drop-ins/token.conf",
    headers("staticPodURLHeader: {X-Token: [s3cret-value]}\nhealthzPort: 0\n"),
  );
  runner.run(
    ...UNIT_FLAGS,
    "--config=kubeconfig.yaml",
    "--config-dir=drop-ins",
    `--manifest-url=http://127.0.0.1:${port}/pods`,
    "--http-check-frequency=100ms",
  );
});
afterAll(async () => {
  await runner.destroy();
  server.close();
});

test("a file with staticPodPath alone, drop-ins and a kubelet's unit flags start a runner, with one note each", async () => {
  await expect.poll(() => runner.slipway("ps").then(({ exitCode }) => exitCode)).toBe(0);
  expect(runner.log()).toContain("has no apiVersion and kind");
  expect(runner.log().match(/these flags have no effect here/g)).toHaveLength(1);
  expect(runner.log()).toContain("/nowhere/kubeconfig does not exist: the runner runs without a cluster");
});

test("a pod file placed in the directory runs, an edit recreates the pod, removing the file deletes it", async () => {
  await runner.write("manifests/web.yaml", pod("web", "600"));
  await expect.poll(runner.pods).toEqual([expect.stringMatching(`^web-${NODE} Running \\d+$`)]);
  const [before] = await runner.pods();
  await runner.write("manifests/web.yaml", pod("web", "601"));
  await expect.poll(runner.pods).not.toEqual([before]);
  await expect.poll(runner.pods).toEqual([expect.stringMatching(`^web-${NODE} Running \\d+$`)]);
  await rm(join(runner.dir, "manifests/web.yaml"));
  await expect.poll(runner.pods).toEqual([]);
});

test("only Pods are run: other kinds are refused with a sentence that says why and what to do", async () => {
  for (const kind of ["Deployment", "ReplicaSet", "DaemonSet", "Service", "List"]) {
    await runner.write(`manifests/${kind}.yaml`, `apiVersion: v1\nkind: ${kind}\nmetadata: {name: x}\n`);
  }
  await runner.write("manifests/secret.yaml", `${pod("s", "1")}  imagePullSecrets: [{name: x}]\n`);
  await expect.poll(() => runner.ps().then(({ refused }) => refused.length)).toBe(6);
  const { refused } = await runner.ps();
  expect(refused.filter(({ code }) => code === "SLIPWAY_KIND_REFUSED")).toHaveLength(5);
  const text = succeed(await runner.slipway("ps"));
  expect(text).toContain(
    "a DaemonSet cannot be run from a file: its pods are made by the controller-manager",
  );
  expect(text).toMatch(/secret\.yaml is refused: .*: static pods may not reference secrets/);
  await rm(join(runner.dir, "manifests"), { recursive: true });
  await mkdir(join(runner.dir, "manifests"));
  await expect.poll(() => runner.ps().then(({ refused: left }) => left)).toEqual([]);
});

test.each([
  [
    "big",
    (text: string) => `${text}    resources: { requests: { cpu: "5000" } }\n`,
    /why: Pod was rejected: .*cpu/,
  ],
  ["odd", (text: string) => text.replace("image: busybox", "image: 7"), /why: .*image.* must be a text/],
  [
    "late",
    (text: string) => `${text}  initContainers: [{ name: one, image: busybox, command: [sleep, "60"] }]\n`,
    /why: it waits for the init container one\n.*slipway logs .* late-\S+ -c one\n/,
  ],
])("logs of a pod without any says why it has none: %s", async (name, edit, why) => {
  await runner.write(`manifests/${name}.yaml`, edit(pod(name, "600")));
  await expect.poll(() => runner.slipway("logs", name).then(({ stderr }) => stderr)).toMatch(why);
  await rm(join(runner.dir, `manifests/${name}.yaml`));
});

test("pods come over HTTP as well, and a crashed one is started again by itself", async () => {
  await runner.write("manifests/file.yaml", pod("file", "600"));
  body = pod("remote", "600");
  const both = [`file-${NODE}`, `remote-${NODE}`].map((name) =>
    expect.stringMatching(`^${name} Running \\d+$`),
  );
  await expect.poll(runner.pods).toEqual(both);
  const [file, remote] = await runner.pods();
  process.kill(Number(remote?.split(" ").at(-1)), "SIGKILL");
  await expect.poll(runner.pods).not.toContain(remote);
  await expect.poll(runner.pods).toEqual(both);
  expect(await runner.pods()).toContain(file);
  expect(new Set(seenHeaders)).toEqual(new Set(["s3cret-value"]));
  expect(runner.log()).not.toContain("s3cret-value");
});

test("of a name that comes from two places the first keeps running, also across a killed runner", async () => {
  const before = await runner.pods();
  await runner.write("manifests/second.yaml", pod("remote", "777"));
  await expect
    .poll(() => runner.ps().then(({ refused }) => refused.map(({ origin }) => origin)))
    .toEqual([join(runner.dir, "manifests/second.yaml")]);
  expect(succeed(await runner.slipway("ps"))).toContain(
    `the pod default/remote-${NODE} is already run from http://`,
  );
  expect(await runner.pods()).toEqual(before);
  await runner.kill();
  runner.run(
    "--pod-manifest-path=manifests",
    `--manifest-url=${urlOf(server)}`,
    "--http-check-frequency=100ms",
  );
  await expect.poll(() => runner.ps().then(({ runnerProblem }) => runnerProblem)).toBeUndefined();
  await expect.poll(runner.pods).toEqual(before);
  await rm(join(runner.dir, "manifests/second.yaml"));
});

test("an answer that is empty or rubbish keeps the pods, an empty list removes them, the same pod comes back", async () => {
  const before = await runner.pods();
  for (const answer of ["", "<html>rubbish", "apiVersion: v1\nkind: Pod\nmetadata: {na"]) {
    body = answer;
    await expect.poll(() => runner.ps().then(({ refused }) => refused.length)).toBe(1);
    expect(await runner.pods()).toEqual(before);
  }
  body = NO_PODS;
  await expect.poll(runner.pods).toEqual([expect.stringContaining(`file-${NODE}`)]);
  body = pod("remote", "600");
  await expect.poll(async () => (await runner.pods()).length).toBe(2);
});

test("the path is found from the running process, as are its pods, logs and events", async () => {
  const { items } = JSON.parse(
    succeed(await runner.slipway("manifests", "path", "-o", "json")),
  ) as PathsAnswer;
  expect(items).toContainEqual({
    kind: "path",
    path: join(runner.dir, "manifests"),
    how: expect.stringMatching(/^running slipway \(pid \d+\): --pod-manifest-path$/),
  });
  expect(items).toContainEqual(expect.objectContaining({ kind: "url", url: urlOf(server) }));
  await expect
    .poll(() => runner.slipway("logs", "file").then(({ stdout }) => stdout))
    .toContain("hello from file");
  expect(succeed(await runner.slipway("events"))).toContain("Started");
});

test("a runner that is restarted or started again has the flags that it was started with", async () => {
  const own = await prepareStandalone();
  await own.write("manifests/web.yaml", pod("web", "600"));
  own.run(
    ...["--pod-manifest-path=manifests", "--max-pods=3", "--hostname-override=n9", "--log-format=json"],
    ...["--manifest-url=http://127.0.0.1:1/", "--manifest-url-header=X-Token:s3cret-value"],
  );
  await expect
    .poll(() => own.pods().catch(() => []))
    .toEqual([expect.stringMatching(/^web-n9 Running \d+$/)]);
  const before = await own.pods();
  const flags = [
    `--pod-manifest-path=${join(own.dir, "manifests")}`,
    "--manifest-url=http://127.0.0.1:1/",
    "--manifest-url-header=X-Token:<masked>",
    "--max-pods=3",
    "--hostname-override=n9",
    "--log-format=json",
  ];
  succeed(await own.slipway("runner", "restart"));
  expect(succeed(await own.slipway("runner", "status"))).toContain(flags.join("\n       "));
  expect(await own.pods()).toEqual(before);
  await own.slipway("runner", "stop");
  succeed(await own.slipway("runner", "start"));
  expect(JSON.parse(succeed(await own.slipway("runner", "status", "-o", "json")))).toMatchObject({
    startedWith: flags,
  });
  expect(await own.pods()).toEqual(before);
  const log = await readFile(join(own.root, "var/log/slipway/runner.log"), "utf8");
  expect(log).toMatch(/^\{"time":/);
  expect(log).not.toContain("s3cret-value");
  const { mode } = await stat(join(own.root, "var/lib/slipway/runner-flags.json"));
  expect(mode & 0o777).toBe(0o600);
  await own.destroy();
});

test("reset undoes a runner without a control plane: its directory is as it was", async () => {
  const own = await prepareStandalone();
  await own.write("manifests/web.yaml", pod("web", "600"));
  const before = listTree(own.dir);
  own.run("--pod-manifest-path=manifests");
  await expect.poll(() => own.pods().catch(() => [])).toHaveLength(1);
  succeed(await own.slipway("runner", "restart"));
  expect(succeed(await own.slipway("reset", "--dry-run"))).not.toContain("did not make");
  succeed(await own.slipway("reset", "--force"));
  expect(listTree(own.dir)).toEqual(before);
  await own.destroy();
});

test("a server without a cluster signs its own certificate, and reaches into containers unless that is switched off", async () => {
  const own = await prepareStandalone();
  const [port = 0] = await reservePorts(1);
  const settings = (debugging: boolean): string =>
    headers(
      `enableServer: true\nport: ${port}\nhealthzPort: 0\nenableDebuggingHandlers: ${debugging}\n` +
        "authentication: {anonymous: {enabled: true}}\nauthorization: {mode: AlwaysAllow}\n",
    );
  await own.write("config.yaml", settings(true));
  await own.write("manifests/web.yaml", pod("web", "600"));
  const flags = ["--config=config.yaml", "--pod-manifest-path=manifests", "--hostname-override=n9"];
  own.run(...flags, "--cert-dir=pki");
  const ask = async (path: string, method = "GET"): Promise<string> => {
    const ca = await readFile(join(own.dir, "pki/kubelet.crt"), "utf8");
    const url = `https://127.0.0.1:${port}${path}`;
    const { status, body } = await net.request({ url, method, tls: { ca, serverName: "n9" } });
    return `${status} ${body}`;
  };
  const run = (): Promise<string> =>
    ask("/run/default/web-n9/main?cmd=cat%20/proc/sys/kernel/ostype", "POST");
  await expect.poll(() => run().catch(String)).toBe("200 Linux\n");
  const certificate = await readFile(join(own.dir, "pki/kubelet.crt"), "utf8");
  const [before] = await own.pods();
  await own.write("config.yaml", settings(false));
  succeed(await own.slipway("runner", "restart"));
  await expect.poll(() => run().catch(String)).toBe("405 Debug endpoints are disabled.");
  expect(await ask("/pods")).toMatch(/^200 .*web-n9/);
  expect(await readFile(join(own.dir, "pki/kubelet.crt"), "utf8")).toBe(certificate);
  expect(await own.pods()).toEqual([before]);
  await own.destroy();
});

test("flags are refused where init has set up a control plane", async () => {
  const plane = await prepareStandalone();
  await mkdir(join(plane.root, "var/lib/slipway"), { recursive: true });
  await plane.write("root/var/lib/slipway/runner.yaml", "");
  const { exitCode, stderr } = await plane.slipway("runner", "run", "--pod-manifest-path=manifests");
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("do not fit the control plane")]);
  await plane.destroy();
});

test("an ordinary user runs a single manifest under a directory of their own", async () => {
  const own = await prepareStandalone({ uid: NOBODY });
  await own.write("web.yaml", pod("web", "600"));
  own.run("--pod-manifest-path=web.yaml");
  await expect
    .poll(() => own.pods().catch(() => []))
    .toEqual([expect.stringContaining(`web-${NODE} Running`)]);
  expect(succeed(await own.slipway("runner", "status"))).toContain(join(own.dir, "web.yaml"));
  await own.destroy();
});

function pod(name: string, seconds: string): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "echo hello from ${name}; exec sleep ${seconds}"]
`;
}

function headers(fields: string): string {
  return `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${fields}`;
}

function urlOf(listening: Server): string {
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/pods`;
}
