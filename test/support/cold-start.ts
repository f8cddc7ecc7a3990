import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRunner } from "../../src/control/control-client.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { succeed, type TestPlane } from "./plane.ts";
import { COMPONENTS, type ComponentName, listPlaneProcesses, signal } from "./soak/plane-processes.ts";

/** A start of all four at once. */
export interface ColdStart {
  /** From the start of the command that starts the runner. */
  readonly seconds: number;
  /** How often each was restarted by itself: every start of the machine counts, too, as on a kubelet, and is left out. */
  readonly restarts: Readonly<Record<ComponentName, number>>;
}

/** Ends everything in order, as a machine that goes down. */
export async function stopPlane(plane: TestPlane): Promise<void> {
  succeed(await plane.slipway("runner", "stop", "--pods"));
}

/** Ends everything at once, as a machine that loses its power; /run is empty afterwards. */
export async function cutPower(plane: TestPlane): Promise<void> {
  const { root } = plane;
  const list = (): readonly number[] => {
    const { runners, shims, components, others } = listPlaneProcesses(root);
    return [...runners, ...shims, ...Object.values(components).flat(), ...others];
  };
  // A runner may have started another one at that very moment.
  for (let pids = list(); pids.length > 0; pids = list()) {
    for (const pid of pids) signal(pid, "SIGKILL");
    await sleep(10);
  }
  rmSync(plane.path("run/slipway"), { recursive: true, force: true });
}

/** Starts the runner of a plane of which nothing runs, and waits until all four are ready. `starts`: with this one. */
export async function startCold(
  plane: TestPlane,
  options: { readonly timeoutMs: number; readonly starts?: number },
): Promise<ColdStart> {
  const startMs = performance.now();
  succeed(await plane.slipway("runner", "start"));
  for (;;) {
    const seen = await readComponents(plane).catch(() => []);
    const isReady = seen.length === COMPONENTS.length && seen.every(({ ready }) => ready);
    const seconds = (performance.now() - startMs) / 1000;
    // One entry for each name.
    const restarts = Object.fromEntries(
      seen.map(({ name, count }) => [name, count - (options.starts ?? 0)]),
    ) as ColdStart["restarts"];
    if (isReady) return { seconds, restarts };
    if (seconds * 1000 > options.timeoutMs) throw new Error(`not ready in time: ${JSON.stringify(seen)}`);
    await sleep(50);
  }
}

async function readComponents(
  plane: TestPlane,
): Promise<readonly { readonly name: string; readonly ready: boolean; readonly count: number }[]> {
  const silent = (): void => undefined;
  const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });
  const socketPath = plane.path("run/slipway/control.sock");
  const pods = await (await connectRunner(system, { socketPath, root: plane.root })).pods();
  return pods.flatMap(({ pod }) =>
    (pod.status?.containerStatuses ?? []).map(({ name, ready, restartCount }) => ({
      name,
      ready,
      count: restartCount,
    })),
  );
}
