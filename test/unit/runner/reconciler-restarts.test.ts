import { expect, test } from "vitest";
import type { Pod } from "../../../src/pod/types.ts";
import type { ProbeOutcome } from "../../../src/runner/probes/apply-probe-result.ts";
import { buildPod } from "../../support/build-pod.ts";
import { createReconcilerTrial } from "../../support/reconciler-trial.ts";

const { advance, crash, idle, startReconciler } = createReconcilerTrial();

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

test("an end that nobody asked for is a warning with how it ended; the ends of a crash loop are one event", async () => {
  const { runtime, apply, recorded } = startReconciler();
  await apply([buildPod()]);
  await crash(runtime);
  await crash(runtime);
  await advance(10_000);
  const told = recorded().slice(1);
  expect(told.map(({ type, reason, message, count }) => [type, reason, message, count])).toEqual([
    ["Warning", "Ended", "Container ended with exit code 1", 2],
    ["Warning", "BackOff", expect.stringContaining("Back-off restarting failed container web in pod"), 1],
    ["Normal", "Started", "Container started", 3],
  ]);
});

test("a run that ends while an old one is being removed is told once", async () => {
  const { runtime, apply, recorded } = startReconciler();
  await apply([buildPod()]);
  await crash(runtime);
  await crash(runtime);
  const remove = runtime.remove;
  runtime.remove = async (id) => {
    runtime.exit("web", 1);
    await remove(id);
  };
  await advance(10_000);
  expect(recorded().find(({ reason }) => reason === "BackOff")?.count).toBe(2);
});

test("an end that was asked for is no event, and one with exit code 0 is no warning", async () => {
  const { runtime, apply, recorded } = startReconciler();
  const pod = buildPod();
  await apply([pod]);
  runtime.exit("web", 0);
  await advance(0);
  await apply([]);
  await advance(0);
  expect(recorded().flatMap(({ type, reason }) => (reason === "Ended" ? [type] : []))).toEqual(["Normal"]);
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
    await idle();
  }
  expect(runtime.running()).toEqual(["kube-apiserver"]);
  outcome = { kind: "success" };
  await advance(150);
  expect(runtime.running()).toEqual(["kube-apiserver", "kube-scheduler"]);
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
