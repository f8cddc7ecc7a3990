import { join } from "node:path";
import { connectRunner } from "../../control/control-client.ts";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { listAsideIds } from "../../runtime/container-store.ts";
import { createHostRuntime } from "../../runtime/create-host-runtime.ts";
import { endSpoolKeeper } from "../../runtime/logs/spool-keeper.ts";
import { createProcesses } from "../../runtime/processes.ts";
import type { Runtime, RuntimeContainer } from "../../runtime/types.ts";
import { SILENT_LOG } from "../../system/log.ts";
import type { System } from "../../system/system.ts";
import { endDeafServer } from "../end-deaf-server.ts";
import { endProcess } from "../end-process.ts";
import type { ResetPlan } from "./build-reset-plan.ts";

/** The runner's own graceful stop may take as long as the longest grace and preStop; then reset does it itself. */
const RUNNER_STOP_TIMEOUT_MS = 60_000;

/**
 * Stops the pods gracefully and then surely, and the runner: through the runner when it answers, else by the records
 * that it left, those of interrupted starts, too. What other pods need (etcd) ends after what needs it.
 * Raises SLIPWAY_RESET_INCOMPLETE when something hangs.
 */
export async function stopEverything(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly plan: Pick<ResetPlan, "runnerPids">;
    readonly onWait: (detail: string) => void;
    /** Stop the containers of this name alone; undefined: all. */
    readonly only?: string;
  },
): Promise<void> {
  const { paths, plan, onWait, only } = options;
  if (plan.runnerPids.length > 0) await askRunner(system, { paths, onWait });
  for (const pid of plan.runnerPids) await endProcess(system, pid);
  if ((await system.fs.stat(paths.containersDir)) === undefined) return;
  // What goes on without a runner still needs it.
  if (only === undefined)
    await endSpoolKeeper(system, { ...paths, processes: await createProcesses(system) });
  const runtime = await createHostRuntime(
    // At a terminal what counts is whether reset succeeds.
    { ...system, log: SILENT_LOG },
    {
      containersDir: paths.containersDir,
      logs: { maxSizeBytes: Number.MAX_SAFE_INTEGER, maxFiles: 1 },
      locateImage: async () => undefined,
      version: "",
    },
  );
  try {
    await stopContainers(runtime, options);
  } finally {
    await runtime.close();
  }
  await checkNothingLeft(system, paths.containersDir);
}

/** What cannot be removed must stay written down, or nobody would ever know of it again. */
async function checkNothingLeft(system: System, containersDir: string): Promise<void> {
  const ids = await listAsideIds(system, containersDir);
  if (ids.length === 0) return;
  throw new SlipwayError({
    code: "SLIPWAY_RESET_INCOMPLETE",
    what: "reset has left something",
    why: `processes of ${ids.length === 1 ? "a container" : `${ids.length} containers`} hang in the kernel`,
    fix: "when they have ended, or the machine was started anew, run slipway reset again",
    details: ids.map((id) => `the cgroups of container ${id}, which ${join(containersDir, id)}.aside lists`),
  });
}

async function askRunner(
  system: System,
  { paths, onWait }: { readonly paths: ClusterPaths; readonly onWait: (detail: string) => void },
): Promise<void> {
  onWait("the runner stops its pods");
  const manifestPath = join(paths.manifestDir, "kube-apiserver.yaml");
  try {
    const manifest = (await system.fs.readTextIfExists(manifestPath)) ?? "";
    const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
    // One that still waits for its etcd does not hear the first signal.
    const work = (): Promise<void> => client.stop({ pods: true, timeoutMs: RUNNER_STOP_TIMEOUT_MS });
    await endDeafServer(system, { manifest, work });
  } catch (error) {
    onWait(`the runner did not do it (${messageOf(error)}); stopping the pods without it`);
  }
}

async function stopContainers(
  runtime: Runtime,
  { onWait, only }: { readonly onWait: (detail: string) => void; readonly only?: string },
): Promise<void> {
  const containers = (await runtime.list()).filter(
    ({ spec }) => only === undefined || spec.containerName === only,
  );
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
