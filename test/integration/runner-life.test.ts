import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PodReport } from "../../src/control/protocol.ts";
import { createLonePods } from "../support/lone-pods.ts";
import { findComponent, PROGRAM_HOME } from "../support/plane.ts";
import type { PodSketch } from "../support/pod-runner.ts";
import { reservePorts } from "../support/reserve-ports.ts";
import { createRunnerProcess, listShims, type RunnerProcess } from "../support/runner-process.ts";

let runner: RunnerProcess;
const { lone, journal, journalPath } = createLonePods({
  root: () => runner.paths.root,
  spec: { restartPolicy: "Always" },
});
beforeAll(async () => {
  runner = createRunnerProcess();
  await runner.start();
});
afterAll(async () => {
  const { root } = runner.paths;
  await runner.destroy();
  expect(listShims(root)).toEqual([]);
});

test("a runner that is killed at any moment restarts no pod, and what was ready stays so", async () => {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const probe = { httpGet: { host: "127.0.0.1", port }, periodSeconds: 1 };
  const probes = { startupProbe: probe, readinessProbe: probe, livenessProbe: probe };
  const names = ["calm-1", "calm-2", "calm-3"];
  for (const name of names) runner.apply(name, lone(name, { container: probes }));
  await Promise.all(names.map(ready));
  await sleep(300);
  const before = await Promise.all(names.map(describe));
  // Nobody answers the probes any more: only what is remembered can still be ready.
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  for (let round = 0; round < 12; round += 1) {
    await runner.kill();
    await runner.start();
    if (round === 0) expect(await Promise.all(names.map(describe))).toEqual(before);
    await sleep(Math.random() * 60);
  }
  const after = await Promise.all(names.map(describe));
  expect(after.map(({ pid, startedAt }) => ({ pid, startedAt }))).toEqual(
    before.map(({ pid, startedAt }) => ({ pid, startedAt })),
  );
  expect(names.flatMap(journal)).toEqual(["start 1", "start 1", "start 1"]);
  for (const name of names) runner.remove(name);
});

test("another build takes the pods over as they are", async () => {
  runner.apply("upgraded", lone("upgraded"));
  await ready("upgraded");
  await sleep(300);
  const before = await describe("upgraded");
  const home = join(runner.paths.root, "next-build");
  mkdirSync(home);
  for (const name of ["dist", "templates"])
    cpSync(join(PROGRAM_HOME, name), join(home, name), { recursive: true });
  const manifest: object = JSON.parse(readFileSync(join(PROGRAM_HOME, "package.json"), "utf8"));
  writeFileSync(join(home, "package.json"), JSON.stringify({ ...manifest, version: "99.0.0" }));
  await runner.kill();
  await runner.start(join(home, "dist/main.cjs"));
  expect((await (await runner.client()).info()).version).toBe("99.0.0");
  expect(await describe("upgraded")).toEqual(before);
  expect(journal("upgraded")).toEqual(["start 1"]);
});

test("manifests that change while no runner lives are handled on its return, with the old pod's own end", async () => {
  const hook = (name: string) => ({
    lifecycle: { preStop: { exec: { command: ["sh", "-c", `echo pre $V >>${journalPath(name)}`] } } },
  });
  runner.apply("changed", lone("changed", { container: hook("changed"), endSeconds: 0.4 }));
  runner.apply("dropped", lone("dropped", { container: hook("dropped"), endSeconds: 0.4 }));
  await Promise.all(["changed", "dropped"].map(ready));
  await runner.kill();
  runner.apply("changed", lone("changed", { version: "2" }));
  runner.remove("dropped");
  runner.apply("added", lone("added"));
  await runner.start();
  await expect.poll(() => journal("changed")).toEqual(["start 1", "pre 1", "end 1", "start 2"]);
  await expect.poll(() => runner.pod("dropped")).toBeUndefined();
  expect(journal("dropped")).toEqual(["start 1", "pre 1", "end 1"]);
  await expect.poll(() => journal("added")).toEqual(["start 1"]);
});

