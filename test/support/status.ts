import type { TestPlane } from "./plane.ts";

/** What tests look at of `slipway status -o json`. */
export interface SeenStatus {
  readonly healthy: boolean;
  readonly runner: { readonly pid: number; readonly instanceId: string } | undefined;
  readonly lostData?: { readonly what: string };
  readonly components: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly restarts: number;
    readonly pid: number | undefined;
  }[];
}

/** Asks once, whatever the exit code. */
export async function readStatus(plane: TestPlane): Promise<SeenStatus> {
  const { stdout } = await plane.slipway("status", "-o", "json");
  // The program's own answer, whose form a unit test holds.
  return JSON.parse(stdout) as SeenStatus;
}

/** The process of the runner or of a component; an error when it does not run. */
export async function findPid(plane: TestPlane, name: string): Promise<number> {
  const { runner, components } = await readStatus(plane);
  const pid = name === "runner" ? runner?.pid : components.find((entry) => entry.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}
