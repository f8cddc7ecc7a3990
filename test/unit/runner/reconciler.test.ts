import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Pod, PodStatus } from "../../../src/pod/types.ts";
import type { NodeFacts } from "../../../src/runner/admission/admit-pod.ts";
import { groupByPod } from "../../../src/runner/container-annotations.ts";
import { createEventRecorder } from "../../../src/runner/events.ts";
import { createPodLogDirs } from "../../../src/runner/pod-log-dirs.ts";
import { readPodRecord } from "../../../src/runner/pod-record.ts";
import type { ProbeOutcome } from "../../../src/runner/probes/apply-probe-result.ts";
import { createReconciler, type Reconciler } from "../../../src/runner/reconciler.ts";
import type { HookResult, HookRunner } from "../../../src/runner/run-hook.ts";
import { createFileSystem } from "../../../src/system/file-system.ts";
import { buildPod } from "../../support/build-pod.ts";
import { type CountedFileSystem, countOperations } from "../../support/counted-file-system.ts";
import { createFakeRuntime, type FakeRuntime } from "../../support/fake-runtime.ts";
import { createFakeSystem, type FakeSystem, systemError } from "../../support/fake-system.ts";

let dir: string;
let system: FakeSystem;
let files: CountedFileSystem;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-runner-"));
  files = countOperations(createFileSystem());
  system = createFakeSystem({ fs: files.fs });
});

afterEach(async () => {
  await files.idle();
  await rm(dir, { recursive: true, force: true });
});

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

test("a crashed container is back at once, then after growing pauses", async () => {
  const { runtime, apply, statusOf } = startReconciler();
  await apply([buildPod()]);
  await crash(runtime);
  expect(runtime.running()).toEqual(["web"]);
  await crash(runtime);
  expect(runtime.running()).toEqual([]);
  expect(statusOf("web-node-1")?.containerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    state: {
      waiting: {
        reason: "CrashLoopBackOff",
        message: expect.stringContaining("back-off 10s restarting failed container=web"),
      },
    },
    lastState: { terminated: { exitCode: 1, reason: "Error" } },
  });
  await advance(10_000);
  expect(runtime.running()).toEqual(["web"]);
});

test("a node-critical pod never waits longer than ten seconds", async () => {
  const { runtime, apply } = startReconciler();
  await apply([buildPod({ spec: { priority: 2_000_001_000, priorityClassName: "system-node-critical" } })]);
  for (const pauseMs of [0, 1000, 2000, 5000, 10_000, 10_000]) {
    await crash(runtime);
    await advance(pauseMs);
    expect(runtime.running()).toEqual(["web"]);
  }
});

test("a long run makes the next restart immediate again", async () => {
  const { runtime, apply } = startReconciler();
  await apply([buildPod()]);
  await crash(runtime);
  await advance(600_001);
  await crash(runtime);
  expect(runtime.running()).toEqual(["web"]);
});

test("a restart that is asked for does not wait for the back-off", async () => {
  const { runtime, apply, reconciler } = startReconciler();
  await apply([buildPod()]);
  await crash(runtime);
  await crash(runtime);
  reconciler.workers.find("default/web-node-1")?.restart();
  await advance(0);
  expect(runtime.running()).toEqual(["web"]);
  reconciler.workers.find("default/web-node-1")?.restart();
  await advance(0);
  expect(runtime.calls.filter((call) => !call.startsWith("remove")).slice(-2)).toEqual([
    "stop web#2 30",
    "start web#3",
  ]);
});

test("only the newest two runs of a container are kept", async () => {
  const { runtime, apply } = startReconciler();
  await apply([buildPod()]);
  for (let round = 0; round < 4; round += 1) {
    await crash(runtime);
    await advance(300_000);
  }
  expect((await runtime.list()).map((container) => container.spec.attempt)).toEqual([3, 4]);
});

test("a container that cannot be had is tried again soon and says why", async () => {
  const { runtime, apply, statusOf } = startReconciler();
  await apply([buildPod({ container: { image: "absent:1" } })]);
  expect(statusOf("web-node-1")?.containerStatuses?.[0]?.state).toEqual({
    waiting: { reason: "ErrImagePull", message: "there is no absent:1" },
  });
  expect(runtime.calls).toEqual([]);
});

