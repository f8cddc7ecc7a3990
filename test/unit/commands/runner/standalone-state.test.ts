import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runReset } from "../../../../src/commands/reset.ts";
import { makeStandaloneState } from "../../../../src/commands/runner/standalone-state.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { createNet } from "../../../../src/system/net.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { sampleResetOptions } from "../../../support/reset-options.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = createFakeSystem({ net: createNet() });

/** What a runner makes for itself, and leaves when it is killed. */
function leaveBehind({ controlSocketPath, runnerLogPath, podLogsDir, containerLogsDir }: Paths): void {
  for (const path of [dirname(controlSocketPath), dirname(runnerLogPath), podLogsDir, containerLogsDir])
    mkdirSync(path, { recursive: true });
  for (const path of [controlSocketPath, runnerLogPath]) writeFileSync(path, "");
}

type Paths = ReturnType<typeof buildPaths>;

test("reset takes away all that a runner without a control plane has made for itself", async () => {
  const dir = createTempTree({});
  const paths = buildPaths({ root: join(dir, "r"), uid: 0 });
  for (let run = 0; run < 2; run += 1) {
    await makeStandaloneState(system, paths);
    leaveBehind(paths);
  }
  expect(statSync(paths.stateDir).mode & 0o777).toBe(0o700);
  await runReset(system, sampleResetOptions(paths.root));
  expect(readdirSync(dir)).toEqual([]);
});

test("what was there before, or is somebody else's, stays", async () => {
  const root = createTempTree({ "var/log": "dir/" });
  const paths = buildPaths({ root, uid: 0 });
  await makeStandaloneState(system, paths);
  leaveBehind(paths);
  writeFileSync(join(paths.podLogsDir, "theirs"), "");
  await runReset(system, sampleResetOptions(root));
  expect(readdirSync(root, { recursive: true }).sort()).toEqual([
    "var",
    "var/log",
    "var/log/pods",
    "var/log/pods/theirs",
  ]);
});
