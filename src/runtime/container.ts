import { messageOf } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { readOomKills } from "./cgroups.ts";
import type { ContainerRecord } from "./container-record.ts";
import { type ContainerStore, type ExitRecord, LOST_EXIT } from "./container-store.ts";
import { explainFailedExec } from "./explain-failed-exec.ts";
import { hasPendingOutput, type LogPump, startLogPump } from "./logs/log-pump.ts";
import type { LogPumpOptions } from "./logs/move-output.ts";
import type { LogLimits } from "./logs/plan-rotation.ts";
import { removeSurplus } from "./logs/rotated-logs.ts";
import type { Processes, ProcessIdentity } from "./processes.ts";
import { readTerminationMessage } from "./read-termination-message.ts";
import { removeCgroup } from "./remove-cgroup.ts";
import { createStopper } from "./stop-container.ts";
import { sweepContainer } from "./sweep-container.ts";
import type { RuntimeContainer, RuntimeState, StopOptions } from "./types.ts";

/** The last of the output may take this long before the exit is told anyway; it still comes into the log. */
const DRAIN_TIMEOUT_MS = 2_000;

/** After this a container is removed with output that could not be brought into its log: the disk may be full. */
const REMOVE_DRAIN_TIMEOUT_MS = 30_000;

/** A shim writes how its container ended within milliseconds: one that has not by the second look is gone. */
const LOOKS_BEFORE_LOST = 2;

/** One container that runs or has run, watched over. */
export interface Container {
  readonly record: ContainerRecord;
  describe(): RuntimeContainer;
  /** Reads whether it has ended, and if so sees to its end. Cheap; may be called at any time. */
  checkExit(): Promise<void>;
  /**
   * Looks whether its process still lives: for when nobody is left to write down how it ended. A look that is not
   * thorough costs next to nothing, and takes whatever has its pid for it.
   */
  checkAlive(look: { readonly thorough: boolean }): Promise<void>;
  /** Resolves when nothing of it lives. */
  stop(options: StopOptions): Promise<void>;
  /** Gives the last of its output some time to come into the log. */
  drain(): Promise<void>;
  /** Stops following it; it goes on. */
  close(): Promise<void>;
}

/** What a container is watched with. */
export interface ContainerTools {
  readonly store: ContainerStore;
  readonly processes: Processes;
  readonly logs: LogLimits;
  /** Told once, when it has ended, its processes are swept and its output is in the log. */
  readonly onEnd: (container: Container) => void;
}

/** Takes over a container whose process has been started and has said who it is. */
export function watchContainer(
  system: System,
  options: ContainerTools & { readonly record: ContainerRecord; readonly identity: ProcessIdentity },
): Container {
  const { record, identity, store, processes } = options;
  const pump = startLogPump(system, buildPumpOptions(options));
  let state: RuntimeState = { kind: "running", pid: identity.pid, startedAtMs: record.startedAtMs };
  let ending: Promise<void> | undefined;
  let looksInVain = 0;
  let unwritten: ExitRecord | undefined;
  let tellEnded = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    tellEnded = resolve;
  });
  const stopper = createStopper(system, { processes, identity, ended });

  const container: Container = {
    record,
    describe: () => describeContainer(record, state),
    checkExit: async () => {
      const exit = ending === undefined ? ((await store.readExit(record.id)) ?? unwritten) : undefined;
      if (exit !== undefined) ending ??= finish(exit);
      await ending;
    },
    checkAlive: async ({ thorough }) => {
      if (ending !== undefined || (!thorough && processes.isTaken(identity.pid))) return;
      if (await processes.isAlive(identity)) return;
      looksInVain += 1;
      if (looksInVain >= LOOKS_BEFORE_LOST || identity.bootId !== processes.bootId) {
        if ((await store.readExit(record.id)) === undefined)
          unwritten = await writeLostExit(system, { store, id: record.id });
      }
      await container.checkExit();
    },
    stop: stopper.stop,
    drain: () => drainLog(system, { pump, timeoutMs: REMOVE_DRAIN_TIMEOUT_MS }),
    close: async () => {
      stopper.close();
      await pump.stop();
    },
  };
  const finish = async (exit: ExitRecord): Promise<void> => {
    stopper.close();
    const oomKilled = await sweep(system, options);
    await drainLog(system, { pump, timeoutMs: DRAIN_TIMEOUT_MS });
    state = await describeExit(system, {
      record,
      exit: { ...exit, oomKilled: oomKilled || exit.oomKilled === true },
    });
    tellEnded();
    options.onEnd(container);
  };
  return container;
}

