import { expect, test } from "vitest";
import { describeRunning } from "../../../../src/commands/init/describe-running.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

test("where there is nothing, nothing runs", async () => {
  const system = createFakeSystem({ rootDir: createTempTree({ "proc/1/cmdline": "" }) });
  expect(await describeRunning(system, { root: "/" })).toBe("nothing of this control plane is running");
});

test("a look that fails is part of the line, so that the interruption is still told", async () => {
  const system = createFakeSystem({ fs: { readTextIfExists: () => Promise.reject(systemError("EIO")) } });
  expect(await describeRunning(system, { root: "/" })).toContain("what is still running cannot be told");
});
