import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withLock } from "../../../src/apply/lock.ts";
import { createNet } from "../../../src/system/net.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = createFakeSystem({ net: createNet(), host: { pid: 4711 } });

test("the second one is told who holds the root, and the lock ends with the work", async () => {
  const root = createTempTree({});
  const outcome = await withLock(system, {
    root,
    command: "init",
    work: async () => {
      await expect(withLock(system, { root, command: "reset", work: async () => 1 })).rejects.toMatchObject({
        code: "SLIPWAY_LOCKED",
        why: "slipway init (pid 4711) holds its lock",
      });
      return "done";
    },
  });
  expect(outcome).toBe("done");
  expect(await withLock(system, { root, command: "reset", work: async () => 2 })).toBe(2);
});

test("the lock also ends with work that fails", async () => {
  const root = createTempTree({});
  const work = () => Promise.reject(new Error("no"));
  await expect(withLock(system, { root, command: "init", work })).rejects.toThrow("no");
  expect(await withLock(system, { root, command: "init", work: async () => 1 })).toBe(1);
});

test("two roots do not stand in each other's way", async () => {
  const [one, two] = [createTempTree({}), createTempTree({})];
  const inner = () => withLock(system, { root: two, command: "init", work: async () => "both" });
  expect(await withLock(system, { root: one, command: "init", work: inner })).toBe("both");
});

test("a runner and an init are not in each other's way, two runners are", async () => {
  const root = createTempTree({});
  const second = () => withLock(system, { root, command: "runner", work: async () => 1 });
  await withLock(system, {
    root,
    command: "runner",
    work: async () => {
      expect(await withLock(system, { root, command: "init", work: async () => 2 })).toBe(2);
      await expect(second()).rejects.toMatchObject({
        code: "SLIPWAY_RUNNER_RUNNING",
        why: "slipway runner (pid 4711) runs there already",
      });
    },
  });
  expect(await second()).toBe(1);
});

test.each(["", "no JSON", "[]"])("a holder that answers %j is a holder all the same", async (holder) => {
  const taken = createFakeSystem({ net: { claimName: async () => ({ kind: "taken", holder }) } });
  await expect(
    withLock(taken, { root: "/", command: "init", work: async () => undefined }),
  ).rejects.toMatchObject({ code: "SLIPWAY_LOCKED", why: "another slipway holds its lock" });
});

test("a holder that is too busy to answer is told by the command that it was begun with", async () => {
  const rootDir = createTempTree({
    "proc/77/cmdline": "node\0/usr/bin/slipway\0handoff\0runner\0--yes\0",
  });
  mkdirSync(join(rootDir, "proc/77/fd"));
  symlinkSync("socket:[123]", join(rootDir, "proc/77/fd/9"));
  mkdirSync(join(rootDir, "proc/net"));
  const busy = createFakeSystem({
    rootDir,
    net: {
      claimName: async ({ name }) => {
        const listener = `0000000000000000: 00000002 00000000 00010000 0001 01 123 @${name}@@@\n`;
        writeFileSync(join(rootDir, "proc/net/unix"), listener);
        return { kind: "taken", holder: "" };
      },
    },
  });
  await expect(
    withLock(busy, { root: "/", command: "reset", work: async () => undefined }),
  ).rejects.toMatchObject({ code: "SLIPWAY_LOCKED", why: "slipway handoff (pid 77) holds its lock" });
});
