import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { processesNaming, type SeenProcess } from "../machine.ts";

export const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** The living processes of one plane. */
export interface PlaneProcesses {
  readonly components: Readonly<Record<ComponentName, readonly number[]>>;
  readonly shims: readonly number[];
  readonly runners: readonly number[];
  /** Anything else that a container has started: a hook, a probe, or what somebody has forgotten. */
  readonly others: readonly number[];
}

/** Looks at all processes of the machine: by what they are called, and by the marker in their environment. */
export function listPlaneProcesses(root: string): PlaneProcesses {
  const named = processesNaming(`${root}/`);
  const runners = processesNaming(root).filter(({ args }) => args.includes("runner") && args.includes("run"));
  const isShim = ({ args }: SeenProcess): boolean => args[3] === "slipway-shim";
  const components = Object.fromEntries(
    COMPONENTS.map((name) => [
      name,
      named.filter(({ args }) => basename(args[0] ?? "") === name).map(({ pid }) => pid),
    ]),
    // One entry for each name.
  ) as Record<ComponentName, number[]>;
  const known = new Set([...Object.values(components).flat(), ...runners.map(({ pid }) => pid)]);
  return {
    components,
    shims: named.filter(isShim).map(({ pid }) => pid),
    runners: runners.map(({ pid }) => pid),
    others: named
      .filter((entry) => !known.has(entry.pid) && !isShim(entry) && isMarked(entry.pid))
      .map(({ pid }) => pid),
  };
}

function isMarked(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes("SLIPWAY_CONTAINER_ID=");
  } catch {
    return false;
  }
}

/** False when it is gone already. */
export function signal(pid: number | undefined, name: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Components of which two processes live at a time, however shortly; looks until it is closed. */
export function watchForDoubles(root: string): {
  readonly close: () => readonly string[];
  readonly looks: () => number;
} {
  const doubles: string[] = [];
  let looks = 0;
  const timer = setInterval(() => {
    const { components } = listPlaneProcesses(root);
    looks += 1;
    for (const [name, pids] of Object.entries(components)) {
      if (pids.length > 1) doubles.push(`${new Date().toISOString()} ${name}: pids ${pids.join(", ")}`);
    }
  }, LOOK_MS);
  return {
    looks: () => looks,
    close: () => {
      clearInterval(timer);
      return doubles;
    },
  };
}

/** Often enough to see a second process that runs for any time; 10 ms of CPU each. */
const LOOK_MS = 200;
