import { blameEdit } from "../../apply/blame-edit.ts";
import { explainUnready } from "../../apply/explain-unready.ts";
import { type Ledger, readLedger } from "../../apply/ledger.ts";
import type { PodReport, RefusedManifest } from "../../control/protocol.ts";
import { type Problem, SlipwayError, toProblem, whenOurs } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { shortNameOf } from "../../pod/default-pod.ts";
import type { ContainerStatus } from "../../pod/types.ts";
import { wasToldToEnd } from "../../preflight/explain-failure.ts";
import type { PodFaultFact } from "../../preflight/plane-facts.ts";
import type { System } from "../../system/system.ts";
import { awaitRestart } from "../await-restart.ts";
import { connect } from "../runner/connect.ts";
import type { Ui } from "../ui.ts";
import { explainPod } from "./explain-pod.ts";
import type { LoggedPod } from "./read-logged-pods.ts";
import { readKnownPods } from "./read-pods.ts";

/** What `slipway ps` prints. */
export interface PsAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "PodReportList";
  readonly items: readonly PodReport[];
  /** Why pods and containers do not run or are not ready. */
  readonly failures: readonly PodFaultFact[];
  readonly refused: readonly RefusedManifest[];
  /** Why no runner answers: then the pods are what its records show. */
  readonly runnerProblem: Problem | undefined;
}

/** The pods of the runner on a root, or those that its records show. Raises SLIPWAY_RUNNER_UNREACHABLE without any. */
export async function runPs(system: System, options: { readonly root: string }): Promise<PsAnswer> {
  const { info, pods: found, problem } = await readKnownPods(system, options);
  const pods = found.toSorted(byName);
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const ledger = await readLedger(system, paths).catch(whenOurs);
  const seen = { ledger, reports: pods, probed: info !== undefined };
  return {
    apiVersion: "slipway.dev/v1",
    kind: "PodReportList",
    items: pods,
    failures: [
      ...pods.flatMap((report) => explainPod(report) ?? []),
      ...(await Promise.all(pods.map((report) => findFailures(system, { report, ...seen })))).flat(),
    ],
    refused: info?.refused ?? [],
    runnerProblem: problem && toProblem(problem),
  };
}

/** Whether a pod was ended as a whole: it was out of time, or refused. */
function isEnded({ pod: { status } }: PodReport): boolean {
  return status?.phase === "Failed" && status.reason !== undefined;
}

/** As kubectl lists them; those of one name in their order. */
function byName({ pod: left }: PodReport, { pod: right }: PodReport): number {
  const [one, other] = [left, right].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return (one ?? "") < (other ?? "") ? -1 : Number(one !== other);
}

/**
 * What is being stopped fails no more. One that has ended well is no failure, nor is anything of a pod that has, whose
 * sidecars were told to end, or that was ended as a whole, which is told of the pod; nor is one that runs, or was told to
 * end, where no runner is.
 */
async function findFailures(
  system: System,
  options: {
    readonly report: PodReport;
    readonly ledger: Ledger | undefined;
    readonly reports: readonly PodReport[];
    readonly probed: boolean;
  },
): Promise<readonly PodFaultFact[]> {
  const { report, ledger, reports, probed } = options;
  const { phase, initContainerStatuses = [], containerStatuses = [] } = report.pod.status ?? {};
  if (report.terminating || phase === "Succeeded" || isEnded(report)) return [];
  const isStopped = ({ state }: ContainerStatus): boolean =>
    state.running !== undefined || wasToldToEnd(state.terminated ?? {});
  const doubtful = [...initContainerStatuses, ...containerStatuses].filter(
    (status) => status.state.terminated?.exitCode !== 0 && (probed || !isStopped(status)),
  );
  const found = await Promise.all(
    doubtful.map(async ({ name }) => {
      const failure = await explainUnready(system, { report, container: name, reports });
      if (failure === undefined) return [];
      const { summary, cause, fix, logLines } = await blameEdit(system, {
        failure,
        ledger,
        path: report.origin,
      });
      const logLine = logLines[0] === cause ? undefined : logLines[0];
      return [{ pod: report.pod.metadata.name, container: name, summary, cause, fix, logLine }];
    }),
  );
  return found.flat();
}

/**
 * Restarts a pod, named as `ps` shows it or without its node suffix, and waits until it runs anew, and is ready if it
 * was; tells in a sentence what has become of it. One that has been refused is only asked again. Raises
 * SLIPWAY_CONTAINER_START for one that does not come so far.
 */
export async function runRestart(
  system: System,
  options: { readonly root: string; readonly pod: string; readonly ui: Ui; readonly signal: AbortSignal },
): Promise<string> {
  const runner = await connect(system, options);
  const before = selectPod(await runner.pods(), options.pod);
  const { namespace, name } = before.pod.metadata;
  const fullName = `${namespace}/${name}`;
  if ((await runner.restart({ namespace, name })) === "restarted") {
    const outcome = await awaitRestart(system, { ...options, runner, before });
    if (outcome === "restarted") return `${fullName} restarted`;
    throw await describeNotBack(system, { root: options.root, name, fullName, outcome });
  }
  const { status } = selectPod(await runner.pods(), fullName).pod;
  const why = status?.phase === "Running" || status?.message === undefined ? "it starts" : status.message;
  return `${fullName} did not run; asked again: ${why}`;
}

const NOT_BACK = {
  down: { what: "does not run again yet", why: "it has not been started yet" },
  unready: { what: "was restarted, but is not ready", why: "its probes have not said why" },
} as const;

/** With why its first container that fails does so. */
async function describeNotBack(
  system: System,
  options: {
    readonly root: string;
    readonly name: string;
    readonly fullName: string;
    readonly outcome: keyof typeof NOT_BACK;
  },
): Promise<SlipwayError> {
  const { root, name, fullName, outcome } = options;
  const failure = (await runPs(system, { root })).failures.find(({ pod }) => pod === name);
  const { what, why } = NOT_BACK[outcome];
  return new SlipwayError({
    code: "SLIPWAY_CONTAINER_START",
    what: `${fullName} ${what}`,
    why: failure === undefined ? why : `${failure.summary}: ${failure.cause}`,
    fix: failure?.fix ?? "to see how it goes on: slipway ps",
  });
}

/**
 * The pod that a person means: `namespace/name` or `name`, with or without the node's name behind it.
 * Raises SLIPWAY_POD_NOT_FOUND, listing the pods there are.
 */
export function selectPod<T extends Pick<LoggedPod, "pod">>(reports: readonly T[], wanted: string): T {
  const matches = reports.filter(({ pod }) =>
    [pod.metadata.name, shortNameOf(pod)].some(
      (name) => wanted === name || wanted === `${pod.metadata.namespace}/${name}`,
    ),
  );
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  const names = (matches.length > 1 ? matches : reports).map(
    ({ pod }) => `${pod.metadata.namespace}/${pod.metadata.name}`,
  );
  throw new SlipwayError({
    code: "SLIPWAY_POD_NOT_FOUND",
    what: `cannot find the pod "${wanted}"`,
    why: matches.length > 1 ? "several pods have that name" : "there is no pod of that name",
    fix: names.length === 0 ? "to see what runs: slipway ps" : `name one of: ${names.join(", ")}`,
  });
}
