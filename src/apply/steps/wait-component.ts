import { findLostData, readClusterUid } from "../../api/find-lost-data.ts";
import { parseFailedChecks } from "../../api/wait-for-path.ts";
import { connectRunner } from "../../control/control-client.ts";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import { readEtcdSyncs } from "../../facts/read-etcd-syncs.ts";
import { parseKubeconfig } from "../../kubeconfig/parse-kubeconfig.ts";
import { API_ANSWERS_ID } from "../../plan/manifest-step.ts";
import { describeSlowDisk } from "../../preflight/describe-slow-disk.ts";
import type { HttpAgent, TlsOptions } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import type { ContainerFailure } from "../explain-container.ts";
import { readLedger, writeLedger } from "../ledger.ts";
import { ABSENT, type ApplyContext, type StepHandler, type StepOf } from "../step-handler.ts";
import { type FollowedComponent, followComponent, type Outstanding } from "./follow-component.ts";

/** How often health is asked: as often as the bare floor of the benchmarks does. */
const POLL_MS = 20;

/** Who answers at all answers at once. */
const ANSWER_MS = 5000;

/**
 * With an etcd that hangs the API server needs longer to say so: each of its checks waits for etcd in turn. Source:
 * kubeadm util/staticpod (timeoutSeconds of the API server's probes).
 */
const API_SERVER_ANSWER_MS = 15_000;

/** How often the runner, which has a component to start, is asked how the container does. */
const INSPECT_MS = 250;

/** A wait as long as this is told with what the component complains of and its last line. */
const SLOW_MS = 1000;

/** How often a component may fail for a reason we do not know before init gives up. */
const MAX_UNEXPLAINED_ENDS = 4;

/**
 * Waits until a component, as its manifest and the files that it loads are now, answers its health URL with 200. One
 * that runs with older files is restarted. A fault that cannot heal ends the wait at once (SLIPWAY_COMPONENT_FAILED, and
 * SLIPWAY_DATA_LOST of an API server whose etcd is not the one it knows); a slow machine gets the whole time (then
 * SLIPWAY_WAIT_TIMEOUT).
 */
export const waitComponentHandler: StepHandler<"wait-component"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const agent = system.net.createAgent({ tls: { ...(await readIdentity(system, step)), insecure: true } });
    try {
      const followed = step.runtime === "external" ? UNSEEN : await follow(system, { step, context });
      await waitUntilHealthy(system, { step, context, agent, followed });
      if (step.component === "kube-apiserver") await refuseLostData(system, { step, context });
    } finally {
      agent.close();
    }
  },
};

/**
 * What the API server serves from its memory, and cannot write, is nothing to wait for, nor is another cluster's data. That
 * is looked at before init makes its own objects, which would tell new data from another cluster's no more.
 */
async function refuseLostData(
  system: System,
  { step, context }: { readonly step: StepOf<"wait-component">; readonly context: ApplyContext },
): Promise<void> {
  const { kubeconfigPath: path } = step;
  if (path === undefined || (await system.fs.stat(path)) === undefined) return;
  const { paths, signal } = context;
  const client = await context.apiClient(path);
  const ledger = step.id === API_ANSWERS_ID ? await readLedger(system, paths) : undefined;
  const clusterUid = ledger?.clusterUid;
  const lost = await findLostData(client, { clusterUid, signal });
  if (lost !== undefined) throw new SlipwayError({ code: "SLIPWAY_DATA_LOST", ...lost });
  if (ledger === undefined || clusterUid === undefined) return;
  // New data are init's from here on, also for one that goes on when this one is killed.
  const found = await readClusterUid(client);
  if (found !== undefined && found !== clusterUid)
    await writeLedger(system, { paths, ledger: { ...ledger, clusterUid: found } });
}

/** The client certificate that the component is asked with. Raises SLIPWAY_KUBECONFIG_INVALID. */
async function readIdentity(
  system: Pick<System, "fs">,
  { kubeconfigPath: path }: StepOf<"wait-component">,
): Promise<Pick<TlsOptions, "cert" | "key">> {
  if (path === undefined || (await system.fs.stat(path)) === undefined) return {};
  const { cert, key } = parseKubeconfig({ text: await system.fs.readText(path), path });
  return { cert, key };
}

/** What another's runtime runs: only its health can be asked. */
const UNSEEN: FollowedComponent = {
  look: async () => undefined,
  findFailure: async () => undefined,
  findComplaint: async () => undefined,
  findLasting: async () => undefined,
  readLastLine: async () => undefined,
};

async function follow(
  system: System,
  { step, context }: { readonly step: StepOf<"wait-component">; readonly context: ApplyContext },
): Promise<FollowedComponent> {
  const { controlSocketPath: socketPath, root } = context.paths;
  const runner = await connectRunner(system, { socketPath, root });
  return followComponent(system, { step, runner, isNew: context.isNewCluster });
}

