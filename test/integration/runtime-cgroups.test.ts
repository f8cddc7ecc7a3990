import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stopEverything } from "../../src/apply/reset/stop-everything.ts";
import { buildPaths } from "../../src/core/paths.ts";
import { observeCgroups } from "../../src/runtime/cgroups.ts";
import { createSystem } from "../../src/system/create-system.ts";
import {
  createRuntimeFixture,
  type RuntimeFixture,
  readMessages,
  whenEnded,
} from "../support/runtime-fixture.ts";
import { buildRuntimeProcess, startRuntimeProcess } from "../support/start-runtime-process.ts";

const silent = (): undefined => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });
const hierarchies = await observeCgroups(system);

/** Limits of each kind, so that a container is in every hierarchy that this machine has. */
const RESOURCES = {
  container: { cpuShares: 100, memoryBytes: 64 << 20, pids: 50 },
  pod: { cpuShares: 100, memoryBytes: 64 << 20, pids: 50 },
};

let fixture: RuntimeFixture;
let podUid: string;
beforeEach(() => {
  fixture = createRuntimeFixture();
  podUid = `test-${fixture.dir.split("-").at(-1)}`;
});
afterEach(() => fixture.cleanUp());

test("a runner that is killed while it starts containers leaves no cgroup behind", async () => {
  const bundle = buildRuntimeProcess(fixture);
  for (let round = 0; round < 24; round += 1) {
    const runner = await startRuntimeProcess(bundle, fixture);
    runner.stdin?.write(JSON.stringify(spec({ attempt: round })));
    await sleep(round);
    runner.kill("SIGKILL");
  }
  await removeAll();
  expect(podCgroups()).toEqual([]);
}, 60_000);

test("what was set aside by a runner that was killed then is removed by the next one, and by reset", async () => {
  const paths = buildPaths({ root: fixture.dir, uid: 0 });
  const leave = async (containersDir: string, letter: string): Promise<void> => {
    const id = letter.repeat(64);
    const dir = join(containersDir, `${id}.aside`);
    const cgroups = hierarchies.map((each) => ({
      ...each,
      dir: join(each.mountPoint, "slipway", `pod${podUid}`, id),
    }));
    for (const each of [dir, ...cgroups.map((cgroup) => cgroup.dir)]) mkdirSync(each, { recursive: true });
    writeFileSync(
      join(dir, "container.json"),
      JSON.stringify({ id, spec: spec(), imageId: "", argv: [], cgroups, startedAtMs: 1 }),
    );
  };
  await leave(fixture.containersDir, "a");
  await leave(paths.containersDir, "b");
  expect(podCgroups()).toHaveLength(hierarchies.length);
  await fixture.open();
  expect(readdirSync(fixture.containersDir)).toEqual([".exits"]);
  const plan = { runnerPids: [], containers: [], removals: [], changedCopies: [] };
  await stopEverything(system, { paths, plan, onWait: silent });
  expect(podCgroups()).toEqual([]);
});

test("cgroups that a container makes in its own are emptied and removed with it", async () => {
  const nested = `
    for dir in $(find /sys/fs/cgroup -path "*/slipway/pod${podUid}/*" -type d); do mkdir -p $dir/inner/deep; echo $dir; done
    setsid sh -c 'for file in /sys/fs/cgroup/*/slipway/pod${podUid}/*/inner/deep/cgroup.procs; do echo 0 >$file; done; exec sleep 1000' &
    echo $!; sleep 0.2`;
  const runtime = await fixture.open();
  const { id } = await runtime.start(spec({ command: ["sh", "-c", nested] }));
  await whenEnded(runtime, id);
  const said = readMessages(spec().logPath, "stdout");
  expect(said.length).toBe(hierarchies.length + 1);
  expect(podCgroups()).toEqual([]);
  await expect.poll(() => existsSync(`/proc/${said.at(-1)}`)).toBe(false);
});

test.each([
  ["its cgroups", system.fs.readTextIfExists],
  ["its processes", (path: string) => (path.endsWith("/mountinfo") ? "" : system.fs.readTextIfExists(path))],
])("what all processes of a container use is told by %s", async (_name, read) => {
  const readTextIfExists = async (path: string): Promise<string | undefined> => read(path);
  const runtime = await fixture.open({ system: { fs: { ...system.fs, readTextIfExists } } });
  const burn = `i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done`;
  // One has ended, one holds 20 MB, and none is the main process.
  const script = `(${burn}); sh -c 'x=$(head -c 20000000 /dev/zero | tr "\\0" x); echo held; sleep 1000 #' & wait`;
  const { id } = await runtime.start(spec({ command: ["sh", "-c", script] }));
  await expect.poll(() => readMessages(spec().logPath, "stdout"), { timeout: 10_000 }).toEqual(["held"]);
  const usage = (await runtime.usages()).get(id);
  expect(usage?.cpuSeconds).toBeGreaterThan(0.1);
  for (const bytes of [usage?.memoryBytes, usage?.workingSetBytes, usage?.residentBytes])
    expect(bytes).toBeGreaterThan(20_000_000);
  await runtime.stop(id, { graceSeconds: 0 });
  expect(await runtime.usages()).toEqual(new Map());
});

test("a cgroup that stays busy is told, and removed by the next runtime", async () => {
  const isOurs = (path: string): boolean => path.includes(`/pod${podUid}/`);
  const removeEmptyDir = (path: string): Promise<boolean> =>
    isOurs(path)
      ? Promise.reject(Object.assign(new Error("EBUSY: busy"), { code: "EBUSY" }))
      : system.fs.removeEmptyDir(path);
  const runtime = await fixture.open({ system: { fs: { ...system.fs, removeEmptyDir } } });
  const { id } = await runtime.start(spec({ command: ["true"] }));
  await whenEnded(runtime, id);
  await runtime.remove(id);
  expect(fixture.warnings.at(-1)).toContain("tried again when the runner starts anew");
  expect(podCgroups()).toHaveLength(hierarchies.length);
  await runtime.close();
  expect(await (await fixture.open()).list()).toEqual([]);
  expect(podCgroups()).toEqual([]);
});

function spec(change = {}) {
  return fixture.spec({ podUid, resources: RESOURCES, ...change });
}

/** The directories of this test's pod in all hierarchies. */
function podCgroups(): readonly string[] {
  return hierarchies
    .map(({ mountPoint }) => join(mountPoint, "slipway", `pod${podUid}`))
    .filter((dir) => existsSync(dir));
}

async function removeAll(): Promise<void> {
  const runtime = await fixture.open();
  for (const { id } of await runtime.list()) {
    await runtime.stop(id, { graceSeconds: 0 });
    await runtime.remove(id);
  }
  await runtime.close();
}
