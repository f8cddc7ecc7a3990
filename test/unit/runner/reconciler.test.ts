import { join } from "node:path";
import { expect, test } from "vitest";
import { readPodRecord } from "../../../src/runner/pod/pod-record.ts";
import type { ProbeOutcome } from "../../../src/runner/probes/apply-probe-result.ts";
import { createFileSystem } from "../../../src/system/file-system.ts";
import { buildPod } from "../../support/build-pod.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createReconcilerTrial, readyOf } from "../../support/reconciler-trial.ts";

const { advance, crash, dir, idle, replaceFileSystem, sleepFor, startReconciler, system } =
  createReconcilerTrial();

test("a pod that appears is started and shown as running", async () => {
  const { runtime, apply, statusOf } = startReconciler();
  await apply([buildPod()]);
  expect(runtime.running()).toEqual(["web"]);
  expect(statusOf("web-node-1")).toMatchObject({ phase: "Running", podIP: "192.0.2.10" });
});

test("a pod that disappears is stopped with its own grace and forgotten", async () => {
  const { runtime, apply, reconciler } = startReconciler();
  await apply([buildPod({ spec: { terminationGracePeriodSeconds: 7 } })]);
  await apply([]);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 7", "remove web#0"]);
  expect(reconciler.workers.list()).toEqual([]);
});

test("an edited pod starts the moment the old one has ended, never beside it", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 3000 });
  await apply([buildPod()]);
  await apply([buildPod({ container: { image: "web:2" } })]);
  await advance(2999);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30"]);
  await advance(1);
  expect(runtime.calls.at(-1)).toBe("start web#0");
  expect((await runtime.list())[0]?.spec.image).toBe("web:2");
});

test("a pod that is renamed and keeps its UID starts when the old one has ended", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 100 });
  const withUid = (name: string) => {
    const pod = buildPod({ name });
    return { ...pod, metadata: { ...pod.metadata, uid: "own" } };
  };
  await apply([withUid("old")]);
  await apply([withUid("new")]);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30"]);
  await advance(100);
  expect(runtime.calls.slice(2)).toEqual(["remove web#0", "start web#0"]);
});

test("an edit starts a pod anew also where the manifest names its UID", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 100 });
  const withUid = (image: string) => {
    const pod = buildPod({ container: { image } });
    return { ...pod, metadata: { ...pod.metadata, uid: "fixed" } };
  };
  await apply([withUid("web:1")]);
  await apply([withUid("web:2")]);
  await advance(100);
  await advance(0);
  expect(runtime.calls.filter((call) => !call.startsWith("remove"))).toEqual([
    "start web#0",
    "stop web#0 30",
    "start web#0",
  ]);
});

test("of several edits in a row only the last one is run", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 1000 });
  for (const image of ["web:1", "web:2", "web:3"]) await apply([buildPod({ container: { image } })]);
  await advance(5000);
  expect((await runtime.list()).map((container) => container.spec.image)).toEqual(["web:3"]);
  expect(runtime.calls.filter((call) => call.startsWith("start"))).toHaveLength(2);
});

test("a pod that is put back while it stops is started again afterwards", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 1000 });
  await apply([buildPod()]);
  await apply([]);
  await apply([buildPod()]);
  await advance(1000);
  expect(runtime.running()).toEqual(["web"]);
});

test("a mount at another path is given to the runtime", async () => {
  const { runtime, apply } = startReconciler();
  await apply([
    buildPod({
      container: { volumeMounts: [{ name: "v", mountPath: "/data" }] },
      spec: { volumes: [{ name: "v", hostPath: { path: dir() } }] },
    }),
  ]);
  await advance(100);
  expect((await runtime.list())[0]?.spec.mounts).toEqual([
    { hostPath: dir(), containerPath: "/data", readOnly: false, propagation: "private" },
  ]);
});

