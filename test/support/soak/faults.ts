import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { TestPlane } from "../plane.ts";
import { COMPONENTS, listPlaneProcesses, type PlaneProcesses, signal } from "./plane-processes.ts";
import type { Chance } from "./random.ts";

/**
 * Something that goes wrong; resolves when it is over, which need not mean that all is well again. False: there was
 * nothing that it could befall.
 */
export type Fault = (plane: TestPlane, chance: Chance) => Promise<boolean>;

/** How often each comes, and what it does. Nothing here mends anything but what a person at the keyboard had broken. */
export const FAULTS = {
  "kill a component": {
    weight: 8,
    run: killOne((found, chance) => found.components[chance.pick(COMPONENTS)]),
  },
  "kill the runner": { weight: 8, run: killOne(({ runners }) => runners) },
  "kill a shim": { weight: 4, run: killOne(({ shims }) => shims) },
  "kill a component and the runner": { weight: 3, run: killSome((all) => [all.runners[0], oneOf(all)]) },
  "kill a shim and its component": { weight: 2, run: killShimAndComponent },
  "kill everything at once": { weight: 2, run: killSome(everything) },
  "suspend a component": {
    weight: 4,
    run: suspend((found, chance) => found.components[chance.pick(COMPONENTS)]),
  },
  "suspend the runner": { weight: 2, run: suspend(({ runners }) => runners) },
  "edit a manifest": { weight: 4, run: editManifest },
  "write a manifest in two halves": { weight: 2, run: tearManifest },
  "take a manifest away for a moment": { weight: 2, run: moveManifest },
  "delete the control socket": { weight: 1, run: deleteSocket },
  "restart a pod": { weight: 1, run: restartPod },
} as const satisfies Readonly<Record<string, { readonly weight: number; readonly run: Fault }>>;

export type FaultName = keyof typeof FAULTS;

/** Each of them once. */
export function shuffleFaults(chance: Chance): readonly FaultName[] {
  return chance.shuffle(Object.keys(FAULTS) as FaultName[]);
}

/** One of the faults, the frequent ones more often. */
export function pickFault(chance: Chance): FaultName {
  const names = Object.keys(FAULTS) as FaultName[];
  const bag = names.flatMap((name) => Array.from({ length: FAULTS[name].weight }, () => name));
  return chance.pick(bag as [FaultName, ...FaultName[]]);
}

type Select = (found: PlaneProcesses, chance: Chance) => readonly number[];

function killOne(select: Select): Fault {
  return async (plane, chance) => {
    const [first, ...rest] = select(listPlaneProcesses(plane.root), chance);
    return first !== undefined && signal(chance.pick([first, ...rest]), "SIGKILL");
  };
}

function killSome(select: (found: PlaneProcesses) => readonly (number | undefined)[]): Fault {
  return async (plane) => {
    return killAll(select(listPlaneProcesses(plane.root)));
  };
}

/** All of these, or none when one of them is not there. */
function killAll(pids: readonly (number | undefined)[]): boolean {
  if (pids.includes(undefined)) return false;
  for (const pid of pids) signal(pid, "SIGKILL");
  return true;
}

function oneOf({ components }: PlaneProcesses): number | undefined {
  return Object.values(components).flat()[0];
}

function everything({ components, runners, shims, others }: PlaneProcesses): readonly (number | undefined)[] {
  return [runners[0], ...shims, ...Object.values(components).flat(), ...others];
}

/** The shim first, so that nobody is left to write down how the component ended. */
async function killShimAndComponent(plane: TestPlane, chance: Chance): Promise<boolean> {
  const [first, ...rest] = listPlaneProcesses(plane.root).shims;
  if (first === undefined) return false;
  const shim = chance.pick([first, ...rest]);
  const children = readFileSync(`/proc/${shim}/task/${shim}/children`, "utf8").split(" ").map(Number);
  const [component, ...others] = children.filter((pid) => pid > 0);
  return killAll([shim, component, ...others]);
}

function suspend(select: Select): Fault {
  return async (plane, chance) => {
    const [pid] = select(listPlaneProcesses(plane.root), chance);
    if (!signal(pid, "SIGSTOP")) return false;
    await sleep(chance.between(300, 5_000));
    signal(pid, "SIGCONT");
    return true;
  };
}

/** A change that every kubelet acts on. */
async function editManifest(plane: TestPlane, chance: Chance): Promise<boolean> {
  const path = manifestPath(plane, chance);
  writeFileSync(`${path}.new~`, edited(path, chance));
  renameSync(`${path}.new~`, path);
  return true;
}

/** As an editor that writes in place does, and a slow disk. */
async function tearManifest(plane: TestPlane, chance: Chance): Promise<boolean> {
  const path = manifestPath(plane, chance);
  const text = edited(path, chance);
  const cut = Math.floor(text.length * chance.between(0, 1));
  writeFileSync(path, text.slice(0, cut));
  await sleep(chance.between(0, 2_000));
  writeFileSync(path, text);
  return true;
}

async function moveManifest(plane: TestPlane, chance: Chance): Promise<boolean> {
  const path = manifestPath(plane, chance);
  const away = `${plane.dir}/moved.yaml`;
  renameSync(path, away);
  await sleep(chance.between(0, 6_000));
  renameSync(away, path);
  return true;
}

async function deleteSocket(plane: TestPlane): Promise<boolean> {
  const path = plane.path("run/slipway/control.sock");
  const isThere = existsSync(path);
  rmSync(path, { force: true });
  return isThere;
}

async function restartPod(plane: TestPlane, chance: Chance): Promise<boolean> {
  const { exitCode } = await plane.slipway("restart", chance.pick(COMPONENTS));
  return exitCode === 0;
}

function manifestPath(plane: TestPlane, chance: Chance): string {
  return plane.path(`etc/kubernetes/manifests/${chance.pick(COMPONENTS)}.yaml`);
}

function edited(path: string, chance: Chance): string {
  const pod = parse(readFileSync(path, "utf8")) as { metadata: { annotations?: Record<string, string> } };
  const annotations = { ...pod.metadata.annotations, soak: String(Math.floor(chance.between(0, 1e9))) };
  return stringify({ ...pod, metadata: { ...pod.metadata, annotations } });
}
