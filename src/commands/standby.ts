import { join } from "node:path";
import { type StandbyRunner, spawnStandbyRunner } from "../apply/standby-runner.ts";
import type { System } from "../system/system.ts";
import { findPackageRoot } from "./package-root.ts";

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
      spawned ??= spawnStandbyRunner(system, {
        root,
        command: [process.execPath, join(findPackageRoot(), "dist/main.js")],
      });
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
