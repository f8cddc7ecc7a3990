import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endSpoolKeeper, startSpoolKeeper } from "../../../src/runtime/logs/spool-keeper.ts";
import { createProcesses } from "../../../src/runtime/processes.ts";
import { createSystem } from "../../../src/system/create-system.ts";
import { processesNaming } from "../../support/machine.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const silent = (): undefined => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });
const limits = { maxSizeBytes: 1 << 20, maxFiles: 2 };

test("one whose runner is killed as soon as it has begun is known to whoever comes next", async () => {
  const containersDir = createTempTree({ "x/spool": "dir/" });
  const options = { containersDir, processes: await createProcesses(system) };
  const killed = new Error("killed");
  const cutOff = {
    ...system,
    exec: {
      ...system.exec,
      spawnDetached: async (program: Parameters<typeof system.exec.spawnDetached>[0]) => {
        await system.exec.spawnDetached(program);
        throw killed;
      },
    },
  };
  await expect(startSpoolKeeper(cutOff, { ...options, limits })).rejects.toBe(killed);
  await expect.poll(() => existsSync(join(containersDir, ".spool-keeper"))).toBe(true);
  await endSpoolKeeper(system, options);
  expect(processesNaming(containersDir)).toEqual([]);
  expect(readdirSync(containersDir)).toEqual(["x"]);
});

test("one that cannot write down who it is ends, and that is told", async () => {
  const containersDir = createTempTree({});
  // A directory in the way: also root cannot write there.
  mkdirSync(join(containersDir, ".spool-keeper.new"));
  const options = { containersDir, processes: await createProcesses(system), limits };
  await expect(startSpoolKeeper(system, options)).rejects.toThrow("could not write down who it is");
  await expect.poll(() => processesNaming(containersDir)).toEqual([]);
});
