import fc from "fast-check";
import { expect, test } from "vitest";
import {
  nextStartMs,
  restartsBefore,
  selectBackOff,
  startFailureDelayMs,
} from "../../../../src/runner/pod/back-off.ts";
import { buildPod } from "../../../support/build-pod.ts";

const CRITICAL = { priority: 2_000_001_000, priorityClassName: "system-node-critical" };

const KUBELET = { delaysMs: [0, 10_000], resetWhenReady: false };

test.each([
  ["an ordinary pod", {}, undefined, [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000]],
  ["a node-critical pod", CRITICAL, undefined, [0, 1000, 2000, 5000, 10_000]],
  ["a configured maximum", CRITICAL, 25_000, [0, 10_000, 20_000, 25_000]],
  ["a maximum below the first delay", {}, 4000, [0, 4000]],
])("the delays of %s", (_, spec, maxRestartPeriodMs, delays) => {
  expect(selectBackOff({ pod: buildPod({ spec }), maxRestartPeriodMs }).delaysMs).toEqual(delays);
});

test("the delay counts from the end of the last run", () => {
  const run = { restartsInARow: 1, startedAtMs: 1000, finishedAtMs: 5000, wasReady: false };
  expect(nextStartMs(KUBELET, { ...run, nowMs: run.finishedAtMs })).toBe(15_000);
});

test("a run of more than ten minutes ends the row", () => {
  const run = { restartsInARow: 5, startedAtMs: 0, finishedAtMs: 600_000, wasReady: false };
  expect(restartsBefore(KUBELET, run)).toBe(5);
  expect(restartsBefore(KUBELET, { ...run, finishedAtMs: 600_001 })).toBe(0);
});

test("a run that had become ready ends the row of a node-critical pod, and only of that", () => {
  const run = { restartsInARow: 5, startedAtMs: 0, finishedAtMs: 4000, wasReady: true };
  const critical = selectBackOff({ pod: buildPod({ spec: CRITICAL }), maxRestartPeriodMs: undefined });
  expect(nextStartMs(critical, { ...run, nowMs: run.finishedAtMs })).toBe(4000);
  expect(nextStartMs(critical, { ...run, wasReady: false, nowMs: run.finishedAtMs })).toBe(14_000);
  expect(restartsBefore(KUBELET, run)).toBe(5);
});

test("the delay never shrinks within a row and never passes the maximum", () => {
  const arbitrary = fc.record({
    maxMs: fc.integer({ min: 1000, max: 300_000 }),
    restarts: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ maxMs, restarts }) => {
      const schedule = selectBackOff({ pod: buildPod(), maxRestartPeriodMs: maxMs });
      const delay = (row: number): number =>
        nextStartMs(schedule, {
          restartsInARow: row,
          startedAtMs: 0,
          finishedAtMs: 0,
          wasReady: false,
          nowMs: 0,
        });
      expect(delay(restarts)).toBeLessThanOrEqual(delay(restarts + 1));
      expect(delay(restarts)).toBeLessThanOrEqual(maxMs);
    }),
  );
});

test("what could not start is tried again within ten seconds", () => {
  expect([1, 2, 3, 4, 50].map(startFailureDelayMs)).toEqual([1000, 2000, 5000, 10_000, 10_000]);
});