test("what ended while no runner lived has its exit code, and the row of restarts goes on", async () => {
  const path = journalPath("fails");
  runner.apply("fails", {
    script: `echo run >>${path}; sleep 0.5; exit 9`,
    spec: { restartPolicy: "Always" },
  });
  await expect.poll(() => journal("fails").length).toBe(2);
  await runner.kill();
  await sleep(800);
  await runner.start();
  const status = (await runner.pod("fails"))?.pod.status?.containerStatuses?.[0];
  expect(status).toMatchObject({
    restartCount: 1,
    state: { waiting: { reason: "CrashLoopBackOff", message: expect.stringContaining("back-off 10s") } },
    lastState: { terminated: { exitCode: 9 } },
  });
  expect(journal("fails")).toEqual(["run", "run"]);
  runner.remove("fails");
});

test("a stop in whose middle the runner is killed goes on, and the program gets no second SIGTERM", async () => {
  const path = journalPath("slow");
  const script = `trap 'echo term >>${path}' TERM; echo start >>${path}; while :; do sleep 0.1; done`;
  runner.apply("slow", { script, spec: { terminationGracePeriodSeconds: 4 } });
  await expect.poll(() => journal("slow")).toEqual(["start"]);
  runner.remove("slow");
  const { podsDir } = runner.paths;
  const records = (): string =>
    readdirSync(podsDir)
      .map((uid) => join(podsDir, uid, "status.json"))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
  await expect.poll(records).toContain('"signalled":true');
  await runner.kill();
  await runner.start();
  await expect.poll(() => runner.pod("slow")).toBeUndefined();
  expect(journal("slow")).toEqual(["start", "term"]);
});

test("a gRPC probe finds a real etcd ready, and not a service that it does not know", async () => {
  const [client = 0, peer = 0] = await reservePorts(2);
  const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const dataDir = join(runner.paths.root, "etcd");
  const args = [
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ];
  const command = [await findComponent("etcd"), ...args];
  runner.apply("etcd", {
    container: {
      command,
      readinessProbe: { grpc: { port: client } },
    },
    spec: { restartPolicy: "Always" },
  });
  await ready("etcd");
  runner.apply("etcd", {
    container: { command, readinessProbe: { grpc: { port: client, service: "nobody" } } },
  });
  await expect
    .poll(async () => (await runner.pod("etcd"))?.containers[0]?.lastProbeFailure, { timeout: 20_000 })
    .toBe("readiness: error: health rpc probe failed: code 5: unknown service");
  runner.remove("etcd");
});

test("a pod is ready after records of its init containers were removed, and a sidecar comes back", async () => {
  const path = journalPath("pruned");
  const init = { name: "init", image: "i", command: ["sh", "-c", `echo init >>${path}`] };
  const side = {
    name: "side",
    image: "i",
    command: ["sh", "-c", `echo side >>${path}; exec sleep 1000`],
    restartPolicy: "Always",
  };
  runner.apply("pruned", {
    script: `echo main >>${path}; exec sleep 1000`,
    spec: { restartPolicy: "Always", initContainers: [init, side] },
  });
  await expect.poll(() => journal("pruned").toSorted()).toEqual(["init", "main", "side"]);
  await ready("pruned");
  const before = await describe("pruned");
  const ids = ((await runner.pod("pruned"))?.pod.status?.initContainerStatuses ?? []).map(({ containerID }) =>
    (containerID ?? "").replace("slipway://", ""),
  );
  const sidePid = (await runner.pod("pruned"))?.containers.find(({ name }) => name === "side")?.pid ?? 0;
  await runner.kill();
  process.kill(sidePid, "SIGKILL");
  await sleep(100);
  for (const id of ids) rmSync(join(runner.paths.containersDir, id), { recursive: true });
  await runner.start();
  await ready("pruned");
  await expect.poll(() => journal("pruned").filter((line) => line === "side")).toHaveLength(2);
  expect(
    journal("pruned")
      .filter((line) => line !== "side")
      .toSorted(),
  ).toEqual(["init", "main"]);
  expect((await describe("pruned")).pid).toBe(before.pid);
  runner.remove("pruned");
});