test("a missing hostPath holds the pod until it is there, and is told of the pod, not of each container", async () => {
  const { runtime, apply, recorded } = startReconciler();
  const path = join(dir(), "late");
  const containers = ["web", "other"].map((name) => ({ name, image: "web:1" }));
  const volumes = [{ name: "v", hostPath: { path, type: "Directory" } }];
  await apply([buildPod({ spec: { containers, volumes } })]);
  await idle();
  expect(runtime.running()).toEqual([]);
  const message = `MountVolume.SetUp failed for volume v: hostPath type check failed: ${path} is not a directory, it does not exist`;
  const failures = recorded().filter(({ reason }) => reason.startsWith("Failed"));
  expect(failures).toMatchObject([{ reason: "FailedMount", container: undefined, message, count: 1 }]);
  await system().fs.makeDir(path, { mode: 0o755 });
  await advance(1000);
  expect(runtime.running()).toEqual(["web", "other"]);
});

test("a pod over its active deadline is stopped, shown as failed, and stays so for the next runner", async () => {
  const first = startReconciler();
  const pod = buildPod({ spec: { activeDeadlineSeconds: 5 } });
  await first.apply([pod]);
  await advance(5000);
  const failed = { phase: "Failed", reason: "DeadlineExceeded" };
  expect(first.statusOf("web-node-1")).toMatchObject(failed);
  expect(first.runtime.running()).toEqual([]);
  const second = startReconciler({ found: await first.runtime.list() });
  await second.apply([pod]);
  expect(second.statusOf("web-node-1")).toMatchObject(failed);
  expect(second.runtime.calls).toEqual([]);
});

test("a container that was to be restarted when the deadline came waits for nothing any more", async () => {
  const { apply, statusOf, runtime } = startReconciler();
  await apply([buildPod({ spec: { activeDeadlineSeconds: 5 } })]);
  await crash(runtime);
  await crash(runtime);
  const state = () => statusOf("web-node-1")?.containerStatuses?.[0]?.state;
  expect(state()).toMatchObject({ waiting: { reason: "CrashLoopBackOff" } });
  await advance(5000);
  expect(state()).toMatchObject({ terminated: { exitCode: 1, reason: "Error" } });
  expect(statusOf("web-node-1")?.conditions).toContainEqual(
    expect.objectContaining({ type: "PodReadyToStartContainers", status: "False" }),
  );
});

test("a sidecar that was to be restarted when its pod had done its work waits for nothing any more", async () => {
  const { apply, statusOf, runtime } = startReconciler();
  const initContainers = [{ name: "side", image: "side:1", restartPolicy: "Always" }];
  await apply([buildPod({ spec: { initContainers, restartPolicy: "Never" } })]);
  for (const container of ["side", "side", "web"]) {
    runtime.exit(container, container === "web" ? 0 : 3);
    await idle();
  }
  expect(statusOf("web-node-1")).toMatchObject({
    phase: "Succeeded",
    initContainerStatuses: [{ restartCount: 1, state: { terminated: { exitCode: 3 } } }],
  });
});

test("what an earlier runner left is adopted, not started again", async () => {
  const first = startReconciler();
  await first.apply([buildPod()]);
  await first.reconciler.workers.close();
  const second = startReconciler({ found: await first.runtime.list() });
  await second.apply([buildPod()]);
  expect(second.runtime.calls).toEqual([]);
  expect(second.statusOf("web-node-1")?.phase).toBe("Running");
});

test("ready, started and the times of the conditions outlive the runner", async () => {
  let outcome: ProbeOutcome = { kind: "success" };
  const pod = buildPod({
    container: { readinessProbe: { httpGet: { port: 80 } }, startupProbe: { httpGet: { port: 80 } } },
  });
  const first = startReconciler({ probe: () => outcome });
  await first.apply([pod]);
  await advance(200);
  const before = first.statusOf("web-node-1");
  expect(readyOf(before)).toBe("True");
  await first.reconciler.workers.close();
  const podsDir = join(dir(), "pods");
  const saved = await readPodRecord(createFakeSystem(), { podsDir, pod });
  expect(saved).toEqual({ status: before, stops: {} });
  outcome = { kind: "failure", message: "not so quick" };
  await system().clock.advance(60_000);
  const second = startReconciler({ probe: () => outcome, found: await first.runtime.list(), saved });
  await second.apply([pod]);
  expect(second.statusOf("web-node-1")).toEqual(before);
});

