import { setTimeout as sleep } from "node:timers/promises";
import type { TestPlane } from "../plane.ts";
import { readStatus } from "../status.ts";
import { type LoadReport, startApiLoad } from "./api-load.ts";
import { checkEtcd } from "./etcd-consistency.ts";
import { FAULTS, type FaultName, pickFault, shuffleFaults } from "./faults.ts";
import { keepRunner } from "./keep-runner.ts";
import { COMPONENTS, listPlaneProcesses, watchForDoubles } from "./plane-processes.ts";
import { createChance } from "./random.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** The same seed gives the same faults in the same order; when they hit is up to the machine. */
  readonly seed: number;
  /** One line an event. */
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** What a soak has seen. `problems` is empty when the plane survived. */
export interface SoakReport {
  readonly seed: number;
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly runnerStarts: number;
  readonly load: LoadReport;
  /** How often it was looked for two processes of one component. */
  readonly looks: number;
  /** From the last fault until all four are ready; undefined when they never were. */
  readonly readySeconds: number | undefined;
  readonly problems: readonly string[];
}

/** Far more than a start of all four takes on a machine that is busy with other things. */
const READY_TIMEOUT_MS = 180_000;

/**
 * Does to a running plane what may happen to it, in any order, while a client writes and reads; then waits until all
 * four are ready, with no hand but that of an init system, and compares what is there with what was acknowledged.
 */
export async function runSoak(plane: TestPlane, options: SoakOptions): Promise<SoakReport> {
  const { seed, tell } = options;
  tell(`seed ${seed}, ${options.seconds} s`);
  const load = startApiLoad(plane);
  const doubles = watchForDoubles(plane.root);
  const runner = keepRunner(plane, createChance(seed + 1));
  const faults = await injectFaults(plane, options);
  tell("no more faults; waiting until all four are ready");
  const readySeconds = await waitUntilReady(plane);
  const notReady = readySeconds === undefined ? [await describeNotReady(plane)] : [];
  const loaded = notReady.length > 0 ? NOTHING_LOADED : await load.end();
  const etcdProblems = notReady.length > 0 ? [] : await checkEtcd(plane);
  await waitUntilReady(plane);
  const startProblems = await runner.close();
  const problems = [
    ...notReady,
    ...loaded.lost.map((text) => `lost write: ${text}`),
    ...etcdProblems,
    ...doubles.close().map((text) => `two processes: ${text}`),
    ...startProblems.map((text) => `the runner did not start: ${text}`),
    ...findOrphans(plane),
  ];
  return {
    seed,
    faults,
    runnerStarts: runner.starts(),
    load: loaded,
    looks: doubles.looks(),
    readySeconds,
    problems,
  };
}

const NOTHING_LOADED: LoadReport = { acknowledged: 0, unanswered: 0, lists: 0, lost: [] };

/**
 * Each kind once, those again that found nothing to befall, however long that takes; then whatever chance gives, until
 * the time is over.
 */
async function injectFaults(plane: TestPlane, options: SoakOptions): Promise<SoakReport["faults"]> {
  const chance = createChance(options.seed);
  const counts: Partial<Record<FaultName, number>> = {};
  const first = [...shuffleFaults(chance)];
  const endMs = Date.now() + options.seconds * 1000;
  while ((first.length > 0 || Date.now() < endMs) && options.signal?.aborted !== true) {
    // Now in the middle of what the last one has set going, now when all has long been well again.
    await sleep(chance.between(0, 1) < 0.3 ? chance.between(0, 300) : chance.between(300, 8_000));
    const name = first[0] ?? pickFault(chance);
    const done = await FAULTS[name].run(plane, chance);
    options.tell(`${new Date().toISOString()} ${name}${done ? "" : ": there was none"}`);
    if (!done) continue;
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === first[0]) first.shift();
  }
  return counts;
}

async function waitUntilReady(plane: TestPlane): Promise<number | undefined> {
  const startMs = Date.now();
  while (Date.now() - startMs < READY_TIMEOUT_MS) {
    const status = await readStatus(plane).catch(() => undefined);
    if (status?.healthy === true) return (Date.now() - startMs) / 1000;
    await sleep(500);
  }
  return undefined;
}

async function describeNotReady(plane: TestPlane): Promise<string> {
  const { stdout, stderr } = await plane.slipway("status");
  return `not all ready after ${READY_TIMEOUT_MS / 1000} s: ${stdout}${stderr}`;
}

/** One process a component, one shim each, one runner, and nothing else. */
function findOrphans(plane: TestPlane): readonly string[] {
  const { components, shims, runners, others } = listPlaneProcesses(plane.root);
  const wrong = COMPONENTS.filter((name) => components[name].length !== 1);
  return [
    ...wrong.map((name) => `${name} has ${components[name].length} processes`),
    ...(shims.length > COMPONENTS.length ? [`${shims.length} shims live`] : []),
    ...(runners.length === 1 ? [] : [`${runners.length} runners live`]),
    ...others.map((pid) => `process ${pid} is left`),
  ];
}
