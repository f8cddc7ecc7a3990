import { parseFailedChecks } from "../../api/wait-for-path.ts";
import { type ControlClient, connectRunner } from "../../control/control-client.ts";
import type { PodReport } from "../../control/protocol.ts";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import type { HttpAgent } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import { type ContainerFailure, explainContainer } from "../explain-container.ts";
import { ABSENT, type ApplyContext, type StepHandler, type StepOf } from "../step-handler.ts";

/** How often health is asked: as often as the bare floor of the benchmarks does. */
const POLL_MS = 20;

/** How often the runner is asked how the container does. */
const INSPECT_MS = 250;

/** How often a component may fail for a reason we do not know before init gives up. */
const MAX_UNEXPLAINED_RESTARTS = 4;

/**
 * Waits until a component, as its manifest is now, answers its health URL with 200. A fault that cannot heal ends the wait at once
 * (SLIPWAY_COMPONENT_FAILED); a slow machine gets the whole time (then SLIPWAY_WAIT_TIMEOUT).
 */
export const waitComponentHandler: StepHandler<"wait-component"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const agent = system.net.createAgent({ tls: { insecure: true } });
    try {
      const { controlSocketPath: socketPath, root } = context.paths;
      const runner = await connectRunner(system, { socketPath, root });
      await waitUntilHealthy(system, { step, context, agent, runner });
    } finally {
      agent.close();
    }
  },
};

async function waitUntilHealthy(system: System, wait: Wait): Promise<void> {
  const { step, context } = wait;
  const startMs = system.clock.monotonicMs();
  let inspectedMs = startMs;
  let last = "no answer yet";
  let latest = false;
  while (system.clock.monotonicMs() - startMs < step.timeoutMs) {
    latest ||= isLatest(await findReport(wait), step);
    const answer = latest ? await askHealth(system, wait) : "it has not been started yet";
    if (answer === undefined) return;
    last = answer;
    if (system.clock.monotonicMs() - inspectedMs > INSPECT_MS) {
      inspectedMs = system.clock.monotonicMs();
      const failure = await inspect(system, wait);
      context.onWait(step, `${step.component}: ${failure?.summary ?? last}`);
      if (failure !== undefined && isHopeless(failure)) throw failedError(step, failure);
    }
    await system.clock.sleep(POLL_MS, context.signal);
  }
  throw timeoutError(step, { last, failure: await inspect(system, wait) });
}

interface Wait {
  readonly step: StepOf<"wait-component">;
  readonly context: ApplyContext;
  readonly agent: HttpAgent;
  readonly runner: ControlClient;
}

/** Undefined when it is healthy, else what it said. */
async function askHealth(system: System, { step, context, agent }: Wait): Promise<string | undefined> {
  try {
    const response = await system.net.request({
      url: step.url,
      agent,
      timeoutMs: 5000,
      signal: context.signal,
    });
    if (response.status === 200) return undefined;
    const failed = parseFailedChecks(response.body.toString("utf8"));
    return failed.length === 0 ? `it answered ${response.status}` : `not ready yet: ${failed.join(", ")}`;
  } catch (error) {
    context.signal.throwIfAborted();
    return messageOf(error);
  }
}

/** Whether the runner has taken in what the manifest says: until then an earlier version of the pod may answer. */
function isLatest(report: PodReport | undefined, step: StepOf<"wait-component">): boolean {
  if (report === undefined || report.terminating) return false;
  return report.pod.metadata.uid === step.podUid && report.pod.status?.phase === "Running";
}

async function inspect(system: System, wait: Wait): Promise<ContainerFailure | undefined> {
  const report = await findReport(wait);
  return report === undefined
    ? undefined
    : explainContainer(system, { report, container: wait.step.component });
}

async function findReport({ step, runner }: Wait): Promise<PodReport | undefined> {
  return (await runner.pods()).find((pod) => isPodOf(pod, step.component));
}

function isPodOf(report: PodReport, component: string): boolean {
  return (
    report.pod.metadata.labels?.["component"] === component && report.pod.metadata.namespace === "kube-system"
  );
}

function isHopeless(failure: ContainerFailure): boolean {
  return failure.permanent || failure.restartCount >= MAX_UNEXPLAINED_RESTARTS;
}

function failedError(step: StepOf<"wait-component">, failure: ContainerFailure): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: `${step.component} does not run: ${failure.summary}`,
    why: failure.cause,
    fix: failure.fix,
    details: failure.logLines,
  });
}

function timeoutError(
  step: StepOf<"wait-component">,
  seen: { readonly last: string; readonly failure: ContainerFailure | undefined },
): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_WAIT_TIMEOUT",
    what: `${step.component} did not become healthy within ${Math.round(step.timeoutMs / 1000)} s`,
    why: `${step.url}: ${seen.last}${seen.failure === undefined ? "" : `; ${seen.failure.summary}`}`,
    fix: `slipway logs ${step.component}; then run slipway init again, or slipway reset`,
    details: seen.failure?.logLines ?? [],
  });
}
