import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cutPower, startCold } from "../support/cold-start.ts";
import {
  type Damage,
  damageState,
  describeDamages,
  keepOldState,
  listState,
  type OldState,
  STATE_KINDS,
  type StateKind,
} from "../support/damage-state.ts";
import { processesNaming } from "../support/machine.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { COMPONENTS, listPlaneProcesses, signal, watchForDoubles } from "../support/soak/plane-processes.ts";
import { createChance } from "../support/soak/random.ts";
import { readStatus } from "../support/status.ts";

const TIMEOUT_MS = 60_000;

/** Those that a runner reads. */
const RUNNER_KINDS = STATE_KINDS.filter((kind) => kind !== "made paths");

/** What a runner says of files that cannot be read; it asks for the rest, or begins anew, without a word. */
const TOLD: Partial<Record<StateKind, string>> = {
  "container record": "record cannot be read; it is forgotten, and its pod starts it anew",
  identity: "what a container's process said of itself cannot be read; the container is ended",
};

const seed = Number(process.env["SLIPWAY_POWER_CUT_SEED"] ?? 1);
const chance = createChance(seed);
let plane: TestPlane;
let old: OldState;
beforeAll(async () => {
  process.stderr.write(`SLIPWAY_POWER_CUT_SEED=${seed}\n`);
  plane = await preparePlane();
  old = keepOldState(stateDir());
  succeed(await plane.init());
});
afterAll(async () => {
  old.close();
  await plane.destroy();
});

function stateDir(): string {
  return plane.path("var/lib/slipway");
}

/** Damages files of that kind, of which there have to be some. */
function damage(kind: StateKind): readonly Damage[] {
  const done = damageState(stateDir(), { kind, chance, old });
  expect(done, `seed ${seed}: no ${kind} was damaged`).not.toEqual([]);
  return done;
}

/** Until it is gone a thread of it may still write. */
async function killRunner(): Promise<void> {
  const pids = listPlaneProcesses(plane.root).runners;
  for (const pid of pids) signal(pid, "SIGKILL");
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(10);
}

/** Somebody has ended, that is written down, and no runner has read it. */
async function endScheduler(): Promise<void> {
  const list = (): readonly number[] => listPlaneProcesses(plane.root).components["kube-scheduler"];
  await expect.poll(list).not.toEqual([]);
  await killRunner();
  for (const pid of list()) signal(pid, "SIGKILL");
  await expect.poll(() => listState(stateDir(), "exit record")).not.toEqual([]);
}

test.each(RUNNER_KINDS)("the plane comes up after a power cut that has damaged a %s", async (kind) => {
  if (kind === "exit record") await endScheduler();
  await cutPower(plane);
  const done = damage(kind);
  const logSize = readRunnerLog().length;
  const doubles = watchForDoubles(plane.root);
  const note = `seed ${seed}: ${describeDamages(done)}`;
  await startCold(plane, { timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    throw new Error(note, { cause: error });
  });
  expect(doubles.close(), note).toEqual([]);
  expectOneEach(note);
  // Those whose status had been saved when they were not ready yet, for one.
  if (kind === "pod record" || kind === "log state")
    expect(
      done.map(({ name }) => name),
      note,
    ).toContain("old");
  const unreadable = done.filter(({ name }) => name !== "missing" && name !== "old");
  const lines = readRunnerLog().slice(logSize).split("\n");
  const told = unreadable.map(({ path }) =>
    lines.some((line) => line.includes(basename(dirname(path))) && line.includes(TOLD[kind] ?? "")),
  );
  if (TOLD[kind] !== undefined) expect(told, note).toEqual(unreadable.map(() => true));
});

test("no second process starts beside one whose runner has died and whose files are damaged", async () => {
  const doubles = watchForDoubles(plane.root);
  const notes: string[] = [];
  for (const kind of RUNNER_KINDS) {
    // A runner that has just begun may have set all of them aside.
    if (kind !== "exit record") await expect.poll(() => listState(stateDir(), kind)).not.toEqual([]);
    await (kind === "exit record" ? endScheduler() : killRunner());
    notes.push(describeDamages(damage(kind)));
    succeed(await plane.slipway("runner", "start"));
  }
  const note = `seed ${seed}: ${notes.join("; ")}`;
  await expect
    .poll(async () => (await readStatus(plane)).healthy, { timeout: TIMEOUT_MS, message: note })
    .toBe(true);
  expect(doubles.close(), note).toEqual([]);
  expectOneEach(note);
});

