import { join } from "node:path";
import { expect, test } from "vitest";
import type { TlsOptions } from "../../../../src/system/net.ts";
import { buildComponentReport } from "../../../support/build-report.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { createTempTree } from "../../../support/temp-tree.ts";
import { KUBECONFIG, PEM, reportWanted, startWait, WAIT_STEP } from "../../../support/wait-trial.ts";

test("a component that answers 200 is not waited for any longer", async () => {
  const { outcome, asked } = startWait({ pods: () => [reportWanted()], answers: [200] });
  await outcome;
  expect(asked).toEqual([WAIT_STEP.url]);
});

test("one that refuses, then answers 503, then 200 is waited for", async () => {
  const { system, outcome, asked } = startWait({
    pods: () => [reportWanted()],
    answers: ["refused", 503, 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(asked).toHaveLength(3);
});

test("who knows the API server's checks asks it, and tells those that fail", async () => {
  const path = join(createTempTree({ "admin.conf": KUBECONFIG }), "admin.conf");
  const asked: TlsOptions[] = [];
  const checks = "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: not finished\n";
  const { system, outcome, waits } = startWait({
    step: { kubeconfigPath: path },
    pods: () => [reportWanted()],
    answers: [...Array<number>(20).fill(500), 200],
    body: checks,
    onAgent: (tls) => asked.push(tls),
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(asked).toEqual([{ cert: PEM, key: PEM, insecure: true }]);
  expect(waits[0]).toBe("etcd: not ready yet: poststarthook/rbac/bootstrap-roles");
});

test("an earlier version of the pod does not count, whatever it answers", async () => {
  let looks = 0;
  const { system, outcome } = startWait({
    pods: () => {
      looks += 1;
      return looks > 5 ? [reportWanted()] : [buildComponentReport("etcd")];
    },
    answers: [200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(looks).toBe(6);
});

test("what the version before it has answered does not count either", async () => {
  let looks = 0;
  const { system, outcome, asked } = startWait({
    pods: () => {
      looks += 1;
      return looks > 1 ? [reportWanted()] : [buildComponentReport("etcd")];
    },
    answers: [200, 503, 503, 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(asked).toHaveLength(4);
});

test("a slow one is waited for with what it says and its last line", async () => {
  const line = "2026-11-22T16:59:01.000000000Z stderr F I1122 16:59:01.000000       1 a.go:1] Serving soon\n";
  const logPath = join(createTempTree({ "0.log": line }), "0.log");
  const answers = [...Array.from({ length: 300 }, () => 503), 200];
  const { system, outcome, waits } = startWait({
    pods: () => [reportWanted({ container: { logPath } })],
    answers,
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(waits[0]).toBe("etcd: it answered 503");
  expect(waits.at(-1)).toBe("etcd: it answered 503; its last line: Serving soon");
});

test("an etcd whose disk is slow is waited for with how slow it is", async () => {
  const bucket = (bound: string, count: number): string =>
    `etcd_disk_wal_fsync_duration_seconds_bucket{le="${bound}"} ${count}\n`;
  const { system, outcome, waits } = startWait({
    pods: () => [reportWanted()],
    answers: [...Array.from({ length: 300 }, () => 503), 200],
    metrics: bucket("1.024", 3) + bucket("+Inf", 5),
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(waits.at(-1)).toMatch(
    /^etcd: it answered 503 \(etcd's disk is slow: of the \d+ times .*, 2 took over a second/,
  );
});

test("a wait that times out tells how long it was and what was seen last", async () => {
  const { system, outcome } = startWait({ pods: () => [reportWanted()], answers: [503] });
  await advanceUntilDone(system.clock, { done: outcome, stepMs: 1000 });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_WAIT_TIMEOUT",
    exitCode: 5,
    what: "etcd did not become healthy within 60 s",
    why: expect.stringContaining("503"),
    fix: expect.stringContaining("slipway logs etcd"),
  });
});

test("an interruption ends the wait", async () => {
  const interrupt = new AbortController();
  const { system, outcome } = startWait({
    pods: () => [reportWanted()],
    answers: [503],
    signal: interrupt.signal,
  });
  await system.clock.advance(100);
  interrupt.abort(new Error("interrupted"));
  await expect(outcome).rejects.toThrow("interrupted");
});
