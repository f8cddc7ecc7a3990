import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type ListedRemoval,
  listRemovals,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import { MOMENTS } from "../support/faults/reach-point.ts";
import { succeed } from "../support/plane.ts";

/** All files are there and nothing runs: enough for most of what a reset removes. */
const FILES_ONLY = ["--runtime", "external"];

const program = await buildFaultyProgram();
afterAll(() => program.remove());

const [ofFiles = [], ofRunning = []] = await Promise.all(
  [FILES_ONLY, []].map((initArgs) => listRemovals(program, initArgs)),
);
// What leads to the ledger goes at once.
const leadsToLedger = ({ step }: ListedRemoval): boolean =>
  "remove ROOT/var/lib/slipway/".startsWith(`${step}/`);
const known = new Set(ofFiles.map(({ step }) => step));
const ROWS = [
  ...share(ofFiles, 6).map((removals) => ({ initArgs: FILES_ONLY, removals })),
  ...share(
    ofRunning.filter(({ step }) => !known.has(step)),
    3,
  ).map((removals) => ({ initArgs: [], removals })),
].map((row) => ({ ...row, names: row.removals.map(({ step }) => step).join(", ") }));

function share(removals: readonly ListedRemoval[], size: number): readonly (readonly ListedRemoval[])[] {
  const each = removals.filter((removal) => !leadsToLedger(removal));
  return Array.from({ length: Math.ceil(each.length / size) }, (_, index) =>
    each.slice(index * size, (index + 1) * size),
  );
}

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

/** What it holds when nothing runs may be nothing; here it gets more than one thing, so that it can be half gone. */
function fillTree(plane: FaultPlane, step: string): void {
  const dir = join(step.replace("remove ROOT", plane.root), "a");
  mkdirSync(join(dir, "b"), { recursive: true });
  for (const name of ["1", "b/2", "b/3"]) writeFileSync(join(dir, name), name);
}

describe.concurrent("reset that is killed", () => {
  test.each(ROWS)("at each moment of $names goes on, and init brings all back", (row) =>
    onPlane(row.initArgs, async (plane) => {
      for (const { kind, step } of row.removals) {
        await plane.bringUp();
        const isTree = kind === "tree";
        // A pod's has logs in it.
        if (isTree && !step.includes("ID")) fillTree(plane, step);
        await plane.kill("reset", "before", step);
        if (isTree) await plane.kill("reset", "in", step);
        // That of a container goes with it, and the next reset does not know of it.
        if (step.startsWith("remove ROOT/var/log/containers/")) await plane.bringUp();
        await plane.kill("reset", "after", step);
      }
      await plane.bringUp();
      await plane.undo();
    }),
  );

  const ends = [
    ...MOMENTS.map((moment) => ({ moment, initArgs: FILES_ONLY })),
    { moment: "in" as const, initArgs: [] },
  ];
  test.each(ends)(
    "$moment it removes what leads to the ledger goes on, and init $initArgs brings all back",
    ({ moment, initArgs }) =>
      onPlane(initArgs, async (plane) => {
        await plane.bringUp();
        await plane.kill("reset", moment, "remove-state");
        await plane.bringUp();
        await plane.kill("reset", moment, "remove-state");
        await plane.undo();
      }),
  );

  test.each(["leave-etcd-cluster", "stop", "remove ROOT/etc/kubernetes/pki/ca.crt"])(
    "before, in and after %s of a running plane goes on, and init, told nothing, brings all back as it was",
    (step) =>
      onPlane([], async (plane) => {
        await plane.bringUp();
        for (const moment of MOMENTS) {
          await plane.kill("reset", moment, step);
          succeed(await plane.slipway("init", "--yes"));
          expect(readFileSync(plane.path("etc/kubernetes/admin.conf"), "utf8")).toContain(
            `server: https://127.0.0.1:${plane.ports.apiServer}\n`,
          );
        }
        for (const moment of MOMENTS) await plane.kill("reset", moment, step);
        await plane.undo();
      }),
  );
});
