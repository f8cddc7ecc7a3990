import type { EventsAnswer } from "../../commands/view/events.ts";
import type { PsAnswer } from "../../commands/view/ps.ts";
import { describeRefusal } from "../../control/describe-refusal.ts";
import type { PodReport } from "../../control/protocol.ts";
import { formatElapsed } from "../../core/duration.ts";
import { describeProblem } from "../../core/errors.ts";
import { formatNarrowTable, formatTable } from "../../core/table.ts";
import { wrapText } from "../../core/wrap-text.ts";
import { shortNameOf } from "../../pod/default-pod.ts";
import type { Pod } from "../../pod/types.ts";
import type { PodFaultFact } from "../../preflight/plane-facts.ts";
import { summarizePod } from "./summarize-pod.ts";

/**
 * What `slipway ps` says to people: the pods as kubectl lists them, then what keeps some of them from running.
 * `columns` is the width of a terminal; undefined: nothing is left out or broken.
 */
export function formatPods(
  answer: PsAnswer,
  options: {
    readonly nowMs: number;
    readonly columns?: number | undefined;
    /** It has been said that no runner answers. */
    readonly told?: true;
  },
): string {
  const { nowMs, columns, told } = options;
  const table =
    answer.items.length === 0 ? "The runner runs no pods.\n" : fitTable(answer, { nowMs, columns });
  const notes = [
    ...(answer.runnerProblem === undefined || told === true
      ? []
      : [`no runner answers, this is what its records show: ${describeProblem(answer.runnerProblem)}`]),
    ...answer.items.flatMap((report) => describeTrouble(report, answer.failures)),
    ...answer.failures.flatMap(describeFailure),
    ...answer.refused.map((refused) => `${refused.origin} is refused: ${describeRefusal(refused)}`),
  ];
  const broken = (line: string): string =>
    columns === undefined ? line : wrapText(line, { columns, indent: 4 });
  return `${table}${notes.map((line) => `${broken(line)}\n`).join("")}`;
}

const HEADINGS = ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "PID"];

/**
 * A terminal that is too narrow does without what says nothing: a namespace that all pods share, then the node's name
 * behind all of theirs, without which every command takes them, too.
 */
function fitTable(
  { items, runnerProblem }: PsAnswer,
  {
    nowMs,
    columns = Number.POSITIVE_INFINITY,
  }: { readonly nowMs: number; readonly columns?: number | undefined },
): string {
  const probed = runnerProblem === undefined;
  const describe = (nameOf: (pod: Pod) => string): readonly (readonly string[])[] =>
    items.map((report) => describePod(report, { name: nameOf(report.pod), nowMs, probed }));
  const rows = describe(({ metadata }) => metadata.name);
  const first = new Set(rows.map(([namespace]) => namespace)).size > 1 ? 0 : 1;
  const cut = (table: readonly (readonly string[])[]): string =>
    formatTable(
      HEADINGS.slice(first),
      table.map((row) => row.slice(first)),
    );
  const fits = (table: string): boolean => table.split("\n").every((line) => line.length <= columns);
  return [formatTable(HEADINGS, rows), cut(rows)].find(fits) ?? cut(describe(shortNameOf));
}

/** Without a runner nobody probes, so nobody knows what is ready. */
function describePod(
  report: PodReport,
  { name, nowMs, probed }: { readonly name: string; readonly nowMs: number; readonly probed: boolean },
): readonly string[] {
  const { metadata, status } = report.pod;
  const { ready, total, restarts, status: shown } = summarizePod(report.pod);
  const pids = report.containers.flatMap(({ pid }) => (pid === undefined ? [] : [String(pid)]));
  return [
    metadata.namespace,
    name,
    probed ? `${ready}/${total}` : "-",
    report.terminating ? "Terminating" : shown,
    String(restarts),
    status?.startTime === undefined ? "-" : formatElapsed(nowMs - Date.parse(status.startTime)),
    pids.join(",") || "-",
  ];
}

/** What is said with its mend below, as a failure, is not said here. */
function describeTrouble(
  { pod, containers, mirrorProblem }: PodReport,
  failures: readonly PodFaultFact[],
): readonly string[] {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const isTold = (name: string): boolean =>
    failures.some((failure) => failure.pod === pod.metadata.name && failure.container === name);
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ name, state }) =>
    state.waiting?.message === undefined || isTold(name)
      ? []
      : [`${pod.metadata.name}/${name}: ${state.waiting.message}`],
  );
  const probes = containers.flatMap(({ name, lastProbeFailure }) =>
    lastProbeFailure === undefined || isTold(name)
      ? []
      : [`${pod.metadata.name}/${name}: ${lastProbeFailure}`],
  );
  const mirror =
    mirrorProblem === undefined ? [] : [`${pod.metadata.name} has no mirror pod: ${mirrorProblem}`];
  return [...waiting, ...probes, ...mirror];
}

function describeFailure({ pod, container, summary, cause, fix, logLine }: PodFaultFact): readonly string[] {
  return [
    `${container === undefined ? pod : `${pod}/${container}`}: ${summary}: ${cause}`,
    ...(logLine === undefined ? [] : [`    log: ${logLine}`]),
    `    fix: ${fix}`,
  ];
}

/** What `slipway events` says to people; on a terminal of `columns` messages that are too long stand below. */
export function formatEvents(
  answer: EventsAnswer,
  { columns }: { readonly columns?: number | undefined } = {},
): string {
  if (answer.items.length === 0) return "Nothing has happened yet.\n";
  const headings = ["TIME", "TYPE", "REASON", "POD", "MESSAGE"];
  const rows = answer.items.map(({ at, type, reason, pod, container, message, count }) => [
    at,
    type,
    reason,
    describeSubject({ pod, container, short: columns !== undefined }),
    count > 1 ? `${message} (${count} times)` : message,
  ]);
  return columns === undefined ? formatTable(headings, rows) : formatNarrowTable(headings, { rows, columns });
}

/** In short a pod that is named after its container says it all. */
function describeSubject(subject: {
  readonly pod: string | undefined;
  readonly container: string | undefined;
  readonly short: boolean;
}): string {
  const { pod, container } = subject;
  if (pod === undefined || container === undefined) return pod ?? "-";
  return subject.short && pod.startsWith(`${container}-`) ? pod : `${pod}/${container}`;
}
