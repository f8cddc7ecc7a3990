import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createRuntimeFixture,
  programPath,
  type RuntimeFixture,
  whenEnded,
} from "../support/runtime-fixture.ts";
import { buildRuntimeProcess, startRuntimeProcess } from "../support/start-runtime-process.ts";

let fixture: RuntimeFixture;
beforeEach(() => {
  fixture = createRuntimeFixture();
});
afterEach(() => fixture.cleanUp());

test("a running container is found again with its process, start time and annotations", async () => {
  const first = await fixture.open();
  const started = await first.start(fixture.spec({ annotations: { hash: "abc" } }));
  await first.close();
  const second = await fixture.open();
  expect(await second.list()).toEqual([started]);
  await second.stop(started.id, { graceSeconds: 5 });
  expect((await second.list())[0]?.state).toMatchObject({ exitCode: 143, signal: 15 });
});

test("an exit that happened meanwhile is known with its code and its time", async () => {
  const first = await fixture.open();
  const command = ["sh", "-c", "sleep 0.05; exit 7"];
  const { id } = await first.start(fixture.spec({ command }));
  await first.close();
  await expect.poll(() => existsSync(join(fixture.containersDir, ".exits", id))).toBe(true);
  const endedBeforeMs = Date.now();
  await sleep(30);
  const [found] = await (await fixture.open()).list();
  expect(found?.state).toMatchObject({ kind: "exited", exitCode: 7 });
  expect(found?.state.kind === "exited" && found.state.finishedAtMs).toBeLessThanOrEqual(endedBeforeMs);
});

test("an adopted container's end is told to listeners", async () => {
  const first = await fixture.open();
  const { id, state } = await first.start(fixture.spec());
  await first.close();
  const second = await fixture.open();
  const ended = whenEnded(second, id);
  if (state.kind === "running") process.kill(state.pid, "SIGTERM");
  expect((await ended).state).toMatchObject({ exitCode: 143 });
});

test("a process that only has the same pid is never signalled, and its container is lost", async () => {
  const first = await fixture.open();
  const victim = await first.start(fixture.spec());
  const other = await first.start(fixture.spec({ containerName: "other", attempt: 1 }));
  await first.close();
  if (victim.state.kind !== "running" || other.state.kind !== "running") throw new Error("it ended");
  const identityPath = join(fixture.containersDir, other.id, "identity");
  const [, ticks, boot] = readFileSync(identityPath, "utf8").split(" ");
  writeFileSync(identityPath, `${victim.state.pid} ${Number(ticks) + 1} ${boot}`);
  const second = await fixture.open();
  await second.stop(other.id, { graceSeconds: 0 });
  const [stillRunning, lost] = await second.list();
  expect(stillRunning?.state.kind).toBe("running");
  expect(lost?.state).toMatchObject({ reason: "ContainerStatusUnknown", exitCode: 137 });
});

test("a container of an earlier boot has ended at once, and nobody saw how", async () => {
  const first = await fixture.open();
  const { id } = await first.start(fixture.spec());
  await first.close();
  const identityPath = join(fixture.containersDir, id, "identity");
  const identity = readFileSync(identityPath, "utf8");
  writeFileSync(identityPath, `${identity.split(" ", 2).join(" ")} 00000000-0000-4000-8000-000000000000\n`);
  const [found] = await (await fixture.open()).list();
  expect(found?.state).toMatchObject({ kind: "exited", reason: "ContainerStatusUnknown" });
});

test("a start that was cut off before its process existed is cleaned up", async () => {
  const halfMade = join(fixture.containersDir, "a".repeat(64));
  const noRecord = join(fixture.containersDir, "b".repeat(64));
  mkdirSync(join(halfMade, "spool"), { recursive: true });
  mkdirSync(noRecord);
  const record = { id: "a".repeat(64), spec: fixture.spec(), imageId: "", argv: ["true"], startedAtMs: 1 };
  writeFileSync(join(halfMade, "container.json"), JSON.stringify(record));
  const runtime = await fixture.open();
  expect(await runtime.list()).toEqual([]);
  expect(readdirSync(fixture.containersDir)).toEqual([".exits"]);
});

test("a runner killed while it starts containers leaves none that the next one does not know", async () => {
  const bundle = buildRuntimeProcess(fixture);
  for (let round = 0; round < 15; round += 1) {
    const runner = await startRuntimeProcess(bundle, fixture);
    const isolated = round % 3 === 0;
    const mounts = isolated ? [DATA_MOUNT] : [];
    const spec = fixture.spec({ attempt: round, env: { FIXTURE: fixture.dir }, mounts });
    runner.stdin?.write(JSON.stringify(spec));
    await sleep(isolated ? round * 8 : round * 2);
    runner.kill("SIGKILL");
  }
  const runtime = await fixture.open();
  // What was started last may not have become its program yet.
  await expect
    .poll(async () => {
      const known = (await runtime.list()).flatMap(({ state }) =>
        state.kind === "running" ? [state.pid] : [],
      );
      const running = pidsWith(`FIXTURE=${fixture.dir}`);
      return {
        unknown: running.filter((pid) => !known.includes(pid)),
        gone: known.filter((pid) => !running.includes(pid)),
      };
    })
    .toEqual({ unknown: [], gone: [] });
}, 60_000);

test("containers are listed oldest first, also after a restart", async () => {
  const first = await fixture.open();
  const ids: string[] = [];
  for (const attempt of [0, 1, 2]) {
    ids.push((await first.start(fixture.spec({ command: [programPath("exit-with.sh"), "0"], attempt }))).id);
    await sleep(5);
  }
  await first.close();
  expect((await (await fixture.open()).list()).map(({ id }) => id)).toEqual(ids);
});

/** At a path that no machine has, so that a start takes long enough to be cut off in the middle. */
const DATA_MOUNT = {
  hostPath: "/srv",
  containerPath: "/slipway-test/data",
  readOnly: false,
  propagation: "private",
} as const;

/** Processes with this in their environment, but not the shims: those are shells. */
function pidsWith(variable: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readProc(`${pid}/environ`).split("\0").includes(variable))
    .filter((pid) => readProc(`${pid}/comm`) === "sleep\n")
    .map(Number);
}

function readProc(path: string): string {
  try {
    return readFileSync(join("/proc", path), "utf8");
  } catch {
    return "";
  }
}
