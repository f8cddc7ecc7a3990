import { connectRunner } from "../../control/control-client.ts";
import { findComponent } from "../../control/find-component.ts";
import type { PodReport } from "../../control/protocol.ts";
import type { ControlPlaneComponent } from "../../core/constants.ts";
import { SlipwayError } from "../../core/errors.ts";
import { isReady } from "../container-subject.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** How often the runner is asked; its probes look ten times a second. */
const POLL_MS = 20;

/**
 * Waits until the runner's own probes call every component ready, so that `status`, `ps` and the mirrors say so, too,
 * when init has ended. Raises SLIPWAY_WAIT_TIMEOUT with what the probes say.
 */
export const waitReadyHandler: StepHandler<"wait-ready"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const { controlSocketPath: socketPath, root } = context.paths;
    const deadlineMs = system.clock.monotonicMs() + step.timeoutMs;
    const client = await connectRunner(system, { socketPath, root });
    for (;;) {
      const problems = findUnready(await client.pods(), step.components);
      if (problems.length === 0) return;
      if (system.clock.monotonicMs() > deadlineMs) throw timeoutError(step.timeoutMs, problems);
      context.onWait(step, problems.join("; "));
      await system.clock.sleep(POLL_MS, context.signal);
    }
  },
};

function findUnready(
  reports: readonly PodReport[],
  components: readonly ControlPlaneComponent[],
): readonly string[] {
  return components.flatMap((name) => {
    const report = findComponent(reports, name);
    if (report === undefined) return [`${name}: the runner has no such pod`];
    if (isReady(report)) return [];
    const failure = report.containers.find((container) => container.name === name)?.lastProbeFailure;
    return [`${name}: ${failure ?? "it has not been probed yet"}`];
  });
}

function timeoutError(timeoutMs: number, problems: readonly string[]): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_WAIT_TIMEOUT",
    what: `the control plane answers, but its probes did not pass within ${Math.round(timeoutMs / 1000)} s`,
    why: problems.join("; "),
    fix: "run slipway init again, or slipway reset; to see more: slipway status",
  });
}
