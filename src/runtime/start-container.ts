import type { ChildProcess } from "node:child_process";
import { constants } from "node:fs";
import { dirname, join } from "node:path";
import { messageIn, messageOf, SlipwayError } from "../core/errors.ts";
import { makeDirs } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { makeCgroup } from "./cgroups.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { ContainerPaths, ContainerStore } from "./container-store.ts";
import { makeInput, withInput } from "./input.ts";
import { needsNamespace } from "./isolation.ts";
import { logLinkPath } from "./logs/log-link-path.ts";
import { openSpoolForWriting } from "./logs/spool.ts";
import { planMounts } from "./plan-mounts.ts";
import type { Processes, ProcessIdentity } from "./processes.ts";
import { abandonStart } from "./remove-container.ts";
import { buildSetpriv } from "./set-privileges.ts";
import { buildShimCommand, type ShimIsolation } from "./shim.ts";
import type { ContainerSpec } from "./types.ts";

/** What a start works with. */
export interface StartTools {
  readonly store: ContainerStore;
  readonly processes: Processes;
  readonly record: ContainerRecord;
}

/** How long the shim may take from being started to the container's process saying who it is. */
const START_TIMEOUT_MS = 10_000;

/** A container's process that has been started. */
export interface StartedProcess {
  readonly identity: ProcessIdentity;
  /** Calls back when the shim has ended: then the exit is written down, if it ever will be. */
  readonly onShimExit: (callback: () => void) => void;
}

/**
 * Makes a container's directory, cgroup and log link, then starts its shim. Resolves when the process has said who
 * it is. When it fails nothing is left. Raises SLIPWAY_CONTAINER_START.
 */
export async function startProcess(system: System, options: StartTools): Promise<StartedProcess> {
  const { store, record } = options;
  await checkWorkingDir(system, record);
  try {
    await store.create(record);
    await makeSurroundings(system, record);
    const shim = await spawnShim(system, options);
    const identity = await waitForIdentity(system, { ...options, shim });
    return { identity, onShimExit: (callback) => void shim.once("exit", callback) };
  } catch (error) {
    await cleanUp(system, options);
    if (error instanceof SlipwayError) throw error;
    throw startError(record.spec, {
      why: messageIn(error, dirname(store.pathsOf(record.id).dir)),
      cause: error,
    });
  }
}

/** What keeps it from that is often what made the start fail, which is told. */
async function cleanUp(system: System, options: StartTools): Promise<void> {
  try {
    await abandonStart(system, options);
  } catch (error) {
    system.log.warn(
      "cannot clean up after a start that failed; it is tried again when the runner starts anew",
      {
        container: options.record.id,
        error: messageOf(error),
      },
    );
  }
}

/** Resolves with the identity that the container's process writes. Raises SLIPWAY_CONTAINER_START. */
async function waitForIdentity(
  system: System,
  options: { readonly store: ContainerStore; readonly record: ContainerRecord; readonly shim: ChildProcess },
): Promise<ProcessIdentity> {
  const { store, record, shim } = options;
  const deadlineMs = system.clock.monotonicMs() + START_TIMEOUT_MS;
  for (let pauseMs = 1; system.clock.monotonicMs() < deadlineMs; pauseMs = Math.min(pauseMs * 2, 100)) {
    // Asked first: what a shim has written before it ended is there then.
    const shimEnded = shim.exitCode !== null || shim.signalCode !== null;
    const exit = await store.readExit(record.id);
    const identity = await store.readIdentity(record.id);
    // Half a text is one that is being written.
    if (identity !== undefined && identity !== "damaged") return identity;
    if (exit !== undefined) throw startError(record.spec, { why: await explainExit(options) });
    if (shimEnded) {
      // What kept the shim from writing down how it ended may keep us from it, too, and is told then.
      await store.writeLostExit(record.id);
      throw startError(record.spec, { why: describeLostShim(shim) });
    }
    await system.clock.sleep(pauseMs);
  }
  throw startError(record.spec, { why: `its process did not appear within ${START_TIMEOUT_MS / 1000} s` });
}

/** What programs said that were to isolate it; else what an unisolated one needs before it runs. */
async function explainExit({
  store,
  record,
}: {
  readonly store: ContainerStore;
  readonly record: ContainerRecord;
}): Promise<string> {
  const lines = (await store.readProblem(record.id)).split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 0) return lines.join("; ");
  return `its working directory ${workingDirOf(record.spec)} or ${store.pathsOf(record.id).dir} cannot be used`;
}

function describeLostShim({ exitCode, signalCode }: ChildProcess): string {
  if (signalCode !== null) return `the shell that was to start it was killed (${signalCode})`;
  return `the shell that was to start it ended with exit code ${exitCode} and could not write that down: its disk took no writes for a moment, or no process could be made`;
}

