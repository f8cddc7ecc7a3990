import { expect, test } from "vitest";
import { createEventRecorder, MAX_EVENTS } from "../../../src/runner/events.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const ENDED = {
  type: "Warning",
  reason: "Ended",
  message: "Container ended with exit code 1",
  pod: "web-n1",
  namespace: "default",
  container: "web",
} as const;

test("what comes again within ten minutes is one event at its last time, whatever came between", async () => {
  const system = createFakeSystem();
  const recorder = createEventRecorder(system);
  const told: number[] = [];
  recorder.onRecord(({ count }) => told.push(count));
  for (const type of ["Warning", "Normal", "Warning"] as const) {
    recorder.record({ ...ENDED, type });
    await system.clock.advance(60_000);
  }
  expect(recorder.list()).toEqual([
    { ...ENDED, type: "Normal", at: "2026-11-22T17:01:00Z", count: 1 },
    { ...ENDED, at: "2026-11-22T17:02:00Z", count: 2 },
  ]);
  await system.clock.advance(600_000);
  recorder.record(ENDED);
  expect(told).toEqual([1, 1, 2, 1]);
  expect(recorder.list().map(({ count }) => count)).toEqual([1, 2, 1]);
});

test("the newest thousand are kept, and no message is longer than the API takes", () => {
  const recorder = createEventRecorder(createFakeSystem());
  for (let index = 0; index <= MAX_EVENTS; index += 1) recorder.record({ ...ENDED, message: `m${index}` });
  recorder.record({ ...ENDED, message: "x".repeat(5000) });
  expect(recorder.list()).toHaveLength(MAX_EVENTS);
  expect(recorder.list()[0]?.message).toBe("m2");
  expect(recorder.list().at(-1)?.message).toHaveLength(1024);
});

test("what a probe has printed of a secret is hidden", () => {
  const recorder = createEventRecorder(createFakeSystem());
  recorder.record({ ...ENDED, message: "Readiness probe failed: Authorization: Bearer abcdefghijkl" });
  expect(recorder.list()[0]?.message).toBe("Readiness probe failed: Authorization: Bearer <hidden>");
});
