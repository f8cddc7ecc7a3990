import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openEvents, readEventFile } from "../../../src/runner/event-file.ts";
import { MAX_EVENTS } from "../../../src/runner/events.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const STARTED = {
  type: "Normal",
  reason: "Started",
  message: "Container started",
  pod: "web-n1",
  namespace: "default",
  container: "web",
} as const;
const NODES = { ...STARTED, pod: undefined, namespace: undefined, container: undefined } as const;

function newPath(): string {
  return join(createTempTree({}), "events.jsonl");
}

/** What a runner leaves that has recorded these. */
async function leave(path: string, messages: readonly string[]): Promise<void> {
  const events = await openEvents(createFakeSystem(), path);
  for (const message of messages) events.record({ ...STARTED, message });
  await events.close();
}

async function readMessages(path: string): Promise<readonly string[] | undefined> {
  return (await readEventFile(createFakeSystem(), path))?.map(({ message }) => message);
}

test("events outlive their runner, are its user's alone, and count on", async () => {
  const path = newPath();
  const system = createFakeSystem();
  const first = await openEvents(system, path);
  first.record(STARTED);
  first.record(NODES);
  first.record(STARTED);
  await first.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const second = await openEvents(system, path);
  expect(second.list()).toEqual([...first.list()]);
  second.record(STARTED);
  await second.close();
  expect((await readEventFile(system, path))?.map(({ count }) => count)).toEqual([1, 3]);
});

test("nothing is written before something happens", async () => {
  const path = newPath();
  await (await openEvents(createFakeSystem(), path)).close();
  expect(await readEventFile(createFakeSystem(), path)).toBeUndefined();
});

test("a line that was cut off, or is none of ours, is left out, and the file is whole again afterwards", async () => {
  const path = newPath();
  await leave(path, ["one", "two"]);
  const whole = readFileSync(path, "utf8");
  writeFileSync(path, `\0\0\0\n{"at":"never"}\n${whole}${whole.slice(0, 40)}`);
  expect(await readMessages(path)).toEqual(["one", "two"]);
  await leave(path, ["three"]);
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(3);
  expect(await readMessages(path)).toEqual(["one", "two", "three"]);
});

test("any bytes are read as some events, never as an exception", async () => {
  const path = newPath();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      writeFileSync(path, bytes);
      expect(Array.isArray(await readEventFile(createFakeSystem(), path))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("the file is bounded however much happens", async () => {
  const path = newPath();
  const events = await openEvents(createFakeSystem(), path);
  for (let index = 0; index < 5 * MAX_EVENTS; index += 1) {
    events.record({ ...STARTED, message: `m${index}` });
    if (index % 100 === 0) await events.close();
  }
  await events.close();
  expect(readFileSync(path, "utf8").split("\n").length).toBeLessThanOrEqual(2 * MAX_EVENTS + 1);
  expect((await readMessages(path))?.at(-1)).toBe(`m${5 * MAX_EVENTS - 1}`);
});

test("a full disk is told once, and when it has room again nothing is missing", async () => {
  const path = newPath();
  let isFull = false;
  const whenRoom =
    <T extends unknown[]>(write: (...args: T) => Promise<void>) =>
    (...args: T): Promise<void> =>
      isFull ? Promise.reject(systemError("ENOSPC")) : write(...args);
  const { fs } = createFakeSystem();
  const full = { ...fs, appendText: whenRoom(fs.appendText), writeAtomic: whenRoom(fs.writeAtomic) };
  const system = createFakeSystem({ fs: full });
  const events = await openEvents(system, path);
  for (const message of ["one", "two", "three", "four"]) {
    isFull = message === "two" || message === "three";
    events.record({ ...STARTED, message });
    await events.close();
  }
  expect(system.logged.map(({ message }) => message)).toEqual(["events cannot be written down"]);
  expect(await readMessages(path)).toEqual(["one", "two", "three", "four"]);
});

test("a runner begins without what cannot be read", async () => {
  const path = newPath();
  mkdirSync(path);
  const system = createFakeSystem();
  expect((await openEvents(system, path)).list()).toEqual([]);
  expect(system.logged.map(({ message }) => message)).toEqual(["events cannot be written down"]);
});
