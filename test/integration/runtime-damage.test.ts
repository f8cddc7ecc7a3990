import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RuntimeContainer } from "../../src/runtime/types.ts";
import { cgroupsOf } from "../support/machine.ts";
import { createRuntimeFixture, type RuntimeFixture, readMessages } from "../support/runtime-fixture.ts";

let fixture: RuntimeFixture;
beforeEach(() => {
  fixture = createRuntimeFixture();
});
afterEach(() => fixture.cleanUp());

type Damage = (path: string) => void;

/** What a power cut may leave of a file. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  missing: (path) => rmSync(path),
  empty: (path) => truncateSync(path),
  halved: (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  zeroed: (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length)),
};
const KINDS = Object.keys(DAMAGES);

/** A container that has said so, left by a runtime that is gone. */
async function leaveContainer(change: Parameters<RuntimeFixture["spec"]>[0] = {}): Promise<RuntimeContainer> {
  const runtime = await fixture.open();
  const started = await runtime.start(fixture.spec(change));
  await runtime.close();
  return started;
}

function damage(kind: string, path: string): void {
  DAMAGES[kind]?.(path);
}

test.each(KINDS)(
  "what runs of a container whose record is %s is ended, and nothing of it is left",
  async (kind) => {
    const { id, state } = await leaveContainer();
    damage(kind, join(fixture.containersDir, id, "container.json"));
    const runtime = await fixture.open();
    expect(await runtime.list()).toEqual([]);
    expect(isAlive(state)).toBe(false);
    expect(readdirSync(fixture.containersDir)).toEqual([".exits"]);
    expect(cgroupsOf([id])).toEqual([]);
    expect(fixture.warnings.join()).toContain("record cannot be read");
  },
);

test.each(KINDS)("a container whose identity is %s is ended before another can start", async (kind) => {
  const { id, state } = await leaveContainer();
  damage(kind, join(fixture.containersDir, id, "identity"));
  const [left] = await (await fixture.open()).list();
  expect(isAlive(state)).toBe(false);
  // Without the file nobody can tell that it ever ran.
  if (kind === "missing") expect(left).toBeUndefined();
  else expect(left?.state).toMatchObject({ kind: "exited", reason: "ContainerStatusUnknown" });
  expect(fixture.warnings.join()).toMatch(/ended/);
});

test.each(KINDS)("a container whose exit record is %s is lost, not running", async (kind) => {
  const runtime = await fixture.open();
  const { id } = await runtime.start(fixture.spec({ command: ["sh", "-c", "exit 3"] }));
  const exitPath = join(fixture.containersDir, ".exits", id);
  await expect.poll(() => existsSync(exitPath)).toBe(true);
  await runtime.close();
  damage(kind, exitPath);
  const second = await fixture.open();
  await expect
    .poll(async () => (await second.list())[0]?.state, { timeout: 10_000 })
    .toMatchObject({ kind: "exited", exitCode: 137, reason: "ContainerStatusUnknown" });
});

test("an exit record without its identity still tells the exit", async () => {
  const runtime = await fixture.open();
  const { id } = await runtime.start(fixture.spec({ command: ["sh", "-c", "exit 3"] }));
  await expect.poll(() => existsSync(join(fixture.containersDir, ".exits", id))).toBe(true);
  await runtime.close();
  truncateSync(join(fixture.containersDir, id, "identity"));
  const [left] = await (await fixture.open()).list();
  expect(left?.state).toMatchObject({ kind: "exited", exitCode: 3 });
});

test.each(KINDS.filter((kind) => kind !== "missing"))(
  "a container whose log state is %s goes on to log what it says from then on",
  async (kind) => {
    const sayPath = join(fixture.dir, "say");
    const script = `echo first; while :; do [ -e ${sayPath} ] && { cat ${sayPath}; rm ${sayPath}; }; sleep 0.05; done`;
    const runtime = await fixture.open();
    const { id, spec, state } = await runtime.start(fixture.spec({ command: ["sh", "-c", script] }));
    await expect.poll(() => messages(spec.logPath)).toEqual(["first"]);
    await runtime.close();
    damage(kind, join(fixture.containersDir, id, "log.json"));
    await fixture.open();
    writeFileSync(sayPath, "second\n");
    await expect.poll(() => messages(spec.logPath)).toEqual(["first", "second"]);
    expect(isAlive(state)).toBe(true);
  },
);

function messages(logPath: string): readonly string[] {
  return existsSync(logPath) ? readMessages(logPath, "stdout") : [];
}

function isAlive(state: RuntimeContainer["state"]): boolean {
  if (state.kind !== "running") throw new Error("it did not run");
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${state.pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