test.each(["missing", "zeroed"])(
  "the kubelet API is served again though its certificate was %s",
  async (how) => {
    const path = plane.path("var/lib/slipway/pki/kubelet.crt");
    const cert = readFileSync(path);
    if (how === "missing") rmSync(path);
    else writeFileSync(path, Buffer.alloc(cert.length));
    await cutPower(plane);
    await startCold(plane, { timeoutMs: TIMEOUT_MS });
    await expect.poll(() => readServed(), { timeout: TIMEOUT_MS }).toContain("CN=system:node:");
    expect(readFileSync(path).equals(cert)).toBe(false);
    succeed(await plane.slipway("status"));
  },
);

test("a container of an earlier boot whose pid is another process now is never signalled", async () => {
  await cutPower(plane);
  const identities = readdirSync(stateDir(), { recursive: true, encoding: "utf8" })
    .filter((name) => basename(name) === "identity")
    .map((name) => join(stateDir(), name));
  // The whole identity of a living process, this one, but for the boot.
  const text = `${process.pid} ${readStartTicks(process.pid)} 00000000-0000-4000-8000-000000000000\n`;
  for (const path of identities) writeFileSync(path, text);
  let signalled = false;
  const onSignal = (): void => {
    signalled = true;
  };
  for (const name of ["SIGTERM", "SIGCONT"] as const) process.on(name, onSignal);
  await startCold(plane, { timeoutMs: TIMEOUT_MS });
  for (const name of ["SIGTERM", "SIGCONT"] as const) process.off(name, onSignal);
  expect(identities.length).toBeGreaterThanOrEqual(COMPONENTS.length);
  expect(signalled).toBe(false);
});

test("a runner configuration that a power cut has emptied is told, and init writes it anew", async () => {
  await cutPower(plane);
  truncateSync(join(stateDir(), "runner.yaml"));
  const refused = await plane.slipway("runner", "start");
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain("code: SLIPWAY_CONFIG_INVALID");
  expect(refused.stderr).toContain("slipway init");
  succeed(await plane.init("--yes"));
  succeed(await plane.slipway("status"));
});

test("reset undoes everything though half of the files are damaged, and the ledger", async () => {
  for (const { pid } of processesNaming(plane.root).filter(({ args }) => args.includes("runner")))
    signal(pid, "SIGKILL");
  for (const kind of RUNNER_KINDS) damageState(stateDir(), { kind, chance, old });
  truncateSync(join(stateDir(), "runner.yaml"));
  truncateSync(join(stateDir(), "ledger.json"), 100);
  succeed(await plane.slipway("reset", "--force"));
  expect(existsSync(plane.root), `seed ${seed}`).toBe(false);
  // The runner was killed by this test, and may take a moment to be gone.
  await expect.poll(() => processesNaming(plane.root)).toEqual([]);
});

test("reset undoes everything though the notes of what was made are lost", async () => {
  succeed(await plane.init());
  rmSync(join(stateDir(), "made-paths.jsonl"));
  succeed(await plane.slipway("reset", "--force"));
  expect(existsSync(plane.root)).toBe(false);
});

/** The subject of what the kubelet API serves with, checked against the cluster's CA; else the error. */
function readServed(): Promise<string> {
  const ca = readFileSync(plane.path("etc/kubernetes/pki/ca.crt"));
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: plane.ports.kubelet, ca, servername: "" }, () => {
      resolve(socket.getPeerX509Certificate()?.subject ?? "");
      socket.destroy();
    });
    socket.on("error", (error) => resolve(error.message));
  });
}

function readRunnerLog(): string {
  return readFileSync(plane.path("var/log/slipway/runner.log"), "utf8");
}

function expectOneEach(note: string): void {
  const { components, runners, others } = listPlaneProcesses(plane.root);
  expect(
    Object.values(components).map(({ length }) => length),
    note,
  ).toEqual(COMPONENTS.map(() => 1));
  expect(runners, note).toHaveLength(1);
  expect(others, note).toEqual([]);
}

/** Source: proc(5), field 22 of stat; the command's name ends with the last parenthesis. */
function readStartTicks(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
