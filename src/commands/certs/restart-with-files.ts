import { join } from "node:path";
import { explainContainer } from "../../apply/explain-container.ts";
import { type ControlClient, connectRunner } from "../../control/control-client.ts";
import { findComponent } from "../../control/find-component.ts";
import type { PodReport } from "../../control/protocol.ts";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../../core/constants.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { selectLoaded } from "../../plan/loaded-files.ts";
import type { System } from "../../system/system.ts";
import { describeRestart, describeWait, POLL_MS } from "../await-restart.ts";
import { isUnreachable } from "../runner/connect.ts";
import type { Ui } from "../ui.ts";

/** Components that had loaded files that are new now. */
export interface RestartedComponents {
  readonly restarted: readonly ControlPlaneComponent[];
  /** Still running with the old files, because nobody here may or can restart them. */
  readonly outdated: readonly ControlPlaneComponent[];
}

/** Source: kubeadm app/constants ControlPlaneComponentHealthCheckTimeout. */
const TIMEOUT_MS = 240_000;

/**
 * Restarts the components that read these files once, when they start: one by one in start order, each healthy before
 * the next. Raises SLIPWAY_COMPONENT_FAILED and SLIPWAY_WAIT_TIMEOUT.
 */
export async function restartWithFiles(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly files: readonly string[];
    readonly keepRunning: boolean;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<RestartedComponents> {
  const { paths, files, ui } = options;
  const affected: ControlPlaneComponent[] = [];
  for (const component of CONTROL_PLANE_COMPONENTS) {
    const manifest = await system.fs.readTextIfExists(join(paths.manifestDir, `${component}.yaml`));
    if (selectLoaded(manifest ?? "", files).length > 0) affected.push(component);
  }
  const runner = options.keepRunning ? undefined : await findRunner(system, paths);
  if (runner === undefined || affected.length === 0) return { restarted: [], outdated: affected };
  ui.note(`restarting what loads them, each when the one before is ready: ${affected.join(", ")}`);
  const reports = await runner.pods();
  ui.note(describeWait(affected.map((name) => findComponent(reports, name))));
  const progress = ui.showProgress(affected.map((name) => ({ name, short: `Restart ${name}`, steps: 1 })));
  try {
    for (const component of affected) {
      const onWait = (detail: string): void => progress.waiting(component, detail);
      await restart(system, { runner, component, onWait, signal: options.signal });
      progress.done(component, "restarted with the new files, and ready");
    }
    await progress.end(true);
  } catch (error) {
    await progress.end(false);
    throw error;
  }
  return { restarted: affected, outdated: [] };
}

async function findRunner(system: System, paths: ClusterPaths): Promise<ControlClient | undefined> {
  try {
    return await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}

async function restart(
  system: System,
  options: {
    readonly runner: ControlClient;
    readonly component: ControlPlaneComponent;
    readonly onWait: (detail: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { runner, component, onWait, signal } = options;
  const before = findComponent(await runner.pods(), component);
  if (before === undefined) return;
  const restartsBefore = statusOf(before, component)?.restartCount ?? 0;
  await runner.restart(before.pod.metadata);
  const deadlineMs = system.clock.monotonicMs() + TIMEOUT_MS;
  for (;;) {
    const report = findComponent(await runner.pods(), component);
    const status = report && statusOf(report, component);
    if (status?.ready === true && status.restartCount > restartsBefore) return;
    // What ended before is the run that was stopped here.
    const hasEnded = (status?.restartCount ?? 0) > restartsBefore && status?.state.running === undefined;
    const failure =
      report && hasEnded ? await explainContainer(system, { report, container: component }) : undefined;
    if (failure?.permanent === true)
      throw new SlipwayError({
        code: "SLIPWAY_COMPONENT_FAILED",
        what: `${component} does not run with the new certificates: ${failure.summary}`,
        why: failure.cause,
        fix: failure.fix,
        details: failure.logLines,
      });
    if (system.clock.monotonicMs() > deadlineMs) throw timeoutError(component);
    onWait(describeRestart(report, component));
    await system.clock.sleep(POLL_MS, signal);
  }
}

function statusOf(report: PodReport, component: string) {
  return report.pod.status?.containerStatuses?.find(({ name }) => name === component);
}

function timeoutError(component: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_WAIT_TIMEOUT",
    what: `${component} did not become ready with the new certificates within ${TIMEOUT_MS / 60_000} minutes`,
    why: "its probes do not pass",
    fix: `to restart what still runs with old files: slipway init; to see why: slipway logs ${component}`,
  });
}
