import { join } from "node:path";
import { expect, test } from "vitest";
import { readPodRecord } from "../../../src/runner/pod/pod-record.ts";
import type { ProbeOutcome } from "../../../src/runner/probes/apply-probe-result.ts";
import { buildPod } from "../../support/build-pod.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createReconcilerTrial, readyOf } from "../../support/reconciler-trial.ts";

const { advance, dir, sleepFor, startReconciler, system } = createReconcilerTrial();

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