test("a mount at another path is given to the runtime", async () => {
  const { runtime, apply } = startReconciler();
  await apply([
    buildPod({
      container: { volumeMounts: [{ name: "v", mountPath: "/data" }] },
      spec: { volumes: [{ name: "v", hostPath: { path: dir } }] },
    }),
  ]);
  await advance(100);
  expect((await runtime.list())[0]?.spec.mounts).toEqual([
    { hostPath: dir, containerPath: "/data", readOnly: false, propagation: "private" },
  ]);
});

test("a missing hostPath holds the pod until it is there", async () => {
  const { runtime, apply } = startReconciler();
  const path = join(dir, "late");
  await apply([buildPod({ spec: { volumes: [{ name: "v", hostPath: { path, type: "Directory" } }] } })]);
  await files.idle();
  expect(runtime.running()).toEqual([]);
  await system.fs.makeDir(path, { mode: 0o755 });
  await advance(1000);
  expect(runtime.running()).toEqual(["web"]);
});

test("a pod is ready when its probe has succeeded and not before", async () => {
  let outcome: ProbeOutcome = { kind: "failure", message: "connection refused" };
  const { apply, statusOf } = startReconciler({ probe: () => outcome });
  await apply([buildPod({ container: { readinessProbe: { httpGet: { port: 80 } } } })]);
  await advance(100);
  expect(readyOf(statusOf("web-node-1"))).toBe("False");
  outcome = { kind: "success" };
  await advance(250);
  expect(readyOf(statusOf("web-node-1"))).toBe("True");
});

test("a container whose liveness probe fails for good is killed with the probe's grace and restarted", async () => {
  const { runtime, apply } = startReconciler({ probe: () => ({ kind: "failure", message: "dead" }) });
  const livenessProbe = {
    httpGet: { port: 80 },
    periodSeconds: 5,
    failureThreshold: 2,
    terminationGracePeriodSeconds: 4,
  };
  await apply([buildPod({ container: { livenessProbe } })]);
  await advance(4999);
  expect(runtime.calls).toEqual(["start web#0"]);
  await advance(2);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 4", "start web#1"]);
});

const SLEEP = { sleep: { seconds: 1 } };

test("a preStop hook runs within the grace, and the stop signal gets what is left of it", async () => {
  const { runtime, apply } = startReconciler({ hook: () => sleepFor(4000) });
  await apply([buildPod({ spec: GRACE_10, container: { lifecycle: { preStop: SLEEP } } })]);
  await apply([]);
  await advance(3999);
  expect(runtime.calls).toEqual(["start web#0"]);
  await advance(1);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 6", "remove web#0"]);
});

test("a preStop hook that outlasts the grace leaves the least time to end", async () => {
  const { runtime, apply } = startReconciler({ hook: () => sleepFor(60_000) });
  await apply([buildPod({ spec: GRACE_10, container: { lifecycle: { preStop: SLEEP } } })]);
  await apply([]);
  await advance(10_000);
  expect(runtime.calls).toContain("stop web#0 2");
});

test("a preStop hook that fails is told, and the stop goes on", async () => {
  const { runtime, apply, events } = startReconciler({
    hook: () => Promise.resolve({ kind: "failed", message: "exited with 1" }),
  });
  await apply([buildPod({ container: { lifecycle: { preStop: SLEEP } } })]);
  await apply([]);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30", "remove web#0"]);
  expect(events()).toContain("FailedPreStopHook");
});

test("the next container starts and probes begin when the postStart hook is done", async () => {
  const { runtime, apply, statusOf } = startReconciler({ hook: () => sleepFor(3000) });
  const first = { name: "first", image: "web:1", lifecycle: { postStart: SLEEP } };
  await apply([buildPod({ spec: { containers: [first, { name: "web", image: "web:1" }] } })]);
  expect(runtime.running()).toEqual(["first"]);
  expect(statusOf("web-node-1")?.containerStatuses?.[0]).toMatchObject({ started: false, ready: false });
  await advance(3000);
  expect(runtime.running()).toEqual(["first", "web"]);
  expect(statusOf("web-node-1")?.containerStatuses?.[0]).toMatchObject({ started: true, ready: true });
});

