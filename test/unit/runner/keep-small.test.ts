import { expect, test } from "vitest";
import { keepSmall } from "../../../src/runner/keep-small.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

test("memory is given back once, when nothing has changed for five seconds", async () => {
  let releases = 0;
  let change = (): void => undefined;
  const system = createFakeSystem({
    host: {
      releaseMemory: async () => {
        releases += 1;
      },
    },
  });
  const keeper = keepSmall(system, {
    onChange: (listener) => {
      change = listener;
    },
  });
  await system.clock.advance(4_000);
  change();
  await system.clock.advance(4_999);
  expect(releases).toBe(0);
  await system.clock.advance(1);
  expect(releases).toBe(1);
  await system.clock.advance(600_000);
  expect(releases).toBe(1);
  change();
  keeper.close();
  change();
  await system.clock.advance(600_000);
  expect(releases).toBe(1);
});