test("pods are stopped in order of their importance, the API server and etcd at the end", async () => {
  const journalOf = "shutdown";
  const member = (name: string, change: Partial<PodSketch>): void =>
    runner.apply(name, {
      script: `trap 'sleep 0.2; echo ${name} >>${journalPath(journalOf)}; exit' TERM; while :; do sleep 1000 & wait; done`,
      ...change,
    });
  const critical = { priority: 2_000_001_000, restartPolicy: "Always" };
  const component = (name: string) => ({
    labels: { tier: "control-plane", component: name },
    spec: critical,
  });
  member("plain", {});
  member("important", { spec: { priority: 1000 } });
  member("scheduler", component("kube-scheduler"));
  member("apiserver", component("kube-apiserver"));
  member("etcd", component("etcd"));
  const names = ["plain", "important", "scheduler", "apiserver", "etcd"];
  await Promise.all(names.map(ready));
  // The shells need a moment until their trap is set.
  await sleep(300);
  await (await runner.client()).stop({ pods: true, timeoutMs: 60_000 });
  expect(journal(journalOf)).toEqual(names);
  for (const name of names) runner.remove(name);
  await runner.start();
});

test("with shutdown periods a pod that does not end has its period and no more, and the next have theirs", async () => {
  const { runnerConfigPath, root } = runner.paths;
  const text = readFileSync(runnerConfigPath, "utf8");
  const periods = [
    { priority: 0, shutdownGracePeriodSeconds: 1 },
    { priority: 1000, shutdownGracePeriodSeconds: 20 },
  ];
  const field = `"shutdownGracePeriodByPodPriority":${JSON.stringify(periods)}`;
  writeFileSync(runnerConfigPath, text.replace('"healthzPort":0', `"healthzPort":0,${field}`));
  await runner.kill();
  await runner.start();
  const script = `trap 'echo asked >>${journalPath("stubborn")}' TERM; while :; do sleep 0.1; done`;
  runner.apply("stubborn", { script, spec: { terminationGracePeriodSeconds: 600 } });
  runner.apply("important", lone("important", { endSeconds: 0.5, spec: { priority: 1000 } }));
  await Promise.all(["stubborn", "important"].map(ready));
  await sleep(300);
  // Its own grace would outlast this by far.
  await (await runner.client()).stop({ pods: true, timeoutMs: 60_000 });
  expect([journal("stubborn"), journal("important")]).toEqual([["asked"], ["start 1", "end 1"]]);
  expect(listShims(root)).toEqual([]);
  for (const name of ["stubborn", "important"]) runner.remove(name);
  writeFileSync(runnerConfigPath, text);
  await runner.start();
});

test("a runner that is killed again and again while pods come and go ends with exactly what is wanted", async () => {
  const names = ["churn-1", "churn-2", "churn-3", "churn-4"];
  for (let round = 0; round < 10; round += 1) {
    for (const [index, name] of names.entries()) {
      if ((round + index) % 4 === 0 && existsSync(join(runner.paths.manifestDir, `${name}.yaml`)))
        runner.remove(name);
      else runner.apply(name, lone(name, { version: String(round), endSeconds: 0.1 }));
    }
    await sleep(Math.random() * 150);
    await runner.kill();
    await runner.start();
  }
  for (const name of names) runner.apply(name, lone(name, { version: "last" }));
  await Promise.all(
    names.map((name) => expect.poll(() => journal(name).at(-1), { timeout: 20_000 }).toBe("start last")),
  );
  await Promise.all(names.map(ready));
  expect(names.flatMap(journal).filter((line) => line.startsWith("both"))).toEqual([]);
  expect(listShims(runner.paths.root).filter((text) => /churn-\d\.journal/.test(text))).toHaveLength(4);
});

/** What may not change over a restart of the runner. */
async function describe(name: string) {
  const report = await runner.pod(name);
  const status = report?.pod.status?.containerStatuses?.[0];
  const conditions = report?.pod.status?.conditions;
  return {
    pid: report?.containers[0]?.pid,
    ready: status?.ready,
    started: status?.started,
    startedAt: status?.state.running?.startedAt,
    conditions,
  };
}

function isReady(report: PodReport | undefined): boolean {
  return report?.pod.status?.containerStatuses?.[0]?.ready === true;
}

async function ready(name: string): Promise<void> {
  await expect
    .poll(async () => isReady(await runner.pod(name)), { timeout: 20_000, interval: 30 })
    .toBe(true);
}
