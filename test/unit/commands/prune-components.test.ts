import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatPruning } from "../../../src/cli/format/format-components.ts";
import { runComponentsPrune } from "../../../src/commands/components.ts";
import { createComponentMachine, writeProgram } from "../../support/component-system.ts";

test("binaries that a process was started from stay until it is gone, and it is named", async () => {
  const machine = await createComponentMachine();
  onTestFinished(() => machine.remove());
  const dir = join(machine.cacheDir, `linux-${machine.system.host.architecture}`);
  const etcd = await writeProgram(join(dir, "etcd/v3.7.0/etcd"));
  await writeProgram(join(dir, "kubectl/v1.37.2/kubectl"));
  const running = spawn("sleep", ["1000"], { argv0: etcd, stdio: "ignore" });
  await once(running, "spawn");
  const first = await runComponentsPrune(machine.system);
  running.kill("SIGKILL");
  await once(running, "exit");
  expect(first.removed.map(({ path }) => path)).toEqual([join(dir, "kubectl/v1.37.2")]);
  expect(first.kept).toEqual([{ path: join(dir, "etcd/v3.7.0"), pids: [running.pid] }]);
  expect(formatPruning(first)).toContain(`kept ${dir}/etcd/v3.7.0: process ${running.pid} needs it\n`);
  const second = await runComponentsPrune(machine.system);
  expect(second).toMatchObject({ removed: [{ path: join(dir, "etcd/v3.7.0") }], kept: [] });
});
