import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
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
import type { Moment } from "./reach-point.ts";

/** The program with its moments, and stand-ins for the components. */
export interface FaultyProgram {
  readonly home: string;
  readonly components: string;
  remove(): Promise<void>;
}

/** Builds it; see build.mjs. */
export async function buildFaultyProgram(): Promise<FaultyProgram> {
  const home = await mkdtemp(join(tmpdir(), "slipway-faulty-"));
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
    prepare,
  }: {
    readonly components?: string;
    readonly initArgs?: readonly string[];
    /** Changes the machine before its state is taken. */
    readonly prepare?: (plane: TestPlane) => Promise<void>;
  } = {},
): Promise<FaultPlane> {
  const plane = await preparePlane({
    home: program.home,
    // What stand-ins tell of themselves is not for this machine's cache.
    ...(components === undefined ? {} : { env: { SLIPWAY_CACHE_DIR: join(program.home, "cache") } }),
  });
  await prepare?.(plane);
  const before = observe(plane);
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
      expect(observe(plane)).toEqual(before);
      expect(podCgroupsOf(pods)).toEqual([]);
      for (const port of Object.values(plane.ports)) expect(await isListening(port)).toBe(false);
    },
  };
}

/** All of a plane that can be seen on the machine by its root's path. */
function observe({ dir, root }: TestPlane): Readonly<Record<string, readonly unknown[]>> {
  return {
    files: listTree(dir).filter((line) => !line.startsWith(`${root}/filler `)),
    processes: processesNaming(root),
    sockets: socketsNaming(root),
    mounts: mountsBelow(root),
  };
}

/** The steps of init's plan, in order; paths begin with ROOT. */
export async function listSteps(...initArgs: readonly string[]): Promise<readonly string[]> {
  const plane = await preparePlane();
  try {
    const stdout = succeed(await plane.init(...initArgs, "--plan", "-o", "json"));
    const { steps } = JSON.parse(stdout) as { steps: readonly { readonly id: string }[] };
    return steps.map(({ id }) => id.replace(plane.root, "ROOT"));
  } finally {
    await rm(plane.dir, { recursive: true });
  }
}

/** The paths that reset removes after an init with these arguments, in order; they begin with ROOT. */
export async function listRemovals(...initArgs: readonly string[]): Promise<readonly string[]> {
  const plane = await preparePlane();
  try {
    succeed(await plane.init(...initArgs));
    const { plan } = JSON.parse(succeed(await plane.slipway("reset", "--dry-run", "-o", "json"))) as {
      plan: { removals: readonly { readonly path: string }[] };
    };
    return plan.removals.map(({ path }) => path.replace(plane.root, "ROOT"));
  } finally {
    await plane.destroy();
  }
}
