import { SlipwayError } from "../core/errors.ts";
import { makeDirs } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { completeAccount } from "./account.ts";
import { adoptContainers } from "./adopt-containers.ts";
import { openAttachSession } from "./attach-session.ts";
import { type Hierarchy, observeCgroups, planCgroups } from "./cgroups.ts";
import { type Container, type ContainerTools, watchContainer } from "./container.ts";
import type { ContainerRecord } from "./container-record.ts";
import { openContainerStore } from "./container-store.ts";
import { execInContainer } from "./exec-in-container.ts";
import { openExecSession } from "./exec-session.ts";
import { createLimitCheck, type LimitCheck } from "./limit-check.ts";
import type { LogLimits } from "./logs/plan-rotation.ts";
import { removeLog } from "./logs/remove-log.ts";
import { createOomScoreCheck, type OomScoreCheck } from "./oom-score.ts";
import { createProcesses } from "./processes.ts";
import { readContainerUsages } from "./read-container-usage.ts";
import { removeContainerFiles } from "./remove-container.ts";
import { type LocateImage, resolveCommand } from "./resolve-command.ts";
import { startProcess } from "./start-container.ts";
import type { ContainerSpec, Runtime, RuntimeContainer } from "./types.ts";
import { checkSafely, watchExits } from "./watch-exits.ts";

/** What the host runtime is made from. */
export interface HostRuntimeOptions {
  /** Holds one directory a container; made when it is not there. */
  readonly containersDir: string;
  readonly logs: LogLimits;
  readonly locateImage: LocateImage;
  readonly version: string;
}

/** Everything the runtime knows, by container id, in the order in which the containers were started. */
interface Known {
  readonly tools: ContainerTools;
  readonly cgroups: readonly Hierarchy[];
  readonly containers: Map<string, Container>;
  readonly checkOomScore: OomScoreCheck;
  readonly checkLimits: LimitCheck;
}

/**
 * Runs containers as processes of this machine. Finds again what an earlier runtime over the same directory started.
 * One directory has one runtime at a time; the caller sees to that.
 */
export async function createHostRuntime(system: System, options: HostRuntimeOptions): Promise<Runtime> {
  await makeDirs(system, { path: options.containersDir, mode: 0o700 });
  const listeners = new Set<(container: RuntimeContainer) => void>();
  const tools: ContainerTools = {
    store: await openContainerStore(system, options.containersDir),
    processes: await createProcesses(system),
    logs: options.logs,
    onEnd: (container) => {
      for (const listener of listeners) listener(container.describe());
    },
  };
  const containers = new Map<string, Container>();
  const cgroups = await observeCgroups(system);
  const known: Known = {
    tools,
    containers,
    cgroups,
    checkLimits: createLimitCheck(system, cgroups),
    checkOomScore: createOomScoreCheck(system),
  };
  for (const container of await adoptContainers(system, { ...tools, hierarchies: cgroups }))
    containers.set(container.record.id, container);
  const exits = watchExits(system, { exitsDir: tools.store.exitsDir, containers });
  return {
    name: "slipway",
    version: options.version,
    list: async () => [...containers.values()].map((container) => container.describe()),
    usages: () => readUsages(system, known),
    checkImage: async (image) => {
      const resolved = await resolveCommand(system, { ...image, locateImage: options.locateImage });
      return resolved.kind === "absent" ? resolved : { kind: "present", imageId: resolved.imageId };
    },
    start: (spec) => startContainer(system, { known, spec, locateImage: options.locateImage }),
    stop: async (id, options) => containers.get(id)?.stop(options),
    remove: (id, options) => removeContainer(system, { known, id, withLog: options?.withLog === true }),
    exec: (id, command) => execInContainer(system, { ...runningContainer(known, id), ...command }),
    openExec: async (id, command) => openExecSession(system, { ...runningContainer(known, id), ...command }),
    openAttach: async (id, { input }) => {
      const running = runningContainer(known, id);
      const isRunning = (): boolean => containers.get(id)?.describe().state.kind === "running";
      return openAttachSession(system, { ...running, paths: tools.store.pathsOf(id), input, isRunning });
    },
    onExit: (listener) => void listeners.add(listener),
    close: async () => {
      exits.close();
      await Promise.all([...containers.values()].map((container) => container.close()));
    },
  };
}

async function startContainer(
  system: System,
  options: { readonly known: Known; readonly spec: ContainerSpec; readonly locateImage: LocateImage },
): Promise<RuntimeContainer> {
  const { known } = options;
  const spec = await completeAccount(system, options.spec);
  const resolved = await resolveCommand(system, { ...spec, locateImage: options.locateImage });
  if (resolved.kind === "absent") throw imageError(spec, resolved.message);
  const id = system.random.hex(32);
  const record = {
    id,
    spec,
    imageId: resolved.imageId,
    argv: [resolved.program, ...spec.command.slice(1), ...spec.args],
    trusted: resolved.isComponent,
    cgroups: planCgroups(known.cgroups, { ...spec, containerId: id }),
    startedAtMs: system.clock.nowMs(),
  };
  known.checkLimits(spec);
  const { identity, onShimExit } = await startProcess(system, { ...known.tools, record });
  const container = watchContainer(system, { ...known.tools, record, identity });
  known.containers.set(id, container);
  onShimExit(() => checkSafely(system, { container, check: () => container.checkExit() }));
  await container.checkExit();
  await known.checkOomScore({ spec, pid: identity.pid });
  return container.describe();
}

function readUsages(system: System, { containers, tools }: Known): ReturnType<Runtime["usages"]> {
  const running = [...containers.values()].filter(({ describe }) => describe().state.kind === "running");
  return readContainerUsages(system, {
    containers: running.map(({ record }) => ({ id: record.id, cgroups: record.cgroups ?? [] })),
    processes: tools.processes,
  });
}

async function removeContainer(
  system: System,
  { known, id, withLog }: { readonly known: Known; readonly id: string; readonly withLog: boolean },
): Promise<void> {
  const container = known.containers.get(id);
  if (container === undefined) return;
  if (container.describe().state.kind === "running") throw new Error(`container ${id} runs; stop it first`);
  known.containers.delete(id);
  await container.drain();
  await container.close();
  if (withLog) await removeLog(system, container.record.spec.logPath);
  await removeContainerFiles(system, { store: known.tools.store, record: container.record });
}

function runningContainer(
  known: Known,
  id: string,
): { readonly record: ContainerRecord; readonly pid: number } {
  const container = known.containers.get(id);
  const state = container?.describe().state;
  if (container !== undefined && state?.kind === "running")
    return { record: container.record, pid: state.pid };
  throw new SlipwayError({
    code: "SLIPWAY_POD_NOT_FOUND",
    what: `container ${id.slice(0, 12)} does not run`,
    why: container === undefined ? "it is not known" : "it has ended",
    fix: "slipway ps",
  });
}

function imageError(spec: ContainerSpec, why: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_IMAGE_UNAVAILABLE",
    what: `image ${spec.image} of container ${spec.containerName} cannot be run`,
    why,
    fix: "name a command that this machine has, or let a kubelet run the pod (slipway init --runtime external)",
  });
}