test("a critical pod that was ready when everything was killed starts at once, however often that happens", async () => {
  const probe = { httpGet: { port: 80 } };
  const pod = buildPod({
    container: { readinessProbe: probe, startupProbe: probe },
    spec: { priority: 2_000_001_000, priorityClassName: "system-node-critical" },
  });
  let trial = startReconciler();
  await trial.apply([pod]);
  for (let cut = 0; cut < 5; cut += 1) {
    await advance(200);
    expect(readyOf(trial.statusOf("web-node-1"))).toBe("True");
    await trial.reconciler.workers.close();
    const saved = await readPodRecord(system(), { podsDir: join(dir(), "pods"), pod });
    trial.runtime.exit("web", 137);
    trial = startReconciler({ found: await trial.runtime.list(), saved });
    await trial.apply([pod]);
    await advance(100);
    expect(trial.runtime.running()).toEqual(["web"]);
  }
});

test("a stop that an earlier runner began goes on with the rest of its grace and no second signal", async () => {
  const pod = buildPod({ spec: { terminationGracePeriodSeconds: 30 } });
  const first = startReconciler({ stopMs: 300_000 });
  await first.apply([pod]);
  await first.apply([]);
  expect(first.runtime.calls.at(-1)).toBe("stop web#0 30");
  await advance(10_000);
  await first.reconciler.workers.close();
  const saved = await readPodRecord(system(), { podsDir: join(dir(), "pods"), pod });
  const second = startReconciler({ found: await first.runtime.list(), saved });
  await second.apply([]);
  await advance(0);
  expect(second.runtime.calls).toEqual(["wait web#0 20", "remove web#0"]);
});

test("a preStop hook that an earlier runner did not end runs once more within the rest of the grace", async () => {
  const preStop = { exec: { command: ["drain"] } };
  const pod = buildPod({
    container: { lifecycle: { preStop } },
    spec: { terminationGracePeriodSeconds: 30 },
  });
  const first = startReconciler({ hook: () => sleepFor(300_000) });
  await first.apply([pod]);
  await first.apply([]);
  await advance(10_000);
  expect(first.runtime.calls).toEqual(["start web#0"]);
  const saved = await readPodRecord(system(), { podsDir: join(dir(), "pods"), pod });
  await first.reconciler.workers.close();
  const second = startReconciler({ found: await first.runtime.list(), saved, hook: () => sleepFor(5_000) });
  await second.apply([]);
  await advance(4_999);
  expect(second.runtime.calls).toEqual([]);
  await advance(1);
  expect(second.runtime.calls[0]).toBe("stop web#0 15");
});

test("a manifest that was removed meanwhile is stopped with its own grace", async () => {
  const first = startReconciler();
  await first.apply([buildPod({ spec: { terminationGracePeriodSeconds: 9 } })]);
  const second = startReconciler({ found: await first.runtime.list() });
  await advance(1000);
  expect(second.runtime.calls).toEqual([]);
  await second.apply([]);
  expect(second.runtime.calls).toEqual(["stop web#0 9", "remove web#0"]);
});

test("nothing is stopped before every source has told its pods once", async () => {
  const first = startReconciler();
  await first.apply([buildPod()]);
  const found = await first.runtime.list();
  const { apply, reconciler, runtime } = startReconciler({ found, stopMs: 0, sources: ["file", "http"] });
  await apply([]);
  await advance(60_000);
  expect(runtime.calls).toEqual([]);
  reconciler.apply({ source: "http", pods: [], refused: [] });
  await advance(0);
  expect(runtime.calls).toContain("stop web#0 30");
});