async function waitUntilHealthy(system: System, wait: Wait): Promise<void> {
  const { step, context, followed } = wait;
  const startMs = system.clock.monotonicMs();
  let inspectedMs = startMs;
  let last = "no answer yet";
  let outstanding: Outstanding = await followed.look();
  let asked: Promise<Health> | undefined;
  while (system.clock.monotonicMs() - startMs < step.timeoutMs) {
    asked ??= askHealth(system, wait);
    const health = await waitShortly(system, asked);
    if (health !== undefined) asked = undefined;
    if (health?.kind === "healthy" && outstanding === undefined) return;
    const isDue = system.clock.monotonicMs() - inspectedMs > INSPECT_MS;
    if (outstanding !== undefined && (health?.kind === "healthy" || isDue)) {
      outstanding = await followed.look();
      // Who has answered, or was asked, was perhaps the one before.
      if (outstanding === undefined) {
        asked = undefined;
        continue;
      }
    }
    last = outstanding ?? health?.what ?? last;
    if (isDue) {
      inspectedMs = system.clock.monotonicMs();
      const failure = await followed.findFailure();
      const slow = inspectedMs - startMs > SLOW_MS ? await describeSlow(system, { ...wait, health }) : "";
      context.onWait(step, `${step.component}: ${failure?.summary ?? last}${slow}`);
      if (failure !== undefined && (failure.permanent || failure.newEnds > MAX_UNEXPLAINED_ENDS))
        throw failedError(`${failure.component} does not run: ${failure.summary}`, failure);
      const lasting = outstanding === undefined ? await followed.findLasting() : undefined;
      if (lasting !== undefined) throw failedError(`${step.component} runs, but cannot get ready`, lasting);
    }
    await system.clock.sleep(POLL_MS, context.signal);
  }
  const failure: ContainerFailure | undefined =
    (await followed.findFailure()) ?? (await followed.findComplaint());
  throw timeoutError(step, { last, failure, lastLine: await followed.readLastLine() });
}

/** The answer, if it comes before it is time to look at the container again: one that hangs may be long in coming. */
async function waitShortly(system: System, asked: Promise<Health>): Promise<Health | undefined> {
  let cancel = (): void => undefined;
  const due = new Promise<undefined>((resolve) => {
    cancel = system.clock.after(INSPECT_MS, () => resolve(undefined));
  });
  try {
    return await Promise.race([asked, due]);
  } finally {
    cancel();
  }
}

/** What it complains of, where that is known, that etcd's disk is slow, and what it said last. */
async function describeSlow(
  system: System,
  { step, followed, health }: Wait & { readonly health: Health | undefined },
): Promise<string> {
  const [complaint, lastLine] = [await followed.findComplaint(), await followed.readLastLine()];
  // One that does not answer now would keep whoever asks it waiting.
  const isAnswering = step.component === "etcd" && health?.kind === "unready";
  const syncs = isAnswering ? await readEtcdSyncs(system, new URL(step.url)) : undefined;
  const disk = describeSlowDisk(syncs);
  const causes = [complaint?.cause, disk && `${disk.what}: ${disk.why}`].filter(
    (cause) => cause !== undefined,
  );
  const cause = causes.length === 0 ? "" : ` (${causes.join("; ")})`;
  return `${cause}${lastLine === undefined ? "" : `; its last line: ${lastLine}`}`;
}

interface Wait {
  readonly step: StepOf<"wait-component">;
  readonly context: ApplyContext;
  readonly agent: HttpAgent;
  readonly followed: FollowedComponent;
}

/** What a component says of itself. */
type Health =
  | { readonly kind: "healthy"; readonly what?: undefined }
  | { readonly kind: "unready" | "silent"; readonly what: string };

async function askHealth(system: System, { step, context, agent }: Wait): Promise<Health> {
  try {
    const response = await system.net.request({
      url: step.url,
      agent,
      timeoutMs: step.component === "kube-apiserver" ? API_SERVER_ANSWER_MS : ANSWER_MS,
      signal: context.signal,
    });
    if (response.status === 200) return { kind: "healthy" };
    const failed = describeUnready(parseFailedChecks(response.body.toString("utf8")));
    return { kind: "unready", what: failed ?? `it answered ${response.status}` };
  } catch (error) {
    context.signal.throwIfAborted();
    return { kind: "silent", what: messageOf(error) };
  }
}

function describeUnready(failedChecks: readonly string[]): string | undefined {
  return failedChecks.length === 0 ? undefined : `not ready yet: ${failedChecks.join(", ")}`;
}

function failedError(what: string, failure: ContainerFailure): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_COMPONENT_FAILED",
    what,
    why: failure.cause,
    fix: failure.fix,
    details: failure.logLines,
  });
}

function timeoutError(
  step: StepOf<"wait-component">,
  seen: {
    readonly last: string;
    readonly failure: ContainerFailure | undefined;
    readonly lastLine: string | undefined;
  },
): SlipwayError {
  const { last, failure, lastLine } = seen;
  return new SlipwayError({
    code: "SLIPWAY_WAIT_TIMEOUT",
    what: `${step.component} did not become healthy within ${Math.round(step.timeoutMs / 1000)} s`,
    why: `${step.url}: ${last}${failure === undefined ? "" : `; ${failure.summary}: ${failure.cause}`}`,
    fix: step.runtime === "external" ? KUBELETS_FIX : (failure?.fix ?? describeRetry(step)),
    details: failure?.logLines ?? (lastLine === undefined ? [] : [lastLine]),
  });
}

function describeRetry({ component }: StepOf<"wait-component">): string {
  return `run slipway init again, or slipway reset; to see why: slipway logs ${component}`;
}

const KUBELETS_FIX =
  "see why in the kubelet's log (journalctl -u kubelet) and the container's (crictl ps -a, crictl logs)";