test("a container whose postStart hook fails is killed, says why and is restarted by its policy", async () => {
  const { runtime, apply, statusOf, events } = startReconciler({
    hook: () => Promise.resolve({ kind: "failed", message: "no luck" }),
  });
  await apply([buildPod({ container: { lifecycle: { postStart: SLEEP } } })]);
  expect(runtime.calls.slice(0, 3)).toEqual(["start web#0", "stop web#0 30", "start web#1"]);
  expect(statusOf("web-node-1")?.containerStatuses?.[0]?.state.waiting).toEqual({
    reason: "PostStartHookError",
    message: "no luck",
  });
  expect(events()).toContain("FailedPostStartHook");
});

test("a pod that is removed while its postStart hook runs does not wait for the hook", async () => {
  const { runtime, apply } = startReconciler({ hook: () => sleepFor(60_000) });
  await apply([buildPod({ container: { lifecycle: { postStart: SLEEP } } })]);
  await apply([]);
  expect(runtime.calls).toEqual(["start web#0", "stop web#0 30", "remove web#0"]);
});

test("sidecars end after the regular container, the last that was started first", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 1000 });
  const initContainers = ["s1", "s2"].map((name) => ({ name, image: "i", restartPolicy: "Always" }));
  await apply([buildPod({ spec: { initContainers } })]);
  expect(runtime.running()).toEqual(["s1", "s2", "web"]);
  await apply([]);
  await advance(3000);
  expect(runtime.calls.filter((call) => call.startsWith("stop"))).toEqual([
    "stop web#0 30",
    "stop s2#0 29",
    "stop s1#0 28",
  ]);
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

