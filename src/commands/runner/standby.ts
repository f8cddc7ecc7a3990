import { join } from "node:path";
import { createServiceRunner, usesService } from "../../apply/service.ts";
import { type StandbyRunner, spawnStandbyRunner } from "../../apply/standby-runner.ts";
import type { System } from "../../system/system.ts";
import { findPackageRoot } from "../package-root.ts";

/** At most one process of this program that loads and becomes the runner of a root when it is told to begin. */
export interface Standby {
  get(): Promise<StandbyRunner>;
  /** Lets it end if there is one that has not begun. */
  dismiss(): Promise<void>;
}

/** No process yet. `get` rejects with the system error when it cannot be started. */
export function createStandby(system: System, root: string): Standby {
  let spawned: Promise<StandbyRunner> | undefined;
  return {
    get: () => {
      spawned ??= standBy(system, root);
      // Who asks again is told.
      spawned.catch(() => undefined);
      return spawned;
    },
    dismiss: async () => {
      const [result] = await Promise.allSettled([spawned]);
      if (result.status === "fulfilled") result.value?.dismiss();
    },
  };
}

/** The program that runs runners: this one. */
export function runnerProgram(): readonly string[] {
  return [process.execPath, join(findPackageRoot(), "dist/main.cjs")];
}

async function standBy(system: System, root: string): Promise<StandbyRunner> {
  if (await usesService(system, { root })) return createServiceRunner(system);
  return spawnStandbyRunner(system, { root, command: runnerProgram() });
}
