import { parseFailedChecks } from "../../api/wait-for-path.ts";
import { connectRunner } from "../../control/control-client.ts";
import type { PodReport } from "../../control/protocol.ts";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import { defaultPod } from "../../pod/default-pod.ts";
import { parseManifest } from "../../pod/parse-static-pod.ts";
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
      await waitUntilHealthy(system, { step, context, agent });
    } finally {
      agent.close();
    }
  },
};

async function waitUntilHealthy(
  system: System,
  { step, context, agent }: Wait & { readonly agent: HttpAgent },
): Promise<void> {
  const startMs = system.clock.monotonicMs();
  const runsLatest = createLatestCheck(system, { step, context });
  let inspectedMs = startMs;
  let last = "no answer yet";
  let latest = false;
  while (system.clock.monotonicMs() - startMs < step.timeoutMs) {
    latest ||= await runsLatest();
    const answer = latest ? await askHealth(system, { step, context, agent }) : "it has not been started yet";
    if (answer === undefined) return;
    last = answer;
    if (system.clock.monotonicMs() - inspectedMs > INSPECT_MS) {
      inspectedMs = system.clock.monotonicMs();
      const failure = await inspect(system, { step, context });
      context.onWait(step, `${step.component}: ${failure?.summary ?? last}`);
      if (failure !== undefined && isHopeless(failure)) throw failedError(step, failure);
    }
    await system.clock.sleep(POLL_MS, context.signal);
  }
  throw timeoutError(step, { last, failure: await inspect(system, { step, context }) });
}

interface Wait {
  readonly step: StepOf<"wait-component">;
  readonly context: ApplyContext;
}

/** Undefined when it is healthy, else what it said. */
async function askHealth(
  system: System,
  { step, context, agent }: Wait & { readonly agent: HttpAgent },
): Promise<string | undefined> {
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
function createLatestCheck(system: System, wait: Wait): () => Promise<boolean> {
  let wanted: { readonly text: string; readonly uid: string | undefined } | undefined;
  return async () => {
    const report = await findReport(system, wait);
    if (report === undefined || report.terminating) return false;
    const text = (await system.fs.readTextIfExists(report.origin)) ?? "";
    if (wanted?.text !== text) wanted = { text, uid: computeUid(report, text) };
    if (wanted.uid === undefined) return true;
    return report.pod.metadata.uid === wanted.uid && report.pod.status?.phase === "Running";
  };
}

/** The UID that the runner gives to a manifest's pod; undefined for a manifest that it refuses. */
function computeUid({ origin, pod }: PodReport, text: string): string | undefined {
  const parsed = parseManifest({ text, origin });
  if (parsed.kind === "refused") return undefined;
  const nodeName = pod.spec.nodeName ?? "";
  return defaultPod({ manifest: parsed.manifest, nodeName, origin, source: "file", seenAt: "" }).metadata.uid;
}

async function inspect(system: System, { step, context }: Wait): Promise<ContainerFailure | undefined> {
  const report = await findReport(system, { step, context });
  return report === undefined ? undefined : explainContainer(system, { report, container: step.component });
}

async function findReport(system: System, { step, context }: Wait): Promise<PodReport | undefined> {
  const { paths } = context;
  const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
  return (await client.pods()).find((pod) => isPodOf(pod, step.component));
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
