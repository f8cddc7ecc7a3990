import { expect, test } from "vitest";
import { createTimings, measureCovered } from "../../../../src/commands/init/timings.ts";
import type { Step } from "../../../../src/plan/types.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

test("a part that fails has its time, too, and parts are listed as they began", async () => {
  const clock = createFakeClock();
  await clock.advance(100);
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
  const part = { phase: undefined, isWait: false, startMs };
  expect(timings.list()).toEqual([
    { ...part, name: "start of the program", startMs: 0, endMs: startMs, cpuMs: startMs / 2 },
    { ...part, name: "outer", endMs: startMs + 50, cpuMs: 25 },
    { ...part, name: "inner", endMs: startMs + 20, cpuMs: 10 },
  ]);
});

test("steps have their phase, and say whether they only wait", async () => {
  const clock = createFakeClock();
  await clock.advance(100);
  const timings = createTimings(clock);
  const steps: readonly Step[] = [
    { kind: "directory", id: "dir", phase: "certs", title: "make /d", needs: [], path: "/d", mode: 0o700 },
    { kind: "wait-ready", id: "wait", phase: "wait", title: "wait", needs: [], components: [], timeoutMs: 1 },
  ];
  for (const step of steps) timings.follow({ kind: "started", step });
  await clock.advance(10);
  for (const step of steps) timings.follow({ kind: "done", step, changed: true });
  expect(
    timings
      .list()
      .slice(1)
      .map(({ name, phase, isWait, cpuMs }) => [name, phase, isWait, cpuMs]),
  ).toEqual([
    ["make /d", "certs", false, 5],
    ["wait", "wait", true, 5],
  ]);
});

test("time that stretches share counts once", () => {
  const stretch = (startMs: number, endMs: number) => ({
    name: "",
    phase: undefined,
    isWait: true,
    startMs,
    endMs,
    cpuMs: 0,
  });
  expect(measureCovered([stretch(30, 40), stretch(0, 10), stretch(5, 20), stretch(6, 7)])).toBe(30);
});
