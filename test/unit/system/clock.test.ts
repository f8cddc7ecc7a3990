import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClock } from "../../../src/system/clock.ts";

vi.mock("node:timers/promises", { spy: true });

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([1, 24, 25, 365, 24_855])("a call after %d days comes then, and not before", (days) => {
  const called = vi.fn();
  createClock().after(days * DAY_MS, called);
  vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(called).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(called).toHaveBeenCalledOnce();
});

test("a call that is cancelled after a month does not come", () => {
  const called = vi.fn();
  const cancel = createClock().after(40 * DAY_MS, called);
  vi.advanceTimersByTime(30 * DAY_MS);
  cancel();
  vi.advanceTimersByTime(30 * DAY_MS);
  expect(called).not.toHaveBeenCalled();
});

test("a call after no end of time does not come", () => {
  const called = vi.fn();
  createClock().after(Number.POSITIVE_INFINITY, called);
  vi.advanceTimersByTime(100 * DAY_MS);
  expect(called).not.toHaveBeenCalled();
});

test.each([
  [0, [0]],
  [20, [20 * DAY_MS]],
  [30, [2 ** 31 - 1, 30 * DAY_MS - 2 ** 31 + 1]],
])("a sleep of %d days is cut into naps that Node can take", async (days, naps) => {
  const { setTimeout: nap } = await import("node:timers/promises");
  vi.mocked(nap).mockResolvedValue(undefined);
  await createClock().sleep(days * DAY_MS);
  expect(vi.mocked(nap).mock.calls.map(([ms]) => ms)).toEqual(naps);
  vi.mocked(nap).mockReset();
});

test("a sleep of months ends at once with the reason of its signal", async () => {
  const stopping = new AbortController();
  const slept = createClock().sleep(60 * DAY_MS, stopping.signal);
  const told = expect(slept).rejects.toThrow("enough");
  stopping.abort(new Error("enough"));
  await told;
});
