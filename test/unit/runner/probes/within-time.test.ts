import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { withinTime } from "../../../../src/runner/probes/within-time.ts";

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("work is ended when its time is over, and nothing listens any more", async () => {
  const { signal } = new AbortController();
  await expect(withinTime({ timeoutMs: 10, signal }, untilAborted)).rejects.toThrow("no answer within 10 ms");
  expect(await withinTime({ timeoutMs: 10_000, signal }, async () => "done")).toBe("done");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("work is ended with the given signal, also by one that has aborted before", async () => {
  const ending = new AbortController();
  const work = withinTime({ timeoutMs: undefined, signal: ending.signal }, untilAborted);
  ending.abort(new Error("closed"));
  await expect(work).rejects.toThrow("closed");
  const late = withinTime({ timeoutMs: 10_000, signal: ending.signal }, async (signal) => {
    signal.throwIfAborted();
  });
  await expect(late).rejects.toThrow("closed");
});
