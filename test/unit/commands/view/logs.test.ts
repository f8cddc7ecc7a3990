import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type LogsOptions, runLogs } from "../../../../src/commands/view/logs.ts";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { buildComponentReport, buildContainerReport } from "../../../support/build-report.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";
import { buildRunnerInfo, createRunnerNet } from "../../../support/fake-runner.ts";
import { createFakeSystem, type FakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

function systemWith(pods: () => readonly PodReport[], clock?: FakeClock): FakeSystem {
  const net = createRunnerNet({ info: buildRunnerInfo("/"), pods });
  return createFakeSystem({ net, ...(clock === undefined ? {} : { clock }) });
}

function logText(lines: readonly string[]): string {
  return lines.map((line, n) => `2026-11-22T16:59:0${n}.000000000Z stdout F ${line}\n`).join("");
}

function logTree(lines: readonly string[]): string {
  return join(createTempTree({ "0.log": logText(lines) }), "0.log");
}

async function readLogs(
  pods: readonly PodReport[] | (() => readonly PodReport[]),
  { clock, ...options }: Partial<LogsOptions> & { readonly clock?: FakeClock } = {},
) {
  let text = "";
  await runLogs(systemWith(typeof pods === "function" ? pods : () => pods, clock), {
    root: "/",
    pod: "etcd",
    signal: new AbortController().signal,
    tell: () => undefined,
    write: (chunk) => {
      text += chunk.toString();
    },
    ...options,
  });
  return text;
}

const PASS_OPTIONS = { interval: 5, timeout: 5_000 };

/** Lets time pass, and files be read meanwhile. */
async function passUntil(clock: FakeClock, reached: () => boolean): Promise<void> {
  await vi.waitFor(async () => {
    await clock.advance(1_000);
    expect(reached()).toBe(true);
  }, PASS_OPTIONS);
}

test("a log is printed whole, from the end, or from a time", async () => {
  const pods = [buildComponentReport("etcd", { container: { logPath: logTree(["a", "b", "c"]) } })];
  expect(await readLogs(pods)).toBe("a\nb\nc\n");
  expect(await readLogs(pods, { tail: 1 })).toBe("c\n");
  expect(await readLogs(pods, { since: "58.5s" })).toBe("c\n");
  expect(await readLogs(pods, { timestamps: true, tail: 1 })).toBe("2026-11-22T16:59:02.000000000Z c\n");
});

test("the log of the run before is printed when it is asked for", async () => {
  const container = { logPath: logTree(["now"]), previousLogPath: logTree(["before"]) };
  expect(await readLogs([buildComponentReport("etcd", { container })], { previous: true })).toBe("before\n");
});

test("a log that is not there is told with the reason", async () => {
  const waiting = { waiting: { reason: "ErrImageNeverPull", message: "no program for etcd:1" } };
  const report = buildComponentReport("etcd", { status: { state: waiting } });
  await expect(readLogs([report])).rejects.toMatchObject({
    code: "SLIPWAY_POD_NOT_FOUND",
    why: "no program for etcd:1",
  });
  await expect(readLogs([report], { previous: true })).rejects.toMatchObject({
    why: "no program for etcd:1",
  });
  const once = buildComponentReport("etcd", { container: { logPath: logTree(["now"]) } });
  await expect(readLogs([once], { previous: true })).rejects.toMatchObject({
    why: "it was started only once",
    fix: expect.stringContaining("slipway logs etcd"),
  });
});

test("of one that cannot be started again it is told that its last run is over", async () => {
  const logPath = logTree(["long ago"]);
  const logsOf = async (waiting: { readonly reason: string; readonly message: string }) => {
    const told: string[] = [];
    const pods = [buildComponentReport("etcd", { status: { state: { waiting } }, container: { logPath } })];
    expect(await readLogs(pods, { tell: (line) => void told.push(line) })).toBe("long ago\n");
    return told;
  };
  expect(await logsOf({ reason: "RunContainerError", message: "no space" })).toEqual([
    "this is its last run, which has ended; it cannot be started again: no space",
  ]);
  expect(await logsOf({ reason: "CrashLoopBackOff", message: "back-off 10s" })).toEqual([]);
});

test("a log that has been removed is a file failure, not a bug", async () => {
  const report = buildComponentReport("etcd", { container: { logPath: "/nowhere/0.log" } });
  await expect(readLogs([report])).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    what: "cannot read /nowhere/0.log",
  });
});

test("of several containers the named one is shown, else the default one, else the first regular one", async () => {
  const containers = ["init", "etcd", "b"].map((name) =>
    buildContainerReport(name, { logPath: logTree([name]) }),
  );
  const report = buildComponentReport("etcd", { report: { containers } });
  const { metadata } = report.pod;
  const annotations = { "kubectl.kubernetes.io/default-container": "b" };
  const withDefault = { ...report, pod: { ...report.pod, metadata: { ...metadata, annotations } } };
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  expect(await readLogs([report], { container: "b", tell })).toBe("b\n");
  expect(await readLogs([withDefault], { tell })).toBe("b\n");
  expect(told).toEqual([]);
  expect(await readLogs([report], { tell })).toBe("etcd\n");
  expect(told).toEqual(["showing the container etcd of: init, etcd, b"]);
  await expect(readLogs([report], { container: "c" })).rejects.toMatchObject({
    what: 'cannot find the container "c" in the pod etcd-n1',
    why: "it has init, etcd, b",
  });
});

test.each([
  { since: "5" },
  { since: "x" },
  { since: "-5m" },
  { sinceTime: "5m" },
  { sinceTime: "2026-22-11T17:00:00Z" },
  { since: "5m", sinceTime: "2026-11-22T17:00:00Z" },
])("%o is refused", async (since) => {
  await expect(readLogs([], since)).rejects.toMatchObject({ code: "SLIPWAY_USAGE" });
});

test("following goes on over restarts, one that came and went between two looks too, and ends with the pod", async () => {
  const root = createTempTree({ "0.log": logText(["run 0"]) });
  const logOf = (attempt: number) => join(root, `${attempt}.log`);
  let pods = [buildComponentReport("etcd", { container: { logPath: logOf(0) } })];
  const clock = createFakeClock();
  let text = "";
  const write = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  const done = readLogs(() => pods, { follow: true, tail: 1, clock, write });
  await passUntil(clock, () => text.includes("run 0"));
  appendFileSync(logOf(0), logText(["last of run 0"]));
  writeFileSync(logOf(1), logText(["run 1"]));
  writeFileSync(logOf(2), logText(["run 2"]));
  pods = [buildComponentReport("etcd", { container: { logPath: logOf(2) } })];
  await passUntil(clock, () => text.includes("run 2"));
  expect(text).toBe("run 0\nlast of run 0\nrun 1\nrun 2\n");
  pods = [];
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  await passUntil(clock, () => ended);
});
