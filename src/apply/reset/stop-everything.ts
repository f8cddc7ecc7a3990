import { connectRunner } from "../../control/control-client.ts";
import { messageOf } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { createHostRuntime } from "../../runtime/create-host-runtime.ts";
import type { Runtime, RuntimeContainer } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import type { ResetPlan } from "./build-reset-plan.ts";

/** The runner's own graceful stop may take as long as the longest grace and preStop; then reset does it itself. */
const RUNNER_STOP_TIMEOUT_MS = 60_000;

/** A runner that was told to end has this long; it has nothing to do but close files. */
const RUNNER_EXIT_MS = 3000;

/** Between looks at a process that is ending. */
const POLL_MS = 20;

/**
 * Stops the pods gracefully and then surely, and the runner: through the runner when it answers, else by the records
 * that it left. What other pods need (etcd) ends after what needs it.
 */
export async function stopEverything(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly plan: ResetPlan;
    readonly onWait: (detail: string) => void;
  },
): Promise<void> {
  const { paths, plan, onWait } = options;
  if (plan.runnerPids.length > 0) await askRunner(system, { paths, onWait });
  for (const pid of plan.runnerPids) await endProcess(system, pid);
  if (plan.containers.length === 0) return;
  const runtime = await createHostRuntime(system, {
    containersDir: paths.containersDir,
    logs: { maxSizeBytes: Number.MAX_SAFE_INTEGER, maxFiles: 1 },
    locateImage: async () => undefined,
    version: "",
  });
  try {
    await stopContainers(runtime, onWait);
  } finally {
    await runtime.close();
  }
}

async function askRunner(
  system: System,
  { paths, onWait }: { readonly paths: ClusterPaths; readonly onWait: (detail: string) => void },
): Promise<void> {
  onWait("the runner stops its pods");
  try {
    const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
    await client.stop({ pods: true, timeoutMs: RUNNER_STOP_TIMEOUT_MS });
  } catch (error) {
    onWait(`the runner did not do it (${messageOf(error)}); stopping the pods without it`);
  }
}

async function endProcess(system: System, pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!system.host.kill(pid, signal)) return;
    system.host.kill(pid, "SIGCONT");
    const deadlineMs = system.clock.monotonicMs() + RUNNER_EXIT_MS;
    while (system.clock.monotonicMs() < deadlineMs) {
      if (!(await isAlive(system, pid))) return;
      await system.clock.sleep(POLL_MS);
    }
  }
}

/** A zombie counts as ended. */
async function isAlive(system: System, pid: number): Promise<boolean> {
  const stat = await system.fs.readTextIfExists(`/proc/${pid}/stat`).catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

async function stopContainers(runtime: Runtime, onWait: (detail: string) => void): Promise<void> {
  const containers = await runtime.list();
  const isStore = ({ spec }: RuntimeContainer): boolean => spec.containerName === "etcd";
  for (const group of [containers.filter((container) => !isStore(container)), containers.filter(isStore)]) {
    await Promise.all(
      group.map(async ({ id, spec }) => {
        onWait(`stopping ${spec.podName}`);
        await runtime.stop(id, { graceSeconds: spec.graceSeconds });
        await runtime.remove(id);
      }),
    );
  }
}
