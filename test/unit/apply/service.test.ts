import { expect, test, vi } from "vitest";
import {
  createServiceRunner,
  disableService,
  forgetService,
  usesService,
} from "../../../src/apply/service.ts";
import type { RunResult } from "../../../src/system/exec.ts";
import { createFakeSystem, type FakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const ROOT_USER = { uid: 0 };

/** A machine whose PID 1 is systemd, with our unit. */
function machineWithSystemd(outcome: Partial<RunResult> = {}): FakeSystem {
  const rootDir = createTempTree({
    "run/systemd/system/": "dir/",
    "etc/systemd/system/slipway-runner.service": "[Service]\n",
  });
  return createFakeSystem({ rootDir, host: ROOT_USER, run: () => outcome });
}

const commandsOf = (system: FakeSystem): readonly string[] =>
  system.runs.map(({ command, args = [] }) => [command, ...args].join(" "));

test("only the machine's own plane, root's, on a machine that systemd has booted, is a service", async () => {
  expect(await usesService(machineWithSystemd(), { root: "/" })).toBe(true);
  expect(await usesService(machineWithSystemd(), { root: "/srv/plane" })).toBe(false);
  expect(await usesService({ ...machineWithSystemd(), host: createFakeSystem().host }, { root: "/" })).toBe(
    createFakeSystem().host.uid === 0,
  );
  const bare = createFakeSystem({ rootDir: createTempTree({}), host: ROOT_USER });
  expect(await usesService(bare, { root: "/" })).toBe(false);
});

test("the runner begins with its unit, also at the next boot", async () => {
  const system = machineWithSystemd();
  const runner = createServiceRunner(system);
  runner.begin("/var/log/slipway/runner.log");
  await vi.waitFor(() =>
    expect(commandsOf(system)).toEqual([
      "systemctl daemon-reload",
      "systemctl enable --now slipway-runner.service",
    ]),
  );
  expect(runner.exit()).toBeUndefined();
});

test("what systemd says against it is why the runner did not start", async () => {
  const runner = createServiceRunner(machineWithSystemd({ exitCode: 1, stderr: "Unit is masked.\n" }));
  runner.begin("/var/log/slipway/runner.log");
  await vi.waitFor(() => expect(runner.exit()).toBe("systemctl daemon-reload failed: Unit is masked."));
});

test("reset takes the unit out of the boot and lets systemd forget it", async () => {
  const system = machineWithSystemd();
  await disableService(system, "/");
  await forgetService(system, "/");
  expect(commandsOf(system)).toEqual([
    "systemctl disable --now slipway-runner.service",
    "systemctl daemon-reload",
  ]);
  const other = machineWithSystemd();
  await disableService(other, "/srv/plane");
  expect(other.runs).toEqual([]);
});
