import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProcesses, parseIdentity, parseProcessStat } from "../../../src/runtime/processes.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const BOOT = "b2899b0a-4fed-4aae-ad4b-bd1484f4b37d";
const identity = { pid: 12, startTicks: "7000", bootId: BOOT };
let dir: string;
let killed: (readonly [number, string | number])[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-processes-"));
  killed = [];
  mkdirSync(join(dir, "proc/sys/kernel/random"), { recursive: true });
  writeFileSync(join(dir, "proc/sys/kernel/random/boot_id"), `${BOOT}\n`);
  addProcess({ pid: 12, state: "S", startTicks: 7000, environment: "A=b\0SLIPWAY_CONTAINER_ID=abc\0" });
});
afterEach(() => rmSync(dir, { recursive: true }));

test("of a machine's many processes only a few are looked into at once", async () => {
  for (let pid = 1000; pid < 1200; pid += 1)
    addProcess({ pid, state: "S", startTicks: 1, environment: "SLIPWAY_CONTAINER_ID=x\0" });
  const { fs } = createFakeSystem({ rootDir: dir });
  let open = 0;
  let most = 0;
  const readText = async (path: string): Promise<string> => {
    open += 1;
    most = Math.max(most, open);
    return fs.readText(path).finally(() => {
      open -= 1;
    });
  };
  const processes = await createProcesses(createFakeSystem({ rootDir: dir, fs: { readText } }));
  expect((await processes.listMarked()).get("x")).toHaveLength(200);
  expect(most).toBeLessThanOrEqual(32);
});

test("a process is signalled, a group with its leader's pid turned negative", async () => {
  const processes = await open();
  expect(await processes.signal(identity, { signal: "SIGTERM", group: false })).toBe(true);
  expect(await processes.signal(identity, { signal: "SIGKILL", group: true })).toBe(true);
  expect(killed).toEqual([
    [12, "SIGTERM"],
    [-12, "SIGKILL"],
  ]);
});

test.each([
  ["another start time", { ...identity, startTicks: "7001" }],
  ["another boot", { ...identity, bootId: BOOT.replace("b", "c") }],
  ["another pid", { ...identity, pid: 13 }],
])("a process with %s is not signalled", async (_name, other) => {
  const processes = await open();
  expect(await processes.isAlive(other)).toBe(false);
  expect(await processes.signal(other, { signal: "SIGKILL", group: true })).toBe(false);
  expect(killed).toEqual([]);
});

test("a zombie is not alive", async () => {
  addProcess({ pid: 12, state: "Z", startTicks: 7000, environment: "" });
  expect(await (await open()).isAlive(identity)).toBe(false);
});

test("processes are found by the whole marker in their environment", async () => {
  const processes = await open();
  expect(await processes.findMarked("abc")).toEqual([identity]);
  expect(await processes.findMarked("ab")).toEqual([]);
});

test("an identity counts only when it is complete", () => {
  expect(parseIdentity(`12 7000 ${BOOT}\n`)).toEqual(identity);
  for (const text of [
    "",
    "12",
    `12 7000 ${BOOT}`,
    `12 7000 ${BOOT.slice(1)}\n`,
    `12  ${BOOT}\n`,
    "a b c\n",
  ]) {
    expect(parseIdentity(text)).toBeUndefined();
  }
});

test("a command's name with blanks and brackets does not shift the fields of stat", () => {
  expect(parseProcessStat(statText({ pid: 1, name: "a) S (b", state: "R", startTicks: 99 }))).toEqual({
    state: "R",
    startTicks: "99",
  });
  expect(parseProcessStat("")).toBeUndefined();
});

test("a look for the pid alone does not take a process of another user for the container", async () => {
  const kill = (pid: number): boolean => {
    if (pid === 1) throw Object.assign(new Error("not permitted"), { code: "EPERM" });
    return pid === 2;
  };
  const processes = await createProcesses(createFakeSystem({ rootDir: dir, host: { kill } }));
  expect([1, 2, 3].map((pid) => processes.isTaken(pid))).toEqual([false, true, false]);
});

function open() {
  const kill = (pid: number, signal: string | number): boolean => {
    killed.push([pid, signal]);
    return true;
  };
  return createProcesses(createFakeSystem({ rootDir: dir, host: { kill } }));
}

function addProcess(process: { pid: number; state: string; startTicks: number; environment: string }): void {
  mkdirSync(join(dir, `proc/${process.pid}`), { recursive: true });
  writeFileSync(join(dir, `proc/${process.pid}/stat`), statText({ ...process, name: "sleep" }));
  writeFileSync(join(dir, `proc/${process.pid}/environ`), process.environment);
}

function statText(process: { pid: number; name: string; state: string; startTicks: number }): string {
  const before = Array.from({ length: 18 }, () => "0").join(" ");
  return `${process.pid} (${process.name}) ${process.state} ${before} ${process.startTicks} 1000 2\n`;
}
