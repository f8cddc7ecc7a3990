import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import type { Accounts } from "../accounts.ts";
import {
  isListening,
  listPodUids,
  listTree,
  mountsBelow,
  podCgroupsOf,
  processesNaming,
  socketsNaming,
} from "../machine.ts";
import { type Outcome, preparePlane, succeed, type TestPlane } from "../plane.ts";
import { type Moment, nameRemoval } from "./reach-point.ts";

/** The program with its moments, and stand-ins for the components. */
export interface FaultyProgram {
  readonly home: string;
  readonly components: string;
  remove(): Promise<void>;
}

/** Builds it; see build.mjs. */
export async function buildFaultyProgram(): Promise<FaultyProgram> {
  const home = await mkdtemp(join(tmpdir(), "slipway-faulty-"));
  // etcd's own user runs its stand-in.
  await chmod(home, 0o755);
  await execa(process.execPath, [join(import.meta.dirname, "build.mjs"), home]);
  return { home, components: join(home, "components"), remove: () => rm(home, { recursive: true }) };
}

/** A plane that a fault is going to befall, on a machine whose state before is known. */
export interface FaultPlane extends TestPlane {
  /** The words of these commands, without the root. */
  readonly commands: Readonly<Record<"init" | "reset", readonly string[]>>;
  /** Runs init or reset with a shell command at a moment of a step; ROOT in its name is the plane's root. */
  runWith(
    fault: { readonly moment: Moment; readonly step: string; readonly command: string },
    command: "init" | "reset",
  ): Promise<Outcome>;
  /** Kills init or reset with SIGKILL at that moment; rejects when it never comes. */
  kill(command: "init" | "reset", moment: Moment, step: string): Promise<void>;
  /** init that has to succeed: then all is ready. */
  bringUp(): Promise<void>;
  /** reset that has to succeed, and to leave nothing of the plane: files, processes, sockets, mounts, cgroups. */
  undo(): Promise<void>;
}

/** Without `components`, the real ones. */
export async function prepareFaultPlane(
  program: FaultyProgram,
  {
    components,
    initArgs = [],
    accounts,
    prepare,
  }: {
    readonly components?: string;
    readonly initArgs?: readonly string[];
    /** On a machine that has them; they are the plane's alone. */
    readonly accounts?: Accounts;
    /** Changes the machine before its state is taken. */
    readonly prepare?: (plane: TestPlane) => Promise<void>;
  } = {},
): Promise<FaultPlane> {
  const plane = await preparePlane({
    home: program.home,
    ...(accounts === undefined ? {} : { host: accounts.host }),
    env: {
      ...accounts?.env,
      // What stand-ins tell of themselves is not for this machine's cache.
      ...(components === undefined ? {} : { SLIPWAY_CACHE_DIR: join(program.home, "cache") }),
    },
  });
  await prepare?.(plane);
  const dirs = [plane.dir, ...(accounts === undefined ? [] : [accounts.dir])];
  const before = observe(plane, dirs);
  const commands = {
    init: [
      ...["init", "--config", plane.configPath],
      ...(components === undefined ? [] : ["--component-dir", components]),
      ...initArgs,
    ],
    reset: ["reset", "--force"],
  };
  const runWith: FaultPlane["runWith"] = ({ moment, step, command: fault }, command) => {
    const point = `${moment} ${step.replace("ROOT", plane.root)}`;
    const env = { SLIPWAY_FAULT_POINT: point, SLIPWAY_FAULT_COMMAND: fault };
    return plane.slipwayWith(env, ...commands[command]);
  };
  return {
    ...plane,
    commands,
    runWith,
    kill: async (command, moment, step) => {
      const { exitCode, stderr } = await runWith({ moment, step, command: "kill -9 $PPID" }, command);
      if (exitCode !== undefined)
        throw new Error(
          `${command} did not come to "${moment} ${step}", but ended with ${exitCode}: ${stderr}`,
        );
    },
    bringUp: async () => {
      succeed(await plane.slipway(...commands.init));
    },
    undo: async () => {
      const pods = listPodUids(plane.root);
      succeed(await plane.slipway(...commands.reset));
      expect(observe(plane, dirs)).toEqual(before);
      expect(podCgroupsOf(pods)).toEqual([]);
      for (const port of Object.values(plane.ports)) expect(await isListening(port)).toBe(false);
    },
  };
}

/** All of a plane that can be seen on the machine, in these directories and by its root's path. */
function observe({ root }: TestPlane, dirs: readonly string[]): Readonly<Record<string, readonly unknown[]>> {
  return {
    files: dirs.flatMap(listTree).filter((line) => !line.startsWith(`${root}/filler `)),
    processes: processesNaming(root),
    sockets: socketsNaming(root),
    mounts: mountsBelow(root),
  };
}

/** A step of init's plan, and which others have to be done before. */
export interface PlannedStep {
  readonly id: string;
  readonly needs: readonly string[];
}

/** The steps of init's plan, in order; paths begin with ROOT. */
export async function listSteps({
  initArgs = [],
  accounts,
}: {
  readonly initArgs?: readonly string[];
  readonly accounts?: Accounts;
} = {}): Promise<readonly PlannedStep[]> {
  const plane = await preparePlane(accounts ?? {});
  try {
    const stdout = succeed(await plane.init(...initArgs, "--plan", "-o", "json"));
    const { steps } = JSON.parse(stdout.replaceAll(plane.root, "ROOT")) as { steps: readonly PlannedStep[] };
    return steps;
  } finally {
    await rm(plane.dir, { recursive: true });
  }
}

/** A path that reset removes. */
export interface ListedRemoval {
  readonly kind: string;
  /** As `kill` knows it; the path begins with ROOT. */
  readonly step: string;
}

/** What reset removes after an init with these arguments, in order. */
export async function listRemovals(
  program: FaultyProgram,
  initArgs: readonly string[],
): Promise<readonly ListedRemoval[]> {
  const plane = await prepareFaultPlane(program, { components: program.components, initArgs });
  try {
    await plane.bringUp();
    const { plan } = JSON.parse(succeed(await plane.slipway("reset", "--dry-run", "-o", "json"))) as {
      plan: { removals: readonly { readonly kind: string; readonly path: string }[] };
    };
    return plan.removals.map(({ kind, path }) => ({
      kind,
      step: nameRemoval(path.replace(plane.root, "ROOT")),
    }));
  } finally {
    await plane.destroy();
  }
}
