import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { listPids, processesNaming } from "../machine.ts";

export const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Source: runtime/shim.ts CONTAINER_ID_VARIABLE. */
const MARKER = "SLIPWAY_CONTAINER_ID=";

/** The living processes of one plane. */
export interface PlaneProcesses {
  readonly components: Readonly<Record<ComponentName, readonly number[]>>;
  readonly shims: readonly number[];
  readonly runners: readonly number[];
  /** Anything else that a container has started: a hook, a probe, or what somebody has forgotten. */
  readonly others: readonly number[];
}

/** Looks at all processes of the machine: by what they are called, and by what every process of a container has. */
export function listPlaneProcesses(root: string): PlaneProcesses {
  const naming = processesNaming(root);
  const named = naming.filter(({ args }) => args.some((arg) => arg.includes(`${root}/`)));
  const runners = naming.filter(({ args }) => args.includes("runner") && args.includes("run"));
  const shims = named.filter(({ args }) => args[3] === "slipway-shim");
  const components = Object.fromEntries(
    COMPONENTS.map((name) => [
      name,
      named.filter(({ args }) => basename(args[0] ?? "") === name).map(({ pid }) => pid),
    ]),
    // One entry for each name.
  ) as Record<ComponentName, number[]>;
  const known = [...shims, ...runners].map(({ pid }) => pid).concat(Object.values(components).flat());
  return {
    components,
    shims: shims.map(({ pid }) => pid),
    runners: runners.map(({ pid }) => pid),
    others: listMarked(root).filter((pid) => !known.includes(pid)),
  };
}

/**
 * Processes that have the marker of a container in their environment, whatever they are called: the container's
 * directory is below the root, or was when their output was opened there.
 */
function listMarked(root: string): readonly number[] {
  const containersDir = join(root, "var/lib/slipway/containers");
  return listPids().filter((pid) => {
    const entry = readOf(pid, "environ")
      .split("\0")
      .find((line) => line.startsWith(MARKER));
    if (entry === undefined) return false;
    const id = entry.slice(MARKER.length);
    return (
      existsSync(join(containersDir, id)) ||
      [1, 2].some((fd) => linkOf(pid, `fd/${fd}`).startsWith(`${containersDir}/${id}`))
    );
  });
}

/** Empty when the process is gone. */
function readOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}

function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return "";
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
