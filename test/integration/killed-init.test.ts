import { afterAll, beforeAll, describe, test } from "vitest";
import { type Accounts, createAccounts } from "../support/accounts.ts";
import { chainSteps } from "../support/faults/chain-steps.ts";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  listSteps,
  type PlannedStep,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";

// Every step of init with stand-ins for the components. With the real ones: `killed-for-real`.

const USUAL = ["--upload-certs"];
/** Hardened, with add-ons and a kubeconfig for who has called sudo: all other steps that there are. */
const FULL = [...USUAL, "--profile", "cis", "--addons", "--user-kubeconfig"];

const usual = await planSteps(USUAL);
const full = await onMachineWithAccounts((accounts) => planSteps(FULL, accounts));

let program: FaultyProgram;

beforeAll(async () => {
  program = await buildFaultyProgram();
});
afterAll(() => program.remove());

async function planSteps(initArgs: readonly string[], accounts?: Accounts): Promise<readonly PlannedStep[]> {
  const steps = await listSteps({ initArgs, ...(accounts === undefined ? {} : { accounts }) });
  // The ledger's own directory is there with the ledger.
  const rename = (id: string): string => (id === "dir:ROOT/var/lib/slipway" ? "ledger" : id);
  return steps.map(({ id, needs }) => ({ id: rename(id), needs: needs.map(rename) }));
}

async function onMachineWithAccounts<T>(work: (accounts: Accounts) => Promise<T>): Promise<T> {
  const accounts = await createAccounts();
  try {
    return await work(accounts);
  } finally {
    await accounts.remove();
  }
}

async function onPlane(work: (plane: FaultPlane) => Promise<void>): Promise<void> {
  await runOn({ initArgs: USUAL }, work);
}

async function onFullPlane(work: (plane: FaultPlane) => Promise<void>): Promise<void> {
  await onMachineWithAccounts((accounts) => runOn({ initArgs: FULL, accounts }, work));
}

async function runOn(
  options: { readonly initArgs: readonly string[]; readonly accounts?: Accounts },
  work: (plane: FaultPlane) => Promise<void>,
): Promise<void> {
  const plane = await prepareFaultPlane(program, { components: program.components, ...options });
  try {
    await work(plane);
  } finally {
    await plane.destroy();
  }
}

/** Done, or tried, by every init; the others leave something that the next init keeps. */
const isRepeated = (step: string): boolean => /^(?:answers|wait|object)\/|^upload-certs$/.test(step);

/** What is done in the midst of these is done for the next init, which never comes to their end. */
const isDoneAtOnce = (step: string): boolean => step.startsWith("dir:") || step === "runner";

/** So many repeated steps share a plane. */
const SHARE = 8;

function share(steps: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(steps.length / SHARE) }, (_, index) =>
    steps.slice(index * SHARE, (index + 1) * SHARE),
  );
}

const known = new Set(usual.map(({ id }) => id));
const ROWS = [
  { plan: usual, ids: [...known], run: onPlane },
  { plan: full, ids: full.map(({ id }) => id).filter((id) => !known.has(id)), run: onFullPlane },
]
  .flatMap(({ plan, ids, run }) => [
    // What a reset finds in the midst of one of these it finds in the midst of all.
    ...share(ids.filter(isRepeated)).map((steps) => ({ steps, undone: steps.slice(0, 1), run })),
    ...chainSteps(
      plan,
      ids.filter((id) => !isRepeated(id)),
    ).map((steps) => ({ steps, undone: steps, run })),
  ])
  .map((row) => ({ ...row, names: row.steps.join(", ") }));

/** The longest have some thirty starts, five of them are under way at once, and a machine may be busy. */
const TIMEOUT_MS = 300_000;

describe.concurrent("init that is killed", { timeout: TIMEOUT_MS }, () => {
  test.each(ROWS)("at each moment of $names goes on, and reset undoes it", ({ steps, undone, run }) =>
    run(async (plane) => {
      for (const step of undone) {
        await plane.kill("init", "in", step);
        await plane.undo();
      }
      for (const step of steps) {
        await plane.kill("init", "before", step);
        if (isDoneAtOnce(step)) {
          await plane.kill("init", "after", step);
          await plane.undo();
        }
        await plane.kill("init", "in", step);
        if (!isDoneAtOnce(step)) await plane.kill("init", "after", step);
      }
      await plane.bringUp();
      await plane.undo();
    }),
  );
});
