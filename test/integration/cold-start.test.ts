import { afterAll, beforeAll, expect, test } from "vitest";
import { cutPower, startCold, stopPlane } from "../support/cold-start.ts";
import { startPlane, type TestPlane } from "../support/plane.ts";
import { COMPONENTS } from "../support/soak/plane-processes.ts";

/** The bench does fifty (`npm run bench -- --only cold-starts`). */
const STARTS = 10;
const TIMEOUT_MS = 60_000;

let plane: TestPlane;
beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

const NONE = Object.fromEntries(COMPONENTS.map((name) => [name, 0]));

/** Ten starts of some eight seconds: one that goes wrong now and then is not seen in one. */
test("all four come up at once, ten times, and nobody is ever restarted", async () => {
  for (let starts = 1; starts <= STARTS; starts += 1) {
    await stopPlane(plane);
    const { restarts } = await startCold(plane, { timeoutMs: TIMEOUT_MS, starts });
    expect(restarts, `start ${starts}`).toEqual(NONE);
  }
}, 600_000);

test("after everything was killed at once all four come up at the first try", async () => {
  await cutPower(plane);
  const { restarts } = await startCold(plane, { timeoutMs: TIMEOUT_MS, starts: STARTS + 1 });
  expect(restarts).toEqual(NONE);
});
