import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { namedHalfWritten } from "../../../src/system/file-system.ts";
import type { System } from "../../../src/system/system.ts";
import { reachPoint } from "./reach-point.ts";

/** The midst of a step is when the last of its files is half written beside its place, or a directory has been made. */
export function interruptWrites(
  system: System,
  step: { readonly id: string; readonly files: number },
): System {
  let writes = 0;
  const begin = (path: string, data: string | Uint8Array): void => {
    writes += 1;
    if (writes === step.files) reachPoint("in", step.id, () => writeHalf(path, data));
  };
  return {
    ...system,
    fs: {
      ...system.fs,
      writeAtomic: async (path, file) => {
        begin(path, file.data);
        return system.fs.writeAtomic(path, file);
      },
      // A pair is written beside its place before either file gets its name.
      open: async (path, options) => {
        const name = options.flags === "wx" ? namedHalfWritten(basename(path)) : undefined;
        if (name !== undefined) begin(join(dirname(path), name), "half of it");
        return system.fs.open(path, options);
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
