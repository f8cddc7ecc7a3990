import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import { processesNaming } from "../support/machine.ts";
import { type Outcome, runSlipway, succeed } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

let program: FaultyProgram;
let plane: FaultPlane;

beforeAll(async () => {
  program = await buildFaultyProgram();
});
afterAll(() => program.remove());
beforeEach(async () => {
  plane = await prepare();
});
afterEach(() => plane.destroy());

function prepare(): Promise<FaultPlane> {
  return prepareFaultPlane(program, { components: program.components });
}

/** A command that stands still at a moment until it is told to go on. */
interface HeldCommand {
  readonly pid: number;
  goOn(): Promise<Outcome>;
}

async function hold(command: "init" | "reset", step: string): Promise<HeldCommand> {
  const [there, go] = [`${plane.dir}.there`, `${plane.dir}.go`];
  // The shell's parent is the command.
  const wait = `echo $PPID >${there}.part && mv ${there}.part ${there}; while [ ! -e ${go} ]; do sleep 0.02; done; rm ${go} ${there}`;
  const done = plane.runWith({ moment: "before", step, command: wait }, command);
  await expect.poll(() => existsSync(there)).toBe(true);
  return {
    pid: Number(await readFile(there, "utf8")),
    goOn: async () => {
      await writeFile(go, "");
      return done;
    },
  };
}

function expectLocked(
  { exitCode, stderr }: Outcome,
  holder: { readonly command: string; readonly pid: number },
): void {
  expect(stderr).toMatch(
    new RegExp(`why: slipway ${holder.command}.* \\(pid ${holder.pid}\\) holds its lock`),
  );
  expect(stderr).toContain("code: SLIPWAY_LOCKED");
  expect(exitCode).toBe(1);
}

test("of ten inits at once one works, and nine say who holds the lock", async () => {
  const first = await hold("init", "ledger");
  const others = await Promise.all(Array.from({ length: 9 }, () => plane.begin(...plane.commands.init).done));
  for (const outcome of others) expectLocked(outcome, { command: "init", pid: first.pid });
  succeed(await first.goOn());
  succeed(await plane.slipway("status"));
});

test("of ten inits that begin in the same moment none disturbs another", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () => plane.begin(...plane.commands.init).done),
  );
  const winners = outcomes.filter(({ exitCode }) => exitCode === 0);
  expect(winners.length).toBeGreaterThan(0);
  for (const { stderr } of outcomes.filter(({ exitCode }) => exitCode !== 0))
    expect(stderr).toMatch(/why: slipway init.* \(pid \d+\) holds its lock/);
  expect((await readStatus(plane)).healthy).toBe(true);
  await plane.undo();
});

test("an init that was stopped by hand is named as the holder, too", async () => {
  const done = plane.runWith({ moment: "before", step: "ledger", command: "kill -STOP $PPID" }, "init");
  const isStopped = (pid: number): boolean => / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  const findStopped = () =>
    processesNaming(plane.root).find(({ args, pid }) => args.includes("init") && isStopped(pid));
  await expect.poll(findStopped).toBeDefined();
  const pid = findStopped()?.pid ?? 0;
  expectLocked(await plane.slipway("reset", "--force"), { command: "init", pid });
  process.kill(pid, "SIGCONT");
  succeed(await done);
});

test("reset during init, and init and another reset during reset, say who holds the lock", async () => {
  const init = await hold("init", "wait/kube-apiserver");
  expectLocked(await plane.slipway("reset", "--force"), { command: "init", pid: init.pid });
  succeed(await init.goOn());
  const reset = await hold("reset", "remove ROOT/etc/kubernetes/admin.conf");
  for (const words of [plane.commands.init, plane.commands.reset])
    expectLocked(await plane.slipway(...words), { command: "reset", pid: reset.pid });
  succeed(await reset.goOn());
  await plane.undo();
});

test("two roots are brought up and undone side by side at the same time", async () => {
  const other = await prepare();
  try {
    await Promise.all([plane.bringUp(), other.bringUp()]);
    await Promise.all([plane.undo(), other.undo()]);
  } finally {
    await other.destroy();
  }
});

test("a component directory may be relative: the runner, which works elsewhere, finds it too", async () => {
  const args = ["init", "--config", plane.configPath, "--component-dir", "components", "--root", plane.root];
  succeed(await runSlipway(args, { home: program.home, cwd: program.home }));
  const etcd = processesNaming(plane.path("var/lib/etcd")).filter(({ args: words }) =>
    words.includes("etcd"),
  );
  expect(etcd[0]?.args).toContain(join(program.components, "component.mjs"));
});

test("one SIGINT stops init cleanly and says what goes on; the same command goes on from there", async () => {
  const { exitCode, stderr } = await plane.runWith(
    { moment: "in", step: "wait/kube-apiserver", command: "kill -INT $PPID" },
    "init",
  );
  expect(stderr).toMatch(/^interrupted: what was done stays/m);
  expect(stderr).toMatch(
    /^still running: the runner \(pid \d+\), etcd \(pid \d+\).*; to stop and remove them: slipway reset/m,
  );
  expect(exitCode).toBe(130);
  expect((await readStatus(plane)).components[0]).toMatchObject({ name: "etcd", ready: true });
  await plane.bringUp();
  await plane.undo();
});

test("a second SIGINT ends init at once, even when it waits for one that does not answer", async () => {
  const stopRunner = `kill -STOP $(cat ${plane.path("run/slipway/runner.pid")})`;
  const { exitCode, stderr } = await plane.runWith(
    {
      moment: "before",
      step: "wait/ready",
      command: `${stopRunner}; kill -INT $PPID; sleep 0.1; kill -INT $PPID`,
    },
    "init",
  );
  // The first one alone asks the runner what goes on, and waits for its answer.
  expect(stderr).toMatch(/^interrupted: what was done stays/m);
  expect(stderr).not.toContain("still running:");
  // By the signal itself, which a shell tells as 130.
  expect(exitCode).toBeUndefined();
  await plane.undo();
});
