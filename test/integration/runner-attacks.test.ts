import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLonePods } from "../support/lone-pods.ts";
import { processesNaming } from "../support/machine.ts";
import { runSlipway, succeed } from "../support/plane.ts";
import { createRunnerProcess, listShims, type RunnerProcess } from "../support/runner-process.ts";

let runner: RunnerProcess;
const { lone, journal, journalPath } = createLonePods({
  root: () => runner.paths.root,
  spec: { restartPolicy: "Always" },
});
beforeAll(async () => {
  runner = createRunnerProcess();
  await runner.start();
});
afterAll(async () => {
  const { root } = runner.paths;
  await runner.destroy();
  expect(listShims(root)).toEqual([]);
});

test("of runners that are started at the same instant one runs, and every pod once", async () => {
  for (const name of ["one", "two"]) runner.apply(name, lone(name));
  await expect.poll(() => [journal("one"), journal("two")]).toEqual([["start 1"], ["start 1"]]);
  const { root } = runner.paths;
  for (let round = 0; round < 3; round += 1) {
    await killRunners(root);
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(() => runSlipway(["runner", "start", "--root", root])),
    );
    // Those that came too late take a moment to end.
    await expect.poll(() => runnersOf(root).length).toBe(1);
    const [holder] = runnersOf(root);
    for (const { exitCode, stderr } of outcomes) {
      // Whoever came too late names the one that holds the root, or has found it answering.
      if (exitCode !== 0) expect(stderr).toContain("code: SLIPWAY_RUNNER");
    }
    expect(outcomes.filter(({ exitCode }) => exitCode === 0).length).toBeGreaterThan(0);
    expect(await (await runner.client()).info()).toMatchObject({ pid: holder?.pid });
  }
  expect([journal("one"), journal("two")]).toEqual([["start 1"], ["start 1"]]);
  await killRunners(root);
  await runner.start();
});

test("a pod whose shim is killed goes on, and is started once when it ends", async () => {
  runner.apply("bare", lone("bare"));
  await expect.poll(() => journal("bare")).toEqual(["start 1"]);
  const [shim] = shimsOf("bare");
  const pid = (await runner.pod("bare"))?.containers[0]?.pid ?? 0;
  process.kill(shim ?? 0, "SIGKILL");
  await expect.poll(() => shimsOf("bare")).toEqual([]);
  expect((await runner.pod("bare"))?.containers[0]?.pid).toBe(pid);
  process.kill(pid, "SIGKILL");
  // Where PID 1 takes in no orphans the dead program stays as a zombie, which the next one takes for a living one.
  const starts = (): readonly string[] => journal("bare").filter((line) => line.startsWith("start"));
  await expect.poll(starts).toEqual(["start 1", "start 1"]);
  await expect
    .poll(async () => (await runner.pod("bare"))?.pod.status?.containerStatuses?.[0])
    .toMatchObject({
      restartCount: 1,
      lastState: { terminated: { reason: "ContainerStatusUnknown", exitCode: 137 } },
    });
});

test("a runner whose /run is cleared under it answers again by itself, and its pods go on", async () => {
  runner.apply("calm", lone("calm"));
  await expect.poll(() => journal("calm")).toEqual(["start 1"]);
  const { pid } = await (await runner.client()).info();
  rmSync(dirname(runner.paths.controlSocketPath), { recursive: true });
  await expect.poll(async () => (await (await runner.client()).info()).pid, { timeout: 10_000 }).toBe(pid);
  expect(
    JSON.parse(succeed(await runSlipway(["ps", "-o", "json", "--root", runner.paths.root]))),
  ).toBeDefined();
  expect(journal("calm")).toEqual(["start 1"]);
});

test("a program that is suspended through its liveness probe is ended within its grace and started anew", async () => {
  const alive = join(runner.paths.root, "alive");
  // It says that it lives; who is suspended does not.
  const script = `echo start >>${journalPath("hung")}; while :; do touch ${alive}; sleep 0.1; done`;
  const command = ["sh", "-c", `[ -n "$(find ${alive} -newermt '2 seconds ago')" ]`];
  runner.apply("hung", {
    script,
    container: { livenessProbe: { exec: { command }, periodSeconds: 1, failureThreshold: 2 } },
    spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 5 },
  });
  await expect.poll(() => journal("hung")).toEqual(["start"]);
  const pid = (await runner.pod("hung"))?.containers[0]?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  await expect.poll(() => journal("hung"), { timeout: 20_000 }).toEqual(["start", "start"]);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

function runnersOf(root: string): ReturnType<typeof processesNaming> {
  return processesNaming(root).filter(({ args }) => args.includes("runner") && args.includes("run"));
}

async function killRunners(root: string): Promise<void> {
  for (const { pid } of runnersOf(root)) process.kill(pid, "SIGKILL");
  await expect.poll(() => runnersOf(root)).toEqual([]);
}

function shimsOf(name: string): readonly number[] {
  return processesNaming(journalPath(name))
    .filter(({ args }) => args[3] === "slipway-shim")
    .map(({ pid }) => pid);
}