/** Takes over a container that had ended before this runner looked: what it may have left is seen to. */
export async function adoptEnded(
  system: System,
  options: ContainerTools & { readonly record: ContainerRecord; readonly exit: ExitRecord },
): Promise<Container> {
  const { record, exit } = options;
  const oomKilled = await sweep(system, options);
  const pumpOptions = buildPumpOptions(options);
  await removeSurplus(system, { path: record.spec.logPath, limits: options.logs });
  const pump = (await hasPendingOutput(system, pumpOptions)) ? startLogPump(system, pumpOptions) : undefined;
  await drainLog(system, { pump, timeoutMs: DRAIN_TIMEOUT_MS });
  const nothing = (): Promise<void> => Promise.resolve();
  const ended = { ...exit, oomKilled: oomKilled || exit.oomKilled === true };
  const state = await describeExit(system, { record, exit: ended });
  return {
    record,
    describe: () => describeContainer(record, state),
    checkExit: nothing,
    checkAlive: nothing,
    stop: nothing,
    drain: () => drainLog(system, { pump, timeoutMs: REMOVE_DRAIN_TIMEOUT_MS }),
    close: async () => pump?.stop(),
  };
}

/** The end that nobody saw. A full disk must not keep a dead container alive, so it holds unwritten, too. */
export async function writeLostExit(
  system: Pick<System, "clock" | "log">,
  { store, id }: { readonly store: ContainerStore; readonly id: string },
): Promise<ExitRecord> {
  try {
    await store.writeLostExit(id);
  } catch (error) {
    system.log.warn("cannot write down that a container ended", { container: id, error: messageOf(error) });
  }
  return { ...LOST_EXIT, finishedAtMs: system.clock.nowMs() };
}

/** Tells whether the kernel killed any of it for want of memory. A failure to clean up must not hide the exit. */
async function sweep(
  system: System,
  options: {
    readonly record: ContainerRecord;
    readonly processes: Processes;
    readonly store: ContainerStore;
  },
): Promise<boolean> {
  const { id, cgroups = [] } = options.record;
  let oomKilled = false;
  try {
    oomKilled = (await readOomKills(system, cgroups)) > 0;
    await sweepContainer(system, {
      processes: options.processes,
      containerId: id,
      cgroupDir: cgroups[0]?.dir,
    });
    if (oomKilled) await options.store.writeOomKilled(id);
    for (const { dir } of cgroups) await removeCgroup(system, dir);
  } catch (error) {
    system.log.warn("cannot clean up after a container", { container: id, error: messageOf(error) });
  }
  return oomKilled;
}

async function drainLog(
  system: System,
  { pump, timeoutMs }: { readonly pump: LogPump | undefined; readonly timeoutMs: number },
): Promise<void> {
  if (pump === undefined) return;
  const drained = new AbortController();
  const finished = pump.finish().then(() => drained.abort());
  const timedOut = system.clock.sleep(timeoutMs, drained.signal).catch(() => undefined);
  await Promise.race([finished, timedOut]);
}

function buildPumpOptions(options: {
  readonly record: ContainerRecord;
  readonly store: ContainerStore;
  readonly logs: LogLimits;
}): LogPumpOptions {
  const { spoolDir, logStatePath } = options.store.pathsOf(options.record.id);
  return { spoolDir, statePath: logStatePath, logPath: options.record.spec.logPath, limits: options.logs };
}

/** The end with what the container said of it. Source: kuberuntime_container.go convertToKubeContainerStatus. */
async function describeExit(
  system: System,
  { record, exit }: { readonly record: ContainerRecord; readonly exit: ExitRecord },
): Promise<RuntimeState> {
  const state = toExitedState(record, exit);
  if (state.kind !== "exited") return state;
  const unexecuted = await explainFailedExec(system, { record, exit });
  if (unexecuted !== undefined) return { ...state, ...START_ERROR, message: unexecuted };
  const said = await readTerminationMessage(system, { spec: record.spec, exitCode: exit.exitCode });
  if (said === undefined) return state;
  return { ...state, message: state.message === undefined ? said : `${state.message}: ${said}` };
}

/** Source: containerd internal/cri/server container_start.go (errorStartReason, errorStartExitCode). */
const START_ERROR = { exitCode: 128, signal: undefined, reason: "StartError" } as const;

/** A container as others see it. */
export function describeContainer(record: ContainerRecord, state: RuntimeState): RuntimeContainer {
  return { id: record.id, spec: record.spec, imageId: record.imageId, state };
}

/** Source: reasons as containerd and CRI-O give them; ContainerStatusUnknown as the kubelet, kubelet_pods.go. */
export function toExitedState(record: ContainerRecord, exit: ExitRecord): RuntimeState {
  const { exitCode, lost, oomKilled = false } = exit;
  const failed = oomKilled ? "OOMKilled" : "Error";
  const ended = exitCode === 0 ? "Completed" : failed;
  return {
    kind: "exited",
    exitCode,
    // A shell tells a signal as 128 + its number; a program that exits with such a code says the same thing.
    signal: !lost && exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : undefined,
    reason: lost ? "ContainerStatusUnknown" : ended,
    message: lost ? "the container ended and nobody saw how" : undefined,
    startedAtMs: record.startedAtMs,
    finishedAtMs: Math.max(record.startedAtMs, Math.trunc(exit.finishedAtMs)),
  };
}
