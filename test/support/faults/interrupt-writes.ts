import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { System } from "../../../src/system/system.ts";
import { reachPoint } from "./reach-point.ts";

/** The midst of a step is when the last of its files is half written beside its place, or a directory has been made. */
export function interruptWrites(
  system: System,
  step: { readonly id: string; readonly files: number },
): System {
  let writes = 0;
  return {
    ...system,
    fs: {
      ...system.fs,
      writeAtomic: async (path, file) => {
        writes += 1;
        if (writes === step.files) reachPoint("in", step.id, () => writeHalf(path, file.data));
        return system.fs.writeAtomic(path, file);
      },
      makeDir: async (path, options) => {
        const made = await system.fs.makeDir(path, options);
        if (step.files === 0) reachPoint("in", step.id);
        return made;
      },
    },
  };
}

function writeHalf(path: string, data: string | Uint8Array): void {
  const half = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  writeFileSync(half, data.slice(0, data.length / 2));
}
