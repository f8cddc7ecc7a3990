import { expect, test } from "vitest";
import type { ProbeOutcome } from "../../../src/runner/probes/apply-probe-result.ts";
import { buildPod } from "../../support/build-pod.ts";
import { createReconcilerTrial } from "../../support/reconciler-trial.ts";

const { advance, crash, startReconciler, system } = createReconcilerTrial();

const HOUR_MS = 3_600_000;
const FAILURE: ProbeOutcome = { kind: "failure", message: "no answer" };

test("a clock that is put back does not lengthen the pause before a restart", async () => {
  const { runtime, apply } = startReconciler();
  await apply([buildPod()]);
  await crash(runtime);
  await crash(runtime);
  expect(runtime.running()).toEqual([]);
  system().clock.step(-HOUR_MS);
  await advance(10_000);
  expect(runtime.running()).toEqual(["web"]);
});

test("a clock that is put back does not lengthen the pause before a start that failed is tried again", async () => {
  const { apply, reportOf } = startReconciler();
  await apply([buildPod({ container: { image: "absent:1" } })]);
  system().clock.step(-HOUR_MS);
  await advance(10_000);
  const next = reportOf("web-node-1")?.containers[0]?.nextStartAt ?? "";
  expect(Date.parse(next) - system().clock.nowMs()).toBeLessThanOrEqual(10_000);
});

test.each([-HOUR_MS, HOUR_MS])(
  "probes go on at their pace when the clock is put by %i ms",
  async (stepMs) => {
    let outcome: ProbeOutcome = { kind: "success" };
    const { runtime, apply } = startReconciler({ probe: () => outcome });
    const probe = { tcpSocket: { port: 1 }, periodSeconds: 10, failureThreshold: 3 };
    await apply([buildPod({ container: { livenessProbe: probe, readinessProbe: probe } })]);
    await advance(30_000);
    system().clock.step(stepMs);
    outcome = FAILURE;
    await advance(15_000);
    expect(runtime.calls).toEqual(["start web#0"]);
    await advance(25_000);
    expect(runtime.calls.slice(0, 3)).toEqual(["start web#0", "stop web#0 30", "start web#1"]);
  },
);

test("a container that waits for its turn to be stopped gets no longer grace when the clock is put back", async () => {
  const { runtime, apply } = startReconciler({ stopMs: 5_000 });
  const sidecar = { name: "side", image: "side:1", restartPolicy: "Always" };
  await apply([buildPod({ spec: { initContainers: [sidecar] } })]);
  await advance(1_000);
  await apply([]);
  system().clock.step(-HOUR_MS);
  await advance(6_000);
  expect(runtime.calls.filter((call) => call.startsWith("stop"))).toEqual([
    "stop web#0 30",
    "stop side#0 30",
  ]);
});
