import { EventEmitter } from "node:events";
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { spawnStandbyRunner } from "../../../src/apply/standby-runner.ts";
import { startRunner } from "../../../src/apply/start-runner.ts";
import { startRunnerHandler } from "../../../src/apply/steps/start-runner.ts";
import { buildPaths, type ClusterPaths } from "../../../src/core/paths.ts";
import type { DetachedOptions, Exec } from "../../../src/system/exec.ts";
import { createExec } from "../../../src/system/exec.ts";
import { sampleApplyContext } from "../../support/apply-context.ts";
import { advanceUntilDone } from "../../support/fake-clock.ts";
import { buildRunnerInfo, createRunnerNet } from "../../support/fake-runner.ts";
import { createFakeSystem, type FakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

let root: string;
let paths: ClusterPaths;

beforeEach(() => {
  root = createTempTree({});
  paths = buildPaths({ root, uid: 0 });
  mkdirSync(dirname(paths.runnerLogPath), { recursive: true });
});

const signal = new AbortController().signal;
const STEP = { kind: "start-runner", id: "runner", phase: "p", title: "", needs: [] } as const;

/** Lets a runner that stands by begin. */
async function start(system: FakeSystem, command: readonly string[] = ["slipway"]) {
  return startRunner(system, { paths, standby: await spawnStandbyRunner(system, { root, command }), signal });
}

/** Starts a real program that soon ends, in the runner's place. */
function spawnScript(script: string): Exec["spawnDetached"] {
  return (options) =>
    createExec().spawnDetached({ ...options, command: "/bin/sh", args: ["-c", script], cwd: "/" });
}

test("a runner that ends at once is told with its exit code and the end of its log", async () => {
  const system = createFakeSystem({
    spawnDetached: spawnScript(
      "read -r log; exec >>$log; for n in 1 2 3 4 5 6; do echo line $n; done; exit 3",
    ),
  });
  const started = start(system);
  await endSlowly(system, started);
  await expect(started).rejects.toMatchObject({
    code: "SLIPWAY_RUNNER_START_FAILED",
    why: "it ended with exit code 3",
    details: ["line 2", "line 3", "line 4", "line 5", "line 6"],
  });
});

/** Lets real time pass with the fake, so that a real program can end. */
async function endSlowly(system: FakeSystem, started: Promise<unknown>): Promise<void> {
  const clock = { ...system.clock, advance: (ms: number) => afterRealTime(() => system.clock.advance(ms)) };
  await advanceUntilDone(clock, { done: started, stepMs: 10 });
}

function afterRealTime(work: () => Promise<void>): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5)).then(work);
}

/** A child that says nothing and does not end. */
function spawnSilent(started: DetachedOptions[]): Exec["spawnDetached"] {
  // Only listening to it is ever asked of the child.
  return async (options) => {
    started.push(options);
    return new EventEmitter() as Awaited<ReturnType<Exec["spawnDetached"]>>;
  };
}

test("a runner that never answers is given up after half a minute", async () => {
  const system = createFakeSystem({ spawnDetached: spawnSilent([]) });
  const started = start(system);
  await advanceUntilDone(system.clock, { done: started, stepMs: 1000 });
  await expect(started).rejects.toMatchObject({
    code: "SLIPWAY_RUNNER_START_FAILED",
    why: `it did not answer on ${paths.controlSocketPath}`,
  });
});

test("a runner is started with its root, few variables and its log, and waited for until it answers", async () => {
  const programs: DetachedOptions[] = [];
  const runner = createRunnerNet({ info: buildRunnerInfo(root) });
  let asked = 0;
  const system = createFakeSystem({
    spawnDetached: spawnSilent(programs),
    host: { env: { PATH: "/bin", HOME: "/root", SECRET_TOKEN: "x", NODE_OPTIONS: "--inspect" } },
    net: {
      request: (request) => {
        asked += 1;
        return asked < 3 ? Promise.reject(systemError("ECONNREFUSED")) : runner.request(request);
      },
    },
  });
  const started = start(system, ["node", "/opt/main.js"]);
  await advanceUntilDone(system.clock, { done: started });
  expect((await started).pid).toBe(4711);
  expect(programs).toMatchObject([
    {
      command: "node",
      args: ["/opt/main.js", "runner", "run", "--standby", "--root", root],
      env: { PATH: "/bin", HOME: "/root" },
      cwd: "/",
    },
  ]);
  expect(Object.keys(programs[0]?.env ?? {})).toEqual(["PATH", "HOME"]);
  expect(readFileSync(paths.runnerLogPath, "utf8")).toBe("");
  expect(statSync(paths.runnerLogPath).mode & 0o007).toBe(0);
});

test("a program that cannot be started is raised", async () => {
  const started = start(createFakeSystem(), ["/nowhere"]);
  await expect(started).rejects.toMatchObject({ code: "ENOENT" });
});

test("a runner of another root is not taken for ours", async () => {
  const system = createFakeSystem({
    spawnDetached: spawnSilent([]),
    net: createRunnerNet({ info: buildRunnerInfo("/other") }),
  });
  const started = start(system);
  await expect(started).rejects.toMatchObject({ code: "SLIPWAY_RUNNER_MISMATCH" });
});

test("a step sees a runner as absent, done, or older than its configuration", async () => {
  const context = sampleApplyContext(root);
  expect(await startRunnerHandler.observe(createFakeSystem(), { step: STEP, context })).toEqual({
    kind: "absent",
  });
  const system = createFakeSystem({ net: createRunnerNet({ info: buildRunnerInfo(root) }) });
  mkdirSync(paths.stateDir, { recursive: true });
  writeFileSync(paths.runnerConfigPath, "");
  const before = new Date("2026-11-22T15:00:00Z");
  utimesSync(paths.runnerConfigPath, before, before);
  expect(await startRunnerHandler.observe(system, { step: STEP, context })).toEqual({ kind: "done" });
  const after = new Date("2026-11-22T16:30:00Z");
  utimesSync(paths.runnerConfigPath, after, after);
  expect(await startRunnerHandler.observe(system, { step: STEP, context })).toMatchObject({
    kind: "differs",
  });
});

test("an older runner is asked to end, without its pods, before a new one is started", async () => {
  const posts: string[] = [];
  const programs: DetachedOptions[] = [];
  const net = createRunnerNet({ info: buildRunnerInfo(root), posts });
  const system = createFakeSystem({ net, spawnDetached: spawnSilent(programs) });
  const standbyRunner = () => spawnStandbyRunner(system, { root, command: ["slipway"] });
  await startRunnerHandler.apply(system, {
    step: STEP,
    context: sampleApplyContext(root, { standbyRunner }),
  });
  expect(posts).toEqual(["/v1/stop"]);
  expect(programs).toHaveLength(1);
});
