import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createRuntimeFixture,
  programPath,
  type RuntimeFixture,
  readMessages,
  whenEnded,
} from "../support/runtime-fixture.ts";
import { buildRuntimeProcess, nextOutput, startRuntimeProcess } from "../support/start-runtime-process.ts";

let fixture: RuntimeFixture;
beforeEach(() => {
  fixture = createRuntimeFixture();
});
afterEach(() => fixture.cleanUp());

test("what a container wrote last is in its log when its end is told, an unfinished line too", async () => {
  const runtime = await fixture.open();
  const command = [programPath("count-lines.sh"), "50"];
  const { id, spec } = await runtime.start(fixture.spec({ command }));
  await whenEnded(runtime, id);
  expect(readMessages(spec.logPath, "stdout")).toEqual([...numbered("out", 50), "the end"]);
  expect(readMessages(spec.logPath, "stderr")).toEqual(numbered("err", 50));
});

test("what a container says of its end is in its state, for the runtime that finds it ended too", async () => {
  const path = join(fixture.dir, "message");
  writeFileSync(path, "");
  const rules = { fallbackToLogs: true, maxBytes: 1000 };
  const seen = {
    hostPath: path,
    containerPath: "/run/why",
    readOnly: false,
    propagation: "private",
  } as const;
  const says = fixture.spec({
    containerName: "says",
    command: ["sh", "-c", "echo printed; printf 'no disk' >/run/why; exit 1"],
    mounts: [seen],
    terminationMessage: { ...rules, path },
  });
  const prints = fixture.spec({
    containerName: "prints",
    command: ["sh", "-c", "echo printed >&2; exit 1"],
    logPath: join(fixture.dir, "logs/prints/0.log"),
    terminationMessage: rules,
  });
  const runtime = await fixture.open();
  for (const spec of [says, prints]) await whenEnded(runtime, (await runtime.start(spec)).id);
  for (const found of [runtime, await fixture.open()]) {
    const states = (await found.list()).map(({ state }) => state);
    expect(states).toMatchObject([{ message: "no disk" }, { message: "printed\n" }]);
  }
  expect(existsSync("/run/why")).toBe(false);
});

test("a line is in the log within moments of being written", async () => {
  const runtime = await fixture.open();
  const { spec } = await runtime.start(fixture.spec({ command: ["sh", "-c", "echo now; exec sleep 1000"] }));
  await expect
    .poll(() => readMessages(spec.logPath, "stdout"), { timeout: 500, interval: 10 })
    .toEqual(["now"]);
});

test("a flood is rotated and kept to its bounds, and its spool given back", async () => {
  const runtime = await fixture.open({ maxSizeBytes: 1024 * 1024 });
  const command = [programPath("flood-stderr.sh"), "300000"];
  const { id, spec } = await runtime.start(fixture.spec({ command }));
  await whenEnded(runtime, id);
  const names = readdirSync(dirname(spec.logPath));
  expect(names.length).toBeLessThanOrEqual(5);
  expect(names.length).toBeGreaterThan(1);
  expect(readMessages(spec.logPath, "stderr").at(-1)).toMatch(/^00300000 /);
  const spool = statSync(join(fixture.containersDir, id, "spool/stderr"));
  expect(spool.size).toBe(300_000 * 101);
  expect(spool.blocks * 512).toBeLessThan(8 * 1024 * 1024);
});

test("a runner that is killed again and again loses no line and doubles none", {
  timeout: 60_000,
}, async () => {
  const bundle = buildRuntimeProcess(fixture);
  const count = 6_000;
  const spec = fixture.spec({ command: [programPath("count-lines.sh"), String(count)] });
  const first = await startRuntimeProcess(bundle, fixture);
  first.stdin?.write(JSON.stringify(spec));
  await nextOutput(first);
  await killAndWait(first);
  for (let round = 0; round < 25; round += 1) {
    const runner = await startRuntimeProcess(bundle, fixture);
    await sleep((round * 7) % 60);
    await killAndWait(runner);
  }
  const runtime = await fixture.open({ maxFiles: 1000 });
  const [container] = await runtime.list();
  if (container === undefined) throw new Error("the container is gone");
  await whenEnded(runtime, container.id);
  expect(readAllMessages(spec.logPath, "stdout")).toEqual([...numbered("out", count), "the end"]);
  expect(readAllMessages(spec.logPath, "stderr")).toEqual(numbered("err", count));
});

/** A runner's lock falls when the last one has ended, not when it is killed: a write under way is still carried out. */
async function killAndWait(runner: ChildProcess): Promise<void> {
  const ended = once(runner, "exit");
  runner.kill("SIGKILL");
  await ended;
}

function numbered(word: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index + 1}`);
}

/** Of the live log and all rotated ones, oldest first. */
function readAllMessages(logPath: string, stream: "stdout" | "stderr"): readonly string[] {
  const dir = dirname(logPath);
  const rotated = readdirSync(dir).filter((name) => name !== basename(logPath));
  const text = [...rotated.sort(), basename(logPath)].map((name) => {
    const bytes = readFileSync(join(dir, name));
    return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
  });
  return text
    .join("")
    .split("\n")
    .flatMap((line) => /^\S+ (std\w+) F (.*)$/.exec(line)?.slice(1) ?? [])
    .flatMap((part, index, parts) => (index % 2 === 1 && parts[index - 1] === stream ? [part] : []));
}
