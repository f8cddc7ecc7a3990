import { expect, test } from "vitest";
import { startLoop } from "../../../../src/runner/cluster/level-loop.ts";
import { createRetryGate } from "../../../../src/runner/cluster/retry-gate.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

test("a loop passes at once, after its delay, and when it is woken", async () => {
  const system = createFakeSystem();
  let passes = 0;
  const loop = startLoop(system, {
    name: "test",
    pass: async () => {
      passes += 1;
      return 1000;
    },
  });
  await system.clock.advance(0);
  expect(passes).toBe(1);
  await system.clock.advance(999);
  expect(passes).toBe(1);
  await system.clock.advance(1);
  expect(passes).toBe(2);
  loop.wake();
  await system.clock.advance(0);
  expect(passes).toBe(3);
  await loop.close();
});

test("a wake during a pass is not lost, and many are one", async () => {
  const system = createFakeSystem();
  let passes = 0;
  const loop = startLoop(system, {
    name: "test",
    pass: async () => {
      passes += 1;
      if (passes === 1) {
        loop.wake();
        loop.wake();
      }
      return 1000;
    },
  });
  await system.clock.advance(10);
  expect(passes).toBe(2);
  await loop.close();
});

test("a pass that throws is logged, and the loop goes on", async () => {
  const system = createFakeSystem();
  let passes = 0;
  const loop = startLoop(system, {
    name: "test",
    pass: async () => {
      passes += 1;
      throw new Error("a bug");
    },
  });
  await system.clock.advance(10_000);
  expect(passes).toBe(2);
  expect(system.logged[0]).toMatchObject({ level: "error", fields: { job: "test", error: "a bug" } });
  await loop.close();
});

test("closing ends the pass that is under way and starts no other", async () => {
  const system = createFakeSystem();
  let passes = 0;
  const loop = startLoop(system, {
    name: "test",
    pass: async (signal) => {
      passes += 1;
      await system.clock.sleep(60_000, signal);
      return 0;
    },
  });
  await system.clock.advance(0);
  await loop.close();
  expect(passes).toBe(1);
  expect(system.logged).toEqual([]);
});

test("who waits for a pass waits for one that begins after they asked, or for the loop's end", async () => {
  const system = createFakeSystem();
  const passes: string[] = [];
  const loop = startLoop(system, {
    name: "test",
    pass: async () => {
      passes.push("begun");
      await system.clock.sleep(10);
      passes.push("ended");
      return 60_000;
    },
  });
  await system.clock.advance(5);
  const passed = loop.passed().then(() => passes.push("told"));
  await system.clock.advance(5);
  await system.clock.advance(10);
  await passed;
  expect(passes).toEqual(["begun", "ended", "begun", "ended", "told"]);
  await loop.close();
  await loop.passed();
});

test("a gate keeps each key shut for longer each time, until it was left in peace", () => {
  let nowMs = 0;
  const gate = createRetryGate({ nowMs: () => nowMs, firstMs: 100, maxMs: 400, forgetMs: 1000 });
  const delays: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    gate.shut("a");
    delays.push(gate.nextOpeningMs());
    expect(gate.isOpen("a")).toBe(false);
    expect(gate.isOpen("b")).toBe(true);
    nowMs += gate.nextOpeningMs();
  }
  expect(delays).toEqual([100, 200, 400, 400]);
  expect(gate.isOpen("a")).toBe(true);
  expect(gate.nextOpeningMs()).toBe(Number.POSITIVE_INFINITY);
  nowMs += 1001;
  gate.shut("a");
  expect(gate.nextOpeningMs()).toBe(100);
});

test("what opens between the question whether it is open and the question when is not forgotten", () => {
  let nowMs = 0;
  const gate = createRetryGate({ nowMs: () => nowMs, firstMs: 100, maxMs: 400, forgetMs: 1000 });
  gate.shut("a");
  nowMs = 99.9;
  expect(gate.isOpen("a")).toBe(false);
  nowMs = 100.1;
  expect([gate.nextOpeningMs(), gate.nextOpeningMs()]).toEqual([0, Number.POSITIVE_INFINITY]);
  expect(gate.isOpen("a")).toBe(true);
  expect(gate.nextOpeningMs()).toBe(Number.POSITIVE_INFINITY);
});
