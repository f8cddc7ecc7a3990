import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { createExec } from "../../../src/system/exec.ts";

const exec = createExec();

function sh(script: string): { readonly command: string; readonly args: readonly string[] } {
  return { command: "/bin/sh", args: ["-c", script] };
}

test("a program that ends well gives what it printed, without the last newline", async () => {
  expect(await exec.run(sh("echo out; echo err >&2"))).toEqual({
    exitCode: 0,
    signal: undefined,
    stdout: "out",
    stderr: "err",
    timedOut: false,
    startError: undefined,
  });
});

test("a program that fails is a result, not an error", async () => {
  expect(await exec.run(sh("echo no >&2; exit 3"))).toMatchObject({
    exitCode: 3,
    stderr: "no",
    startError: undefined,
  });
});

test("a program that is not there, or may not be run, is told as a start error", async () => {
  expect(await exec.run({ command: "/nowhere/program" })).toMatchObject({
    exitCode: undefined,
    signal: undefined,
    startError: "ENOENT",
  });
  expect(await exec.run({ command: tmpdir() })).toMatchObject({ startError: "EACCES" });
});

test("a program that is not there is a start error also for who reads its lines", async () => {
  const lines: string[] = [];
  const result = await exec.run({ command: "/nowhere/program", onLine: (line) => lines.push(line) });
  expect(result).toMatchObject({ exitCode: undefined, startError: "ENOENT" });
  expect(lines).toEqual([]);
});

test("lines of both streams come as they are printed, also of a program that fails", async () => {
  const lines: string[] = [];
  const result = await exec.run({
    ...sh("echo one; echo two >&2; exit 4"),
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ exitCode: 4, timedOut: false });
  expect(lines.toSorted()).toEqual(["one", "two"]);
});

test("a program is ended when its time is up", async () => {
  expect(await exec.run({ ...sh("exec sleep 30"), timeoutMs: 50 })).toMatchObject({
    exitCode: undefined,
    signal: "SIGTERM",
    timedOut: true,
    startError: undefined,
  });
});

test("a program is ended when the work is called off", async () => {
  const result = await exec.run({ ...sh("exec sleep 30"), signal: AbortSignal.timeout(50) });
  expect(result).toMatchObject({ exitCode: undefined, timedOut: false, startError: undefined });
});

test("what was called off before is not run, and that is no start error of the program", async () => {
  const lines: string[] = [];
  const result = await exec.run({
    ...sh("exec sleep 30"),
    signal: AbortSignal.abort(),
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ exitCode: undefined, timedOut: false });
});

test("a program that ends by a signal tells which", async () => {
  expect(await exec.run(sh("kill -9 $$"))).toMatchObject({ exitCode: undefined, signal: "SIGKILL" });
});

test("words are handed over as they are, never through a shell", async () => {
  const result = await exec.run({ command: "/bin/echo", args: ["$HOME; ls", "*", "a b"] });
  expect(result.stdout).toBe("$HOME; ls * a b");
});

test("the environment is exactly what is given, and stdin and the directory are, too", async () => {
  const program = sh("cat; echo $A-$PATH_WAS; pwd");
  const result = await exec.run({
    ...program,
    env: { PATH: "/usr/bin:/bin", A: "x", PATH_WAS: undefined },
    input: "in\n",
    cwd: "/",
  });
  expect(result.stdout).toBe("in\nx-\n/");
});

test("a program without input reads an empty stdin", async () => {
  expect(await exec.run({ ...sh("cat"), timeoutMs: 5000 })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("a detached program is in a session of its own", async () => {
  const child = await exec.spawnDetached({
    command: "/bin/sleep",
    args: ["30"],
    env: {},
    stdoutFd: "ignore",
    stderrFd: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  const { stdout } = await exec.run(sh(`cut -d' ' -f6 /proc/${child.pid}/stat`));
  expect(stdout).toBe(String(child.pid));
  process.kill(child.pid ?? 0, "SIGKILL");
  expect(await ended).toBe("SIGKILL");
});

test("a detached program that is not there rejects with the system error", async () => {
  const start = exec.spawnDetached({
    command: "/nowhere/program",
    args: [],
    env: {},
    stdoutFd: "ignore",
    stderrFd: "ignore",
  });
  await expect(start).rejects.toMatchObject({ code: "ENOENT" });
});
