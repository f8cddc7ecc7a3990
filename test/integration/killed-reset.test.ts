import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  listRemovals,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import { MOMENTS } from "../support/faults/reach-point.ts";
import { succeed } from "../support/plane.ts";

/** All files are there and nothing runs: enough for what a reset removes. */
const FILES_ONLY = ["--runtime", "external"];
// What leads to the ledger goes at once.
const REMOVALS = (await listRemovals(...FILES_ONLY)).filter(
  (path) => !"ROOT/var/lib/slipway/".startsWith(`${path}/`),
);

let program: FaultyProgram;

beforeAll(async () => {
  program = await buildFaultyProgram();
});
afterAll(() => program.remove());

async function onPlane(
  initArgs: readonly string[],
  work: (plane: FaultPlane) => Promise<void>,
): Promise<void> {
  const plane = await prepareFaultPlane(program, { components: program.components, initArgs });
  try {
    await work(plane);
  } finally {
    await plane.destroy();
  }
}

describe.concurrent("reset that is killed", () => {
  test.each(MOMENTS)("%s it removes what leads to the ledger goes on, and init brings all back", (moment) =>
    onPlane(FILES_ONLY, async (plane) => {
      await plane.bringUp();
      await plane.kill("reset", moment, "remove-state");
      await plane.bringUp();
      await plane.kill("reset", moment, "remove-state");
      await plane.undo();
    }),
  );

  test.each(REMOVALS)("before and after it removes %s goes on, and init brings all back", (path) =>
    onPlane(FILES_ONLY, async (plane) => {
      await plane.bringUp();
      await plane.kill("reset", "before", `remove ${path}`);
      await plane.kill("reset", "after", `remove ${path}`);
      await plane.bringUp();
      await plane.undo();
    }),
  );

  test("in the end of it, of a running plane, goes on, and init brings all back", () =>
    onPlane([], async (plane) => {
      await plane.bringUp();
      await plane.kill("reset", "in", "remove-state");
      await plane.bringUp();
      await plane.kill("reset", "in", "remove-state");
      await plane.undo();
    }));

  const running = [
    ...MOMENTS.map((moment) => ({ moment, step: "stop" })),
    { moment: "in" as const, step: "remove ROOT/var/log/slipway" },
    { moment: "after" as const, step: "remove ROOT/etc/kubernetes/pki/ca.crt" },
  ];
  test.each(running)(
    "$moment $step of a running plane goes on, and init, told nothing, brings all back as it was",
    ({ moment, step }) =>
      onPlane([], async (plane) => {
        await plane.bringUp();
        await plane.kill("reset", moment, step);
        succeed(await plane.slipway("init", "--yes"));
        expect(await readFile(plane.path("etc/kubernetes/admin.conf"), "utf8")).toContain(
          `server: https://127.0.0.1:${plane.ports.apiServer}\n`,
        );
        await plane.kill("reset", moment, step);
        await plane.undo();
      }),
  );
});
