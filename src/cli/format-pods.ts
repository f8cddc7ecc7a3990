import type { EventsAnswer, PsAnswer } from "../commands/ps.ts";
import type { PodReport } from "../control/protocol.ts";
import { formatElapsed } from "../core/duration.ts";
import { formatTable } from "../core/table.ts";

/** What `slipway ps` says to people: the pods as kubectl lists them, then what keeps some of them from running. */
export function formatPods(answer: PsAnswer, nowMs: number): string {
  const table =
    answer.items.length === 0
      ? "The runner runs no pods.\n"
      : formatTable(
          ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "PID"],
          answer.items.map((report) => describePod(report, nowMs)),
        );
  const notes = [
    ...(answer.runnerProblem === undefined
      ? []
      : [`no runner answers, this is what its records show: ${answer.runnerProblem}`]),
    ...answer.items.flatMap(describeTrouble),
    ...answer.refused.map(
      ({ origin, message, keepsLastGood }) =>
        `${origin} is not run: ${message}${keepsLastGood ? " (its last good version goes on)" : ""}`,
    ),
  ];
  return `${table}${notes.map((line) => `${line}\n`).join("")}`;
}

function describePod(report: PodReport, nowMs: number): readonly string[] {
  const { metadata, status } = report.pod;
  const statuses = status?.containerStatuses ?? [];
  const ready = statuses.filter((container) => container.ready).length;
  const restarts = statuses.reduce((sum, container) => sum + container.restartCount, 0);
  const pids = report.containers.flatMap(({ pid }) => (pid === undefined ? [] : [String(pid)]));
  return [
    metadata.namespace,
    metadata.name,
    `${ready}/${report.pod.spec.containers.length}`,
    describePhase(report),
    String(restarts),
    status?.startTime === undefined ? "-" : formatElapsed(nowMs - Date.parse(status.startTime)),
    pids.join(",") || "-",
  ];
}

/** As kubectl shows it: what a container waits for or ended with, before the phase. */
function describePhase({ pod, terminating }: PodReport): string {
  if (terminating) return "Terminating";
  const states = (pod.status?.containerStatuses ?? []).map(({ state }) => state);
  const waiting = states.find((state) => state.waiting?.reason !== undefined)?.waiting?.reason;
  const ended = states.find((state) => state.terminated?.reason !== undefined)?.terminated?.reason;
  return pod.status?.reason ?? waiting ?? ended ?? pod.status?.phase ?? "Pending";
}

function describeTrouble({ pod, containers, mirrorProblem }: PodReport): readonly string[] {
  const { containerStatuses = [], initContainerStatuses = [], message } = pod.status ?? {};
  const whole = message === undefined ? [] : [`${pod.metadata.name}: ${message}`];
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ name, state }) =>
    state.waiting?.message === undefined ? [] : [`${pod.metadata.name}/${name}: ${state.waiting.message}`],
  );
  const probes = containers.flatMap(({ name, lastProbeFailure }) =>
    lastProbeFailure === undefined ? [] : [`${pod.metadata.name}/${name}: ${lastProbeFailure}`],
  );
  const mirror =
    mirrorProblem === undefined ? [] : [`${pod.metadata.name} has no mirror pod: ${mirrorProblem}`];
  return [...whole, ...waiting, ...probes, ...mirror];
}

/** What `slipway events` says to people. */
export function formatEvents(answer: EventsAnswer): string {
  if (answer.items.length === 0) return "Nothing has happened yet.\n";
  return formatTable(
    ["TIME", "TYPE", "REASON", "POD", "MESSAGE"],
    answer.items.map(({ at, type, reason, pod, container, message, count }) => [
      at,
      type,
      reason,
      [pod ?? "-", ...(container === undefined ? [] : [container])].join("/"),
      count > 1 ? `${message} (${count} times)` : message,
    ]),
  );
}
