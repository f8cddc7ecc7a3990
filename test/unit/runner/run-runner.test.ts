import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectRunner } from "../../../src/control/control-client.ts";
import { createRunner, type Runner } from "../../../src/runner/run-runner.ts";
import type { KubeletConfiguration } from "../../../src/runner/types.ts";
import { createNet } from "../../../src/system/net.ts";
import { buildKubeletConfiguration } from "../../support/cluster-values.ts";
import { createFakeRuntime, type FakeRuntime } from "../../support/fake-runtime.ts";
import { createFakeSystem, type FakeSystem } from "../../support/fake-system.ts";

let dir: string;
let socketPath: string;
let system: FakeSystem;
let runtime: FakeRuntime;
let runner: Runner | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-runner-"));
  await mkdir(join(dir, "manifests"));
  socketPath = join(dir, "run/control.sock");
  system = createFakeSystem({ net: createNet(), host: { uid: process.getuid?.() ?? 0 } });
  runtime = createFakeRuntime({ clock: system.clock });
});

afterEach(async () => {
  await runner?.stop({ pods: false });
  await runner?.done;
  runner = undefined;
  await rm(dir, { recursive: true, force: true });
});

test("a manifest in the directory runs and is told over the socket", async () => {
  await writeManifest("web");
  await start();
  const client = await connect();
  expect(await client.info()).toMatchObject({
    kind: "RunnerInfo",
    root: dir,
    nodeName: "node-1",
    refused: [],
  });
  const pods = await client.pods();
  expect(pods).toEqual([
    expect.objectContaining({
      origin: join(dir, "manifests/web.yaml"),
      terminating: false,
    }),
  ]);
  expect(pods[0]?.pod.status?.phase).toBe("Running");
  expect((await client.events()).map((event) => event.reason)).toContain("Started");
});

test("a pod is restarted over the socket, and one that is not there is refused", async () => {
  await writeManifest("web");
  await start();
  const client = await connect();
  expect(await client.restart({ namespace: "default", name: "web-node-1" })).toBe("restarted");
  await vi.waitFor(() => expect(runtime.calls).toEqual(["start c#0", "stop c#0 30", "start c#1"]));
  await expect(client.restart({ namespace: "default", name: "no" })).rejects.toMatchObject({
    code: "SLIPWAY_POD_NOT_FOUND",
  });
});

test("a control socket that is removed with its directory, or replaced, is there again a little later", async () => {
  await start();
  const { instanceId } = await (await connect()).info();
  const replace = async (): Promise<void> => {
    await rm(socketPath);
    await writeFile(socketPath, "");
  };
  for (const damage of [() => rm(join(dir, "run"), { recursive: true }), replace]) {
    await damage();
    await expect(connect()).rejects.toThrow();
    await vi.waitFor(async () => {
      await system.clock.advance(1_000);
      expect((await (await connect()).info()).instanceId).toBe(instanceId);
    });
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  }
});

test("a pod that was refused is only asked again by a restart", async () => {
  await writeManifest("web");
  await start({ maxPods: 0 });
  const client = await connect();
  expect(await client.restart({ namespace: "default", name: "web-node-1" })).toBe("askedAgain");
  expect(runtime.calls).toEqual([]);
});

test("what comes before the pods of an earlier runner are found sees them and stops them all the same", async () => {
  await writeManifest("web");
  await start();
  await runner?.stop({ pods: false });
  await runner?.done;
  const found = await runtime.list();
  runtime = createFakeRuntime({ clock: system.clock, found });
  let tellFound: () => void = () => undefined;
  const isFound = new Promise<void>((resolve) => {
    tellFound = resolve;
  });
  const slow = { ...runtime, list: () => isFound.then(() => found) };
  const starting = createRunner(system, { ...options(), runtime: slow });
  await settle();
  const client = await connect();
  const seen = client.pods();
  await settle();
  const stopping = client.stop({ pods: true });
  await settle();
  tellFound();
  runner = await starting;
  expect(await seen).toHaveLength(1);
  await stopping;
  expect(runtime.running()).toEqual([]);
});

test("a stop leaves the pods, unless they are named", async () => {
  await writeManifest("web");
  await start();
  await (await connect()).stop({ pods: false });
  await runner?.done;
  expect(runtime.running()).toEqual(["c"]);
  await start();
  await (await connect()).stop({ pods: true });
  await runner?.done;
  expect(runtime.running()).toEqual([]);
  await expect(connect()).rejects.toMatchObject({ code: "SLIPWAY_RUNNER_UNREACHABLE" });
});

test("a reload looks at the manifests at once", async () => {
  await start();
  await writeManifest("web");
  await (await connect()).reload();
  await vi.waitFor(() => expect(runtime.running()).toEqual(["c"]));
});

test("only this user can reach the socket", async () => {
  await start();
  expect((await stat(join(dir, "run"))).mode & 0o777).toBe(0o700);
  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
});

test("a second runner on the same root is refused", async () => {
  await start();
  await expect(createRunner(system, options())).rejects.toMatchObject({ code: "SLIPWAY_RUNNER_RUNNING" });
  expect(await (await connect()).info()).toMatchObject({ root: dir });
});

test("a socket that no one serves any more is replaced", async () => {
  await mkdir(join(dir, "run"));
  await leaveStaleSocket(socketPath);
  await start();
  expect(await (await connect()).info()).toMatchObject({ root: dir });
});

test("a runner of another root is refused", async () => {
  await start();
  await expect(connectRunner(system, { socketPath, root: "/other" })).rejects.toMatchObject({
    code: "SLIPWAY_RUNNER_MISMATCH",
  });
});

test("no runner is told as such", async () => {
  await expect(connect()).rejects.toMatchObject({ code: "SLIPWAY_RUNNER_UNREACHABLE" });
});

async function start(kubelet: Partial<KubeletConfiguration> = {}): Promise<void> {
  const usual = options();
  runner = await createRunner(system, { ...usual, kubelet: { ...usual.kubelet, ...kubelet } });
  await settle();
}

function connect() {
  return connectRunner(system, { socketPath, root: dir });
}

function options(): Parameters<typeof createRunner>[1] {
  return {
    root: dir,
    kubelet: buildKubeletConfiguration({
      staticPodPath: join(dir, "manifests"),
      podLogsDir: join(dir, "log"),
    }),
    nodeName: "node-1",
    nodeIp: "127.0.0.1",
    nodeLabels: {},
    badManifest: "keep",
    version: "0.1.0",
    kubeletVersion: "v1.37.2",
    paths: {
      controlSocketPath: socketPath,
      podsDir: join(dir, "pods"),
      stateDir: dir,
      containerLogsDir: join(dir, "containers"),
      madePathsPath: join(dir, "made-paths"),
    },
    runtime,
    credentials: undefined,
    renewal: undefined,
  };
}

function writeManifest(name: string): Promise<void> {
  const text = `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: c, image: i}]\n`;
  return writeFile(join(dir, "manifests", `${name}.yaml`), text);
}

/** A socket file whose server is gone: closing a server would remove it, so it is renamed away and back. */
async function leaveStaleSocket(path: string): Promise<void> {
  const { rename } = await import("node:fs/promises");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await rename(path, `${path}.kept`);
  await new Promise((resolve) => server.close(resolve));
  await rename(`${path}.kept`, path);
}

/** Lets real file operations end. */
async function settle(): Promise<void> {
  for (let round = 0; round < 60; round += 1) await new Promise((resolve) => setTimeout(resolve, 1));
}
