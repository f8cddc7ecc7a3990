import { expect, test } from "vitest";
import type { ProbeOutcome } from "../../../src/runner/probes/apply-probe-result.ts";
import { buildPod } from "../../support/build-pod.ts";
import { createReconcilerTrial, readyOf } from "../../support/reconciler-trial.ts";

const { advance, sleepFor, startReconciler } = createReconcilerTrial();

const SLEEP = { sleep: { seconds: 1 } };
const GRACE_10 = { terminationGracePeriodSeconds: 10 };

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

test("events say which probe it was, and whether it failed, could not be carried out or went elsewhere", async () => {
  let outcome: ProbeOutcome = { kind: "failure", message: "refused" };
  const { apply, eventMessages } = startReconciler({ probe: () => outcome });
  const readinessProbe = { httpGet: { port: 80 }, periodSeconds: 1 };
  await apply([buildPod({ container: { readinessProbe } })]);
  await advance(100);
  outcome = { kind: "error", message: "no such port" };
  await advance(1000);
  outcome = { kind: "success", warning: "elsewhere" };
  await advance(1000);
  expect(eventMessages()).toEqual(
    expect.arrayContaining([
      "Readiness probe failed: refused",
      "Readiness probe errored and resulted in unknown state: no such port",
      "Readiness probe warning: elsewhere",
    ]),
  );
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
