import { expect, test } from "vitest";
import { keepSmall } from "../../../src/runner/keep-small.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

/** A keeper at work: how often it has given memory back, and the change of a pod. */
function startKeeper() {
  let releases = 0;
  let residentBytes = 100;
  let change = (): void => undefined;
  const system = createFakeSystem({
    host: {
      releaseMemory: async () => {
        releases += 1;
        residentBytes = 100;
      },
      residentBytes: () => residentBytes,
    },
  });
  const keeper = keepSmall(system, {
    onChange: (listener) => {
      change = listener;
    },
  });
  return {
    advance: system.clock.advance,
    keeper,
    change: (nowBytes = residentBytes) => {
      residentBytes = nowBytes;
      change();
    },
    releases: () => releases,
  };
}

test("memory is given back once, when nothing has changed for five seconds", async () => {
  const { advance, keeper, change, releases } = startKeeper();
  await advance(4_000);
  change();
  await advance(4_999);
  expect(releases()).toBe(0);
  await advance(1);
  expect(releases()).toBe(1);
  await advance(600_000);
  expect(releases()).toBe(1);
  change();
  keeper.close();
  change();
  await advance(600_000);
  expect(releases()).toBe(1);
});

test("a pod that changes every few seconds has memory given back once a minute at most", async () => {
  const { advance, change, releases } = startKeeper();
  for (let round = 0; round < 60; round += 1) {
    change();
    await advance(6_000);
  }
  expect(releases()).toBeGreaterThanOrEqual(5);
  expect(releases()).toBeLessThanOrEqual(6);
});

test("memory that many pods have needed is given back though some was a moment ago", async () => {
  const { advance, change, releases } = startKeeper();
  await advance(5_000);
  change(124);
  await advance(5_000);
  expect(releases()).toBe(1);
  change(125);
  await advance(5_000);
  expect(releases()).toBe(2);
});
