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
  const status = await readStatus(plane);
  const pid = name === "runner" ? status.runner?.pid : pidOf(name)(status);
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

/** The process of a component in a status; undefined: it does not run. */
export function pidOf(name: string): (status: SeenStatus) => number | undefined {
  return ({ components }) => components.find((component) => component.name === name)?.pid;
}
