import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProcesses } from "../../../src/runtime/processes.ts";
import { sweepContainer } from "../../../src/runtime/sweep-container.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

/** No process has this number. */
const GONE_PID = 2 ** 22 + 1;

test("a cgroup whose process has gone since is looked at again: it may have left another one there", async () => {
  const cgroupDir = createTempTree({ "cgroup.procs": `${GONE_PID}\n`, "cgroup.kill": "" });
  const system = createFakeSystem();
  const { sleep } = system.clock;
  const clock = {
    ...system.clock,
    sleep: async (ms: number) => {
      writeFileSync(join(cgroupDir, "cgroup.procs"), "");
      const slept = sleep(ms);
      await system.clock.advance(ms);
      await slept;
    },
  };
  const processes = await createProcesses(system);
  const options = { processes, containerId: "c", cgroupDir };
  expect(await sweepContainer({ ...system, clock }, options)).toBe(true);
  expect(readFileSync(join(cgroupDir, "cgroup.kill"), "utf8")).toBe("1");
});
