import { expect, test } from "vitest";
import { createTimings } from "../../../../src/commands/init/timings.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

test("a part that fails has its time, too, and parts are listed as they began", async () => {
  const clock = createFakeClock();
  const timings = createTimings(clock);
  const startMs = clock.monotonicMs();
  const outer = timings.measure("outer", async () => {
    await expect(
      timings.measure("inner", async () => {
        await clock.sleep(20);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await clock.sleep(30);
    return "value";
  });
  await clock.advance(20);
  await clock.advance(30);
  expect(await outer).toBe("value");
  expect(timings.list()).toEqual([
    { name: "outer", startMs, endMs: startMs + 50 },
    { name: "inner", startMs, endMs: startMs + 20 },
  ]);
});
