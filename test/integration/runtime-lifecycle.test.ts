import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { observeCgroups, planCgroups } from "../../src/runtime/cgroups.ts";
import type { ContainerSpec } from "../../src/runtime/types.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { FOREIGN_PROGRAM } from "../support/foreign-program.ts";
import {
  createRuntimeFixture,
  programPath,
  type RuntimeFixture,
  readMessages,
  whenEnded,
} from "../support/runtime-fixture.ts";

let fixture: RuntimeFixture;
beforeEach(() => {
  fixture = createRuntimeFixture();
});
afterEach(() => fixture.cleanUp());

test("a container that ends at once has its exit code, its output and nothing left running", async () => {
  const runtime = await fixture.open();
  const started = await runtime.start(fixture.spec({ command: [programPath("exit-with.sh")], args: ["3"] }));
  const ended = await whenEnded(runtime, started.id);
  expect(ended.state).toMatchObject({ kind: "exited", exitCode: 3, reason: "Error", signal: undefined });
  expect(readMessages(ended.spec.logPath, "stdout")).toEqual(["in /"]);
});

test.each<[string, Buffer | string, ContainerSpec["security"], object]>([
  [
    "of another machine",
    FOREIGN_PROGRAM,
    undefined,
    { message: expect.stringMatching(/\/program: Exec format error$/) },
  ],
  [
    "whose interpreter is missing",
    "#!/no/such/interpreter\n",
    undefined,
    { message: expect.stringMatching(/\/program: No such file or directory$/) },
  ],
  [
    "whose interpreter is missing, for a user of its own",
    "#!/no/such/interpreter\n",
    { groups: [], readOnlyRoot: true, noNewPrivileges: true },
    { message: expect.stringMatching(/program: (?:No such file or directory|not found)$/) },
  ],
])("a program %s is told as one that could not be started", async (_what, content, security, told) => {
  const program = join(fixture.dir, "program");
  writeFileSync(program, content, { mode: 0o755 });
  const runtime = await fixture.open();
  const isolated = security === undefined ? {} : { security };
  const { id } = await runtime.start(fixture.spec({ command: [program], ...isolated }));
  const { state } = await whenEnded(runtime, id);
  expect(state).toMatchObject({ exitCode: 128, signal: undefined, reason: "StartError", ...told });
});

test.each([2, 126, 127])(
  "a program that ends with %i by itself has not failed to start",
  async (exitCode) => {
    const runtime = await fixture.open();
    const script = `echo setsid: failed to execute it: for fun; echo more; exit ${exitCode}`;
    const { id } = await runtime.start(fixture.spec({ command: ["sh", "-c", script] }));
    const { state } = await whenEnded(runtime, id);
    expect(state).toMatchObject({ exitCode, reason: "Error" });
  },
);

test("the log is 0640 and the link beside the others leads to it until the container is removed", async () => {
  const runtime = await fixture.open();
  const { id, spec } = await runtime.start(fixture.spec({ command: ["true"] }));
  await whenEnded(runtime, id);
  expect(statSync(spec.logPath).mode & 0o777).toBe(0o640);
  expect(readlinkSync(`${spec.logLinkPrefix}-${id}.log`)).toBe(spec.logPath);
  await runtime.remove(id);
  expect(existsSync(spec.logPath)).toBe(true);
  expect(lstatSync(`${spec.logLinkPrefix}-${id}.log`, { throwIfNoEntry: false })).toBeUndefined();
  expect(readdirSync(fixture.containersDir)).toEqual([".exits"]);
  expect(readdirSync(`${fixture.containersDir}/.exits`)).toEqual([]);
});

test("the environment is exactly the container's, a PATH and the marker, whatever the names", async () => {
  const runtime = await fixture.open();
  const env = {
    PLAIN: "a 'b'\n$c",
    "my.name": "x",
    PWD: "/elsewhere",
    slipway_x: "",
    IFS: "-",
    "-i": "dash",
  };
  const { id, spec } = await runtime.start(
    fixture.spec({ command: [programPath("show-environment.sh")], env }),
  );
  await whenEnded(runtime, id);
  expect(readMessages(spec.logPath, "stdout").toSorted()).toEqual(
    [
      "PLAIN=a 'b'",
      "$c",
      "my.name=x",
      "PWD=/elsewhere",
      "slipway_x=",
      "IFS=-",
      "-i=dash",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME=/root",
      `SLIPWAY_CONTAINER_ID=${id}`,
    ].toSorted(),
  );
});

