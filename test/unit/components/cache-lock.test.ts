import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeEntryDir } from "../../../src/components/cache.ts";
import { LOCK_FILE, withCacheLocks } from "../../../src/components/cache-lock.ts";
import { type ComponentMachine, createComponentMachine } from "../../support/component-system.ts";

const KEY = { name: "etcd", version: "v3.7.0" } as const;

let machine: ComponentMachine;
let lockPath: string;
beforeEach(async () => {
  machine = await createComponentMachine();
  lockPath = join(await makeEntryDir(machine.system, KEY), LOCK_FILE);
});
afterEach(() => machine.remove());

test("the work is done under a lock that is gone afterwards, also after a failure", async () => {
  const work = async (): Promise<never> => {
    expect(JSON.parse(await readFile(lockPath, "utf8"))).toMatchObject({ pid: process.pid });
    throw new Error("no luck");
  };
  await expect(withCacheLocks(machine.system, { keys: [KEY], work, onNote: () => {} })).rejects.toThrow(
    "no luck",
  );
  await expect(stat(lockPath)).rejects.toThrow("ENOENT");
});

test("a lock that another holds is waited for, and said once", async () => {
  const notes: string[] = [];
  const order: string[] = [];
  let finish = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const hold = (name: string, until: Promise<void>) =>
    withCacheLocks(machine.system, {
      keys: [KEY],
      onNote: (line) => notes.push(line),
      work: async () => {
        order.push(name);
        await until;
      },
    });
  const one = hold("one", first);
  while (order.length === 0) await machine.system.clock.advance(0);
  const two = hold("two", Promise.resolve());
  while (notes.length === 0) await machine.system.clock.advance(0);
  await machine.system.clock.advance(1500);
  expect(order).toEqual(["one"]);
  finish();
  await one;
  await machine.system.clock.advance(500);
  while (order.length < 2) await machine.system.clock.advance(500);
  await two;
  expect(notes).toEqual([`waiting for process ${process.pid}, which is getting etcd already`]);
});

test.each([
  ["of a process that is gone", JSON.stringify({ pid: 2 ** 22 + 1, startTime: "1" })],
  ["of an earlier process with a number in use again", JSON.stringify({ pid: process.pid, startTime: "1" })],
  ["that was left empty long ago", ""],
])("a lock %s is taken over", async (_which, text) => {
  await writeFile(lockPath, text);
  await machine.system.clock.advance(366 * 86_400_000);
  const result = await withCacheLocks(machine.system, {
    keys: [KEY],
    work: () => Promise.resolve("done"),
    onNote: () => {},
  });
  expect(result).toBe("done");
});

test("waiting ends when it is aborted", async () => {
  await writeFile(lockPath, "");
  const fresh = { ...machine.system, clock: { ...machine.system.clock, nowMs: () => Date.now() } };
  const abort = new AbortController();
  const waiting = withCacheLocks(fresh, {
    keys: [KEY],
    work: () => Promise.resolve(),
    onNote: () => abort.abort(new Error("stopped")),
    signal: abort.signal,
  });
  await expect(waiting).rejects.toThrow("stopped");
});