test("of two files that name one pod the running one stays and the other is refused by name", async () => {
  const { apply, reconciler } = startReconciler();
  await apply([buildPod({ origin: "/m/b.yaml" })]);
  await apply([buildPod({ origin: "/m/a.yaml" }), buildPod({ origin: "/m/b.yaml" })]);
  expect(reconciler.workers.list().map((worker) => worker.known.desired.origin)).toEqual(["/m/b.yaml"]);
  expect(reconciler.refused()).toEqual([
    expect.objectContaining({ origin: "/m/a.yaml", message: expect.stringContaining("/m/b.yaml") }),
  ]);
});

test("all pods stop in order: etcd last, the API server before it", async () => {
  const { runtime, apply, reconciler } = startReconciler({ stopMs: 100 });
  const names = ["etcd", "kube-apiserver", "kube-scheduler"];
  await apply(
    names.map((component) =>
      buildPod({
        name: component,
        labels: { component, tier: "control-plane" },
        container: { name: component },
      }),
    ),
  );
  const stopped = reconciler.workers.stopPods();
  for (let group = 0; group < 3; group += 1) {
    await advance(100);
  }
  await stopped;
  expect(runtime.calls.filter((call) => call.startsWith("stop"))).toEqual([
    "stop kube-scheduler#0 30",
    "stop kube-apiserver#0 30",
    "stop etcd#0 30",
  ]);
});

test("with shutdown periods no pod has more than its period, and the next do not wait longer", async () => {
  const shutdownPeriods = [
    { priority: 0, graceSeconds: 10 },
    { priority: 1000, graceSeconds: 5 },
  ];
  const { runtime, apply, reconciler } = startReconciler({ stopMs: 12_000, shutdownPeriods });
  const build = (name: string, spec: Readonly<Record<string, unknown>>) =>
    buildPod({ name, spec, container: { name } });
  await apply([
    build("patient", { terminationGracePeriodSeconds: 60 }),
    build("brief", { terminationGracePeriodSeconds: 3 }),
    build("important", { priority: 5000 }),
  ]);
  const stops = () => runtime.calls.filter((call) => call.startsWith("stop"));
  const stopped = reconciler.workers.stopPods();
  await advance(9_000);
  expect(stops().toSorted()).toEqual(["stop brief#0 3", "stop patient#0 10"]);
  await advance(1_000);
  expect(stops()).toContain("stop important#0 5");
  await advance(12_000);
  await stopped;
  expect(runtime.running()).toEqual([]);
});

test("a pod that ends already has no longer than the period, either", async () => {
  const shutdownPeriods = [{ priority: 0, graceSeconds: 4 }];
  const { runtime, apply, reconciler } = startReconciler({ stopMs: 20_000, shutdownPeriods });
  await apply([buildPod()]);
  await apply([]);
  const stopped = reconciler.workers.stopPods();
  await advance(0);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30", "stop web#0 4"]);
  await advance(20_000);
  await stopped;
});

test("a full disk keeps a pod waiting with the reason, and it starts when there is space again", async () => {
  let isFull = true;
  const real = createFileSystem();
  const appendText: typeof real.appendText = (path, file) =>
    isFull ? Promise.reject(systemError("ENOSPC")) : real.appendText(path, file);
  replaceFileSystem({ ...real, appendText });
  const { apply, runtime, statusOf } = startReconciler();
  await apply([buildPod()]);
  const waiting = () => statusOf("web-node-1")?.containerStatuses?.[0]?.state?.waiting;
  await expect.poll(() => waiting()?.message).toContain("no space is left on the device at /");
  isFull = false;
  await advance(60_000);
  await expect.poll(() => runtime.calls).toEqual(["start web#0"]);
  expect(system().logged.filter(({ level }) => level === "error")).toEqual([]);
});

test("a field that cannot act is told once, in the log and as an event", async () => {
  const { apply, eventMessages } = startReconciler();
  await apply([buildPod({ name: "a" }), buildPod({ name: "b" })]);
  const told = system().logged.filter((event) => event.message === "field has no effect here");
  expect(told.map((event) => event.fields["field"])).toEqual(["spec.hostNetwork: false"]);
  expect(eventMessages().filter((message) => message.includes("no effect"))).toEqual([
    "spec.hostNetwork: false has no effect here: every pod is on the machine's own network",
  ]);
});