test("a container killed by a signal from outside is told with the signal, within moments", async () => {
  const runtime = await fixture.open();
  const { id, state } = await runtime.start(fixture.spec());
  if (state.kind !== "running") throw new Error("it ended");
  const ended = whenEnded(runtime, id);
  await sleep(60);
  const killedAtMs = performance.now();
  process.kill(state.pid, "SIGKILL");
  expect((await ended).state).toMatchObject({ exitCode: 137, signal: 9, reason: "Error" });
  expect(performance.now() - killedAtMs).toBeLessThan(100);
});

test("a program that ignores the stop signal is killed after its grace and not before", async () => {
  const runtime = await fixture.open();
  const { id, spec } = await runtime.start(fixture.spec({ command: [programPath("ignore-term.sh")] }));
  await expect
    .poll(() => existsSync(spec.logPath) && readMessages(spec.logPath, "stdout"))
    .toEqual(["ready"]);
  const beganAtMs = performance.now();
  await runtime.stop(id, { graceSeconds: 0.5 });
  expect(performance.now() - beganAtMs).toBeGreaterThan(450);
  expect((await runtime.list())[0]?.state).toMatchObject({ exitCode: 137, signal: 9 });
});

test("a program that is suspended ends when it is told to, not after its grace", async () => {
  const runtime = await fixture.open();
  const { id, state } = await runtime.start(fixture.spec());
  if (state.kind !== "running") throw new Error("it ended");
  process.kill(state.pid, "SIGSTOP");
  await runtime.stop(id, { graceSeconds: 1000 });
  expect((await runtime.list())[0]?.state).toMatchObject({ exitCode: 143, signal: 15 });
});

test("a shorter grace asked for later shortens the wait for all who wait", async () => {
  const runtime = await fixture.open();
  const { id, spec } = await runtime.start(fixture.spec({ command: [programPath("ignore-term.sh")] }));
  await expect
    .poll(() => existsSync(spec.logPath) && readMessages(spec.logPath, "stdout"))
    .toEqual(["ready"]);
  const beganAtMs = performance.now();
  await Promise.all([runtime.stop(id, { graceSeconds: 30 }), runtime.stop(id, { graceSeconds: 0 })]);
  expect(performance.now() - beganAtMs).toBeLessThan(3_000);
});

test.each(["with cgroups", "without cgroups"])(
  "a grandchild in a session of its own dies with its container (%s)",
  async (how) => {
    const silent = () => undefined;
    const real = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });
    const noMounts = { ...real.fs, readTextIfExists: (path: string) => withoutMounts(real.fs, path) };
    const runtime = await fixture.open({ system: how === "with cgroups" ? {} : { fs: noMounts } });
    const { id, spec } = await runtime.start(fixture.spec({ command: [programPath("fork-grandchild.sh")] }));
    await expect.poll(() => existsSync(spec.logPath) && readMessages(spec.logPath, "stdout").length).toBe(1);
    const grandchild = Number(readMessages(spec.logPath, "stdout")[0]);
    expect(isRunning(grandchild)).toBe(true);
    await runtime.stop(id, { graceSeconds: 5 });
    expect(isRunning(grandchild)).toBe(false);
  },
);

test("a cgroup goes with its container", async () => {
  const silent = () => undefined;
  const hierarchies = await observeCgroups(
    createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } }),
  );
  const runtime = await fixture.open();
  const { id, spec, state } = await runtime.start(fixture.spec());
  if (state.kind !== "running") throw new Error("it ended");
  const dirs = planCgroups(hierarchies, { containerId: id, podUid: spec.podUid }).map(({ dir }) => dir);
  for (const dir of dirs) expect(readFileSync(`${dir}/cgroup.procs`, "utf8")).toBe(`${state.pid}\n`);
  await runtime.stop(id, { graceSeconds: 1 });
  for (const dir of dirs) expect(existsSync(dir)).toBe(false);
});