async function spawnShim(
  system: System,
  { store, record }: { readonly store: ContainerStore; readonly record: ContainerRecord },
): ReturnType<System["exec"]["spawnDetached"]> {
  const { spec } = record;
  const paths = store.pathsOf(record.id);
  const isolation = await planIsolation(system, { record, paths });
  const cgroupProcsPaths = (record.cgroups ?? []).map(({ dir }) => join(dir, "cgroup.procs"));
  await makeInput(system, { spec, paths });
  const spool = await openSpoolForWriting(system, paths.spoolDir);
  try {
    await giveOutput(spool, spec);
    const shim = buildShimCommand({
      containerId: record.id,
      argv: record.argv,
      env: spec.env,
      workingDir: workingDirOf(spec),
      exitPath: paths.exitPath,
      identityPath: paths.identityPath,
      problemPath: paths.problemPath,
      cgroupProcsPaths,
      oomScoreAdjust: spec.oomScoreAdjust,
      isolation,
      terminal: spec.terminal === true,
    });
    const fds = { stdoutFd: spool.stdout.fd, stderrFd: spool.stderr.fd };
    return await system.exec.spawnDetached({
      ...withInput(shim, { spec, paths, cgroupProcsPaths }),
      ...fds,
      cwd: "/",
    });
  } finally {
    await spool.stdout.close();
    await spool.stderr.close();
  }
}

/** The mounts are planned right before they are made: what is on the machine decides how. */
async function planIsolation(
  system: System,
  { record, paths }: { readonly record: ContainerRecord; readonly paths: ContainerPaths },
): Promise<ShimIsolation> {
  const { stageDir, mountPlanPath } = paths;
  const { mounts = [], security } = record.spec;
  const setpriv = buildSetpriv(security);
  if (!needsNamespace(record.spec, { trusted: record.trusted === true })) return { setpriv };
  await system.fs.makeDir(stageDir, { mode: 0o700 });
  const readOnlyRoot = security?.readOnlyRoot === true;
  const words = await planMounts(system, { mounts, readOnlyRoot, stageDir });
  await system.fs.writeAtomic(mountPlanPath, { data: `${words.join("\n")}\n`, mode: 0o600, durable: false });
  const sharesMounts = mounts.some(({ propagation }) => propagation === "bidirectional");
  return { setpriv, mountPlanPath, sharesMounts };
}

/** An image's working directory is usually `/`, and a program of this machine has no image. */
export function workingDirOf(spec: ContainerSpec): string {
  return spec.workingDir ?? "/";
}

/** In a namespace it may be where this machine has nothing: then the shim tells. */
async function checkWorkingDir(system: System, { spec, trusted }: ContainerRecord): Promise<void> {
  const dir = workingDirOf(spec);
  if (needsNamespace(spec, { trusted: trusted === true })) return;
  const usable =
    (await system.fs.stat(dir))?.kind === "directory" && (await system.fs.access(dir, constants.X_OK));
  if (!usable) {
    throw startError(spec, { why: `its working directory ${dir} is not there or cannot be entered` });
  }
}

/**
 * A container that opens /dev/stdout anew does so as its own user. Source: runc libcontainer init_linux.go
 * fixStdioPermissions.
 */
async function giveOutput(
  spool: Awaited<ReturnType<typeof openSpoolForWriting>>,
  { security }: ContainerSpec,
): Promise<void> {
  if (security?.user === undefined) return;
  for (const handle of [spool.stdout, spool.stderr]) await handle.chown(security.user, security.group ?? 0);
}

/** All at once, for these take as long as the start itself; the first failure is told when all are done. */
async function makeSurroundings(system: System, record: ContainerRecord): Promise<void> {
  const { resources } = record.spec;
  const made = await Promise.allSettled([
    linkLog(system, record),
    ...(record.cgroups ?? []).map((cgroup) => makeCgroup(system, { cgroup, resources })),
  ]);
  const failed = made.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function linkLog(system: System, record: ContainerRecord): Promise<void> {
  const path = logLinkPath(record);
  await makeDirs(system, { path: dirname(path), mode: 0o755 });
  await system.fs.makeLink(path, { target: record.spec.logPath });
}

function startError(
  spec: ContainerSpec,
  failure: { readonly why: string; readonly cause?: unknown },
): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_CONTAINER_START",
    what: `cannot start container ${spec.containerName} of pod ${spec.podNamespace}/${spec.podName}`,
    why: failure.why,
    fix: "mend the cause; the runner tries again on its own",
    cause: failure.cause,
  });
}
