import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyProbeResult,
  INITIAL_PROBE_STATE,
  type ProbeOutcome,
} from "../../../../src/runner/probes/apply-probe-result.ts";
import { createProbeLoop, type ProbeKind } from "../../../../src/runner/probes/probe-loop.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const PROBE = { periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 };

test("a result changes after as many equal outcomes in a row as the threshold says", () => {
  const outcomes = fc.array(fc.constantFrom("success" as const, "failure" as const), { maxLength: 30 });
  const thresholds = fc.record({
    successThreshold: fc.integer({ min: 1, max: 4 }),
    failureThreshold: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(outcomes, thresholds, (series, limits) => {
      let state = INITIAL_PROBE_STATE;
      for (const [index, outcome] of series.entries()) {
        const before = state.result;
        state = applyProbeResult(state, { outcome, ...limits });
        const threshold = outcome === "success" ? limits.successThreshold : limits.failureThreshold;
        const recent = series.slice(Math.max(0, index + 1 - threshold), index + 1);
        const reached = recent.length === threshold && recent.every((entry) => entry === outcome);
        expect(state.result).toBe(reached ? outcome : before);
      }
    }),
  );
});

test("a readiness probe looks often until its first success", async () => {
  const { clock, looks, loop, outcomes } = start("readiness");
  await clock.advance(1000);
  expect(looks()).toBe(11);
  outcomes.next = { kind: "success" };
  await clock.advance(200);
  expect(loop.state().result).toBe("success");
  const sofar = looks();
  await clock.advance(10_000);
  expect(looks()).toBe(sofar + 1);
});

test("failures between two periods do not count", async () => {
  const { clock, loop } = start("startup");
  await clock.advance(9000);
  expect(loop.state()).toMatchObject({ result: "unknown", streak: 1 });
  await clock.advance(12_000);
  expect(loop.state().result).toBe("failure");
});

test("a failure within the initial delay does not count, a success does", async () => {
  const { clock, loop, outcomes } = start("startup", { initialDelaySeconds: 60 });
  await clock.advance(59_000);
  expect(loop.state().streak).toBe(0);
  outcomes.next = { kind: "success" };
  await clock.advance(300);
  expect(loop.state().result).toBe("success");
});

test("a liveness probe begins after its initial delay and keeps its period", async () => {
  const { clock, looks } = start("liveness", { initialDelaySeconds: 5 });
  await clock.advance(4999);
  expect(looks()).toBe(0);
  await clock.advance(20_001);
  expect(looks()).toBe(3);
});

test("a liveness probe that has failed for good stops", async () => {
  const { clock, looks, loop } = start("liveness");
  await clock.advance(100_000);
  expect(loop.state().result).toBe("failure");
  expect(looks()).toBe(3);
  expect(clock.waiting()).toBe(0);
});

test("a probe that cannot be carried out changes nothing, and is told once a period", async () => {
  const { clock, loop, looks, outcomes, told } = start("readiness", { initialDelaySeconds: 5 });
  outcomes.next = { kind: "error", message: "no such port" };
  await clock.advance(26_000);
  expect(loop.state()).toMatchObject({ result: "unknown", streak: 0 });
  expect([looks() > 200, told()]).toEqual([true, 3]);
});

test("a container that is never ready is not looked at often for ever", async () => {
  const { clock, looks } = start("readiness", { periodSeconds: 5 });
  await clock.advance(130_000);
  const sofar = looks();
  await clock.advance(60_000);
  expect(looks() - sofar).toBe(12);
});

test("a closed probe looks no more", async () => {
  const { clock, looks, loop } = start("readiness");
  await clock.advance(50);
  loop.close();
  await clock.advance(10_000);
  expect(looks()).toBe(1);
});

function start(
  kind: ProbeKind,
  change: Partial<typeof PROBE> & { readonly initialDelaySeconds?: number } = {},
) {
  const clock = createFakeClock();
  const outcomes: { next: ProbeOutcome } = { next: { kind: "failure", message: "refused" } };
  let count = 0;
  let told = 0;
  const loop = createProbeLoop(
    { clock },
    {
      kind,
      probe: { ...PROBE, ...change, httpGet: { port: 80, path: "/", scheme: "HTTP" } },
      startedAtMs: clock.nowMs(),
      isKnownGood: false,
      run: () => {
        count += 1;
        return Promise.resolve(outcomes.next);
      },
      onOutcome: () => {
        told += 1;
      },
    },
  );
  return { clock, loop, outcomes, looks: () => count, told: () => told };
}