test("a container whose shim was killed is watched on, and its end is told as unknown", async () => {
  const runtime = await fixture.open();
  const { id, state } = await runtime.start(fixture.spec());
  if (state.kind !== "running") throw new Error("it ended");
  process.kill(parentOf(state.pid), "SIGKILL");
  await sleep(50);
  expect((await runtime.list())[0]?.state.kind).toBe("running");
  const ended = whenEnded(runtime, id);
  process.kill(state.pid, "SIGTERM");
  expect((await ended).state).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
});

test("signals to the shim do not end the container", async () => {
  const runtime = await fixture.open();
  const { state } = await runtime.start(fixture.spec());
  if (state.kind !== "running") throw new Error("it ended");
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
    process.kill(parentOf(state.pid), signal);
  }
  await sleep(50);
  expect(isRunning(state.pid)).toBe(true);
});

test("a shim stays below 2 MB", async () => {
  const runtime = await fixture.open();
  const { state } = await runtime.start(fixture.spec());
  if (state.kind !== "running") throw new Error("it ended");
  const status = readFileSync(`/proc/${parentOf(state.pid)}/status`, "utf8");
  expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(2048);
});

test("a command runs in the container's environment, with a timeout and bounded output", async () => {
  const runtime = await fixture.open();
  const { id } = await runtime.start(fixture.spec({ env: { GREETING: "hello" }, workingDir: fixture.dir }));
  const run = (...command: string[]) => runtime.exec(id, { command, timeoutMs: 300 });
  expect(await run("sh", "-c", 'echo "$GREETING"; pwd; exit 4')).toEqual({
    exitCode: 4,
    output: `hello\n${fixture.dir}`,
    timedOut: false,
  });
  expect(await run("sleep", "5")).toMatchObject({ timedOut: true });
  expect((await run("no-such-program")).exitCode).toBe(127);
  expect((await run("seq", "1", "100000")).output.length).toBe(10 * 1024);
});

test("a command that is over its time is ended with its children; one that ends is not held up by them", async () => {
  const runtime = await fixture.open();
  const { id } = await runtime.start(fixture.spec());
  const run = (script: string, timeoutMs: number) =>
    runtime.exec(id, { command: ["sh", "-c", script], timeoutMs });
  const child = join(fixture.dir, "child");
  const hung = await run(`sleep 1000 & echo $! >${child}; wait`, 300);
  expect(hung.timedOut).toBe(true);
  await expect.poll(() => existsSync(`/proc/${readFileSync(child, "utf8").trim()}`)).toBe(false);
  const ended = await run(`sleep 1000 & echo $! >${child}; echo up`, 60_000);
  expect(ended).toEqual({ exitCode: 0, output: "up", timedOut: false });
  expect(existsSync(`/proc/${readFileSync(child, "utf8").trim()}`)).toBe(true);
});

test("an image that this machine has no program for is refused by name, and leaves nothing", async () => {
  const runtime = await fixture.open();
  await expect(runtime.start(fixture.spec({ command: ["no-such-program"] }))).rejects.toMatchObject({
    code: "SLIPWAY_IMAGE_UNAVAILABLE",
    message: expect.stringContaining("example.org/program:1"),
  });
  await expect(runtime.start(fixture.spec({ workingDir: "/no/such/dir" }))).rejects.toMatchObject({
    code: "SLIPWAY_CONTAINER_START",
  });
  expect(readdirSync(fixture.containersDir)).toEqual([".exits"]);
});

function withoutMounts(
  files: { readTextIfExists(path: string): Promise<string | undefined> },
  path: string,
): Promise<string | undefined> {
  return path === "/proc/self/mountinfo" ? Promise.resolve("") : files.readTextIfExists(path);
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

function parentOf(pid: number): number {
  return Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) \S /s, "")
      .split(" ")[0],
  );
}