test("a rule that restarts all containers begins the pod anew and keeps counting", async () => {
  const { runtime, apply, statusOf } = startReconciler();
  const rule = { action: "RestartAllContainers", exitCodes: { operator: "In", values: [7] } };
  const containers = [
    { name: "web", image: "i", restartPolicy: "Never", restartPolicyRules: [rule] },
    { name: "other", image: "i" },
  ];
  await apply([buildPod({ spec: { containers, initContainers: [{ name: "prepare", image: "i" }] } })]);
  runtime.exit("prepare", 0);
  await advance(0);
  runtime.exit("web", 7);
  await advance(0);
  expect(runtime.calls.filter((call) => !call.startsWith("remove")).slice(3)).toEqual([
    "stop other#0 2",
    "start prepare#1",
  ]);
  runtime.exit("prepare", 0);
  await advance(0);
  expect(runtime.running()).toEqual(["web", "other"]);
  expect(statusOf("web-node-1")?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([1, 1]);
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
  const podsDir = join(dir, "pods");
  const lastStatus = await readPodRecord(createFakeSystem(), { podsDir, pod });
  expect(lastStatus).toEqual(before);
  outcome = { kind: "failure", message: "not so quick" };
  await system.clock.advance(60_000);
  const second = startReconciler({ probe: () => outcome, found: await first.runtime.list(), lastStatus });
  await second.apply([pod]);
  expect(second.statusOf("web-node-1")).toEqual(before);
});

test("a control plane pod that waits for its back-off goes on when the API server becomes ready", async () => {
  let outcome: ProbeOutcome = { kind: "failure", message: "connection refused" };
  const { runtime, apply } = startReconciler({ probe: () => outcome });
  const buildComponent = (name: string, container: Readonly<Record<string, unknown>>): Pod =>
    buildPod({ name, labels: { component: name, tier: "control-plane" }, container: { name, ...container } });
  const readinessProbe = { httpGet: { port: 80 } };
  await apply([
    buildComponent("kube-apiserver", { readinessProbe }),
    buildComponent("kube-scheduler", {}),
    buildPod(),
  ]);
  for (const name of ["kube-scheduler", "kube-scheduler", "web", "web"]) {
    runtime.exit(name, 1);
    await files.idle();
  }
  expect(runtime.running()).toEqual(["kube-apiserver"]);
  outcome = { kind: "success" };
  await advance(150);
  expect(runtime.running()).toEqual(["kube-apiserver", "kube-scheduler"]);
});

const PORT_80 = { ports: [{ containerPort: 80 }] };

test("a pod for which there is no room is shown as rejected, and starts when room is made", async () => {
  const { runtime, apply, reportOf, events } = startReconciler({ stopMs: 1000 });
  const first = buildPod({ name: "a", container: { name: "a", ...PORT_80 } });
  const second = buildPod({ name: "b", container: { name: "b", ...PORT_80 } });
  await apply([first, second]);
  expect(runtime.running()).toEqual(["a"]);
  expect(reportOf("b-node-1")?.pod.status).toEqual({
    phase: "Failed",
    qosClass: "BestEffort",
    reason: "NodePorts",
    message:
      "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  });
  expect(events()).toEqual(["NodePorts", "Started"]);
  await apply([second]);
  expect(reportOf("b-node-1")?.pod.status).toMatchObject({
    phase: "Pending",
    message: expect.stringContaining("waits for pods that are being stopped"),
  });
  await advance(1000);
  expect(runtime.running()).toEqual(["b"]);
});

test("a pod that is over makes room", async () => {
  const { runtime, apply } = startReconciler();
  const never = { restartPolicy: "Never" };
  await apply([
    buildPod({ name: "a", container: { name: "a", ...PORT_80 }, spec: never }),
    buildPod({ name: "b", container: { name: "b", ...PORT_80 } }),
  ]);
  runtime.exit("a", 0);
  await advance(0);
  expect(runtime.running()).toEqual(["b"]);
});

test("a pod that no label of the node suits starts when the node gets one", async () => {
  const node = { ...NODE, labels: { ...NODE.labels } as Record<string, string> };
  const { runtime, apply, reconciler, reportOf } = startReconciler({ node });
  await apply([buildPod({ spec: { nodeSelector: { zone: "a" } } })]);
  expect(reportOf("web-node-1")?.pod.status).toMatchObject({ phase: "Failed", reason: "NodeAffinity" });
  node.labels["zone"] = "a";
  reconciler.workers.askAgain();
  await advance(0);
  expect(runtime.running()).toEqual(["web"]);
});

test("the more important of two pods that come together gets the room", async () => {
  const { runtime, apply } = startReconciler();
  await apply([
    buildPod({ name: "a", container: { name: "a", ...PORT_80 } }),
    buildPod({ name: "b", container: { name: "b", ...PORT_80 }, spec: { priority: 1000 } }),
  ]);
  expect(runtime.running()).toEqual(["b"]);
});

test("a pod that an earlier runner ran is not asked again whether it may", async () => {
  const first = startReconciler();
  const pod = buildPod({ spec: { nodeSelector: { "kubernetes.io/hostname": "node-1" } } });
  await first.apply([pod]);
  const second = startReconciler({
    found: await first.runtime.list(),
    node: { ...NODE, labels: {}, maxPods: 0 },
  });
  await second.apply([pod]);
  expect(second.statusOf("web-node-1")?.phase).toBe("Running");
});

test("a pod moves to another namespace with its port", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 500 });
  const pod = buildPod({ container: PORT_80 });
  await apply([pod]);
  await apply([{ ...pod, metadata: { ...pod.metadata, namespace: "other", uid: "other-uid" } }]);
  expect(runtime.running()).toEqual(["web"]);
  await advance(500);
  expect(runtime.running()).toEqual(["web"]);
  expect((await runtime.list()).map(({ spec }) => spec.podNamespace)).toEqual(["other"]);
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

test("the row of restarts is remembered by the next runner", async () => {
  const first = startReconciler();
  await first.apply([buildPod()]);
  await crash(first.runtime);
  await crash(first.runtime);
  const second = startReconciler({ found: await first.runtime.list() });
  await second.apply([buildPod()]);
  await advance(9999);
  expect(second.runtime.running()).toEqual([]);
  await advance(1);
  expect(second.runtime.running()).toEqual(["web"]);
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

test("an end that is told before the start has returned is not lost", async () => {
  const { runtime, apply } = startReconciler();
  const start = runtime.start;
  Object.assign(runtime, {
    start: async (spec: Parameters<typeof start>[0]) => {
      const run = await start(spec);
      if (spec.attempt === 0) runtime.exit("web", 1);
      return run;
    },
  });
  await apply([buildPod()]);
  expect(runtime.calls).toEqual(["start web#0", "start web#1"]);
});

test("a full disk keeps a pod waiting with the reason, and it starts when there is space again", async () => {
  let isFull = true;
  const real = createFileSystem();
  const appendText: typeof real.appendText = (path, file) =>
    isFull ? Promise.reject(systemError("ENOSPC")) : real.appendText(path, file);
  files = countOperations({ ...real, appendText });
  system = createFakeSystem({ fs: files.fs });
  const { apply, runtime, statusOf } = startReconciler();
  await apply([buildPod()]);
  const waiting = () => statusOf("web-node-1")?.containerStatuses?.[0]?.state?.waiting;
  await expect.poll(() => waiting()?.message).toContain("ENOSPC");
  isFull = false;
  await advance(60_000);
  await expect.poll(() => runtime.calls).toEqual(["start web#0"]);
  expect(system.logged.filter(({ level }) => level === "error")).toEqual([]);
});

test("a field that cannot act is told once", async () => {
  const { apply } = startReconciler();
  await apply([buildPod({ name: "a" }), buildPod({ name: "b" })]);
  const told = system.logged.filter((event) => event.message === "field has no effect here");
  expect(told.map((event) => event.fields["field"])).toEqual(["spec.hostNetwork: false"]);
});

const NODE: NodeFacts = {
  labels: { "kubernetes.io/hostname": "node-1" },
  allocatable: { cpu: 2000, memory: 2 ** 30, "ephemeral-storage": 2 ** 30 },
  maxPods: 110,
};

const GRACE_10 = { terminationGracePeriodSeconds: 10 };

async function sleepFor(ms: number): Promise<HookResult> {
  await system.clock.sleep(ms);
  return { kind: "done" };
}

function startReconciler(
  options: {
    readonly stopMs?: number;
    readonly found?: Awaited<ReturnType<FakeRuntime["list"]>>;
    readonly probe?: () => ProbeOutcome;
    readonly node?: NodeFacts;
    readonly lastStatus?: PodStatus | undefined;
    readonly hook?: HookRunner["run"];
  } = {},
) {
  const runtime = createFakeRuntime({ clock: system.clock, ...options });
  const recorder = createEventRecorder(system);
  const reconciler = createReconciler(system, {
    runner: {
      nodeIp: "192.0.2.10",
      runtime,
      kubelet: { podLogsDir: join(dir, "log/pods") },
      logDirs: createPodLogDirs(system, {
        podLogsDir: join(dir, "log/pods"),
        notesPath: join(dir, "made-paths"),
      }),
      paths: {
        controlSocketPath: join(dir, "s"),
        podsDir: join(dir, "pods"),
        stateDir: dir,
        containerLogsDir: join(dir, "log/containers"),
        madePathsPath: join(dir, "made-paths"),
      },
    },
    nodeName: "node-1",
    node: () => options.node ?? NODE,
    maxRestartPeriodMs: undefined,
    probes: { run: () => Promise.resolve(options.probe?.() ?? { kind: "success" }), close: () => undefined },
    hooks: { run: options.hook ?? (() => Promise.resolve({ kind: "done" })), close: () => undefined },
    events: recorder,
    sources: ["file"],
    found: groupByPod(options.found ?? []).map((group) => ({ ...group, lastStatus: options.lastStatus })),
    onChange: () => undefined,
  });
  return {
    runtime,
    reconciler,
    reportOf: (name: string) => reconciler.workers.reports().find(({ pod }) => pod.metadata.name === name),
    events: () => recorder.list().map(({ reason }) => reason),
    apply: (pods: readonly Pod[]) => apply(reconciler, pods),
    statusOf: (name: string) => reconciler.workers.find(`default/${name}`)?.report().pod.status,
  };
}

async function apply(reconciler: Reconciler, pods: readonly Pod[]): Promise<void> {
  const origin = (pod: Pod): string => ORIGINS.get(pod.metadata.uid) ?? `/m/${pod.metadata.name}.yaml`;
  reconciler.apply({ source: "file", refused: [], pods: pods.map((pod) => ({ pod, origin: origin(pod) })) });
  await advance(0);
}

/** Moves the clock, with room for real file operations after it. */
async function advance(ms: number): Promise<void> {
  await system.clock.advance(ms);
  await files.idle();
}

const ORIGINS = new Map(
  ["/m/a.yaml", "/m/b.yaml"].map((origin) => [buildPod({ origin }).metadata.uid, origin]),
);

async function crash(runtime: FakeRuntime): Promise<void> {
  runtime.exit("web", 1);
  await files.idle();
}

function readyOf(status: Pod["status"]): string | undefined {
  return status?.conditions?.find((condition) => condition.type === "Ready")?.status;
}
