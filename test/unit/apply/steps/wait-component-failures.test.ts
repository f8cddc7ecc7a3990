import { join } from "node:path";
import { expect, test } from "vitest";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { createTempTree } from "../../../support/temp-tree.ts";
import { asWanted, reportWanted, startWait } from "../../../support/wait-trial.ts";

test("failures from before the wait say nothing of what runs now", async () => {
  const status = { ready: false, restartCount: 31, lastState: buildEnd() };
  const { system, outcome } = startWait({
    pods: () => [reportWanted({ status })],
    answers: [...Array<"refused">(50).fill("refused"), 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
});

test("a failure that cannot heal ends the wait at once", async () => {
  const status = {
    ready: false,
    state: { waiting: { reason: "ErrImageNeverPull", message: "no program for etcd:1" } },
  };
  const { system, outcome } = startWait({
    pods: () => [reportWanted({ status })],
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: "etcd does not run: it waits: ErrImageNeverPull",
    why: "no program for etcd:1",
  });
});

test("a component that had ended before the wait and cannot be started now ends it", async () => {
  const before = { ready: false, restartCount: 2, lastState: buildEnd() };
  const waitsFor = (reason: string, nextStartAt: string) =>
    reportWanted({
      status: { ...before, state: { waiting: { reason, message: "why" } } },
      container: { pid: undefined, nextStartAt },
    });
  let looks = 0;
  const { system, outcome } = startWait({
    pods: () => {
      looks += 1;
      if (looks < 3) return [waitsFor("CrashLoopBackOff", "2999-01-01T00:00:00Z")];
      return [waitsFor("ErrImageNeverPull", "2999-01-01T00:00:05Z")];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({ what: "etcd does not run: it waits: ErrImageNeverPull" });
});

test("a failure that is not known may happen a few times, then it ends the wait", async () => {
  let looks = 0;
  const { system, outcome, waits } = startWait({
    pods: () => {
      looks += 1;
      if (looks === 1) return [];
      const restartCount = Math.floor(looks / 10);
      return [reportWanted({ status: { ready: false, restartCount, state: buildEnd() } })];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: "etcd does not run: ended with exit code 1, 4 restarts",
  });
  expect(waits.join()).toContain("3 restarts");
});

test("one that runs and complains without end of what only a change can mend is not waited for", async () => {
  const text = [1, 2].map(
    (second) =>
      `2026-11-22T16:59:0${second}.000000000Z stderr F W1122 16:59:01.0       1 a.go:1] x509: certificate signed by unknown authority\n`,
  );
  const logPath = join(createTempTree({ "0.log": text.join("") }), "0.log");
  const status = { ready: false, started: false };
  const { system, outcome } = startWait({
    pods: () => [reportWanted({ status, container: { logPath } })],
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: "etcd runs, but cannot get ready",
    why: expect.stringContaining("another CA"),
  });
});

test.each([
  [true, "SLIPWAY_COMPONENT_FAILED"],
  [false, "SLIPWAY_WAIT_TIMEOUT"],
])(
  "members that do not answer are not waited for where the cluster is new: %s",
  async (isNewCluster, code) => {
    const text = [1, 2].map(
      (second) =>
        `2026-11-22T16:59:0${second}.000000000Z stderr F {"level":"info","msg":"a sent MsgPreVote request to b at term 2"}\n`,
    );
    const logPath = join(createTempTree({ "0.log": text.join("") }), "0.log");
    const status = { ready: false, started: false };
    const { system, outcome } = startWait({
      isNewCluster,
      pods: () => [reportWanted({ status, container: { logPath } })],
      answers: ["refused"],
    });
    await advanceUntilDone(system.clock, { done: outcome, stepMs: 250 });
    await expect(outcome).rejects.toMatchObject({
      code,
      why: expect.stringContaining("too few of them answer"),
    });
  },
);

test("one that it depends on and that has failed for good is told in its place", async () => {
  let looks = 0;
  const dead = { restartCount: 1, ready: false, state: { waiting: { reason: "ErrImageNeverPull" } } };
  const { system, outcome } = startWait({
    step: { component: "kube-apiserver" },
    pods: () => {
      looks += 1;
      return [
        buildComponentReport("etcd", { status: looks > 1 ? dead : {} }),
        asWanted(buildComponentReport("kube-apiserver")),
      ];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({ what: "etcd does not run: it waits: ErrImageNeverPull" });
});
