import { basename } from "node:path";
import { findStatus } from "../../apply/container-subject.ts";
import { describeRefusal } from "../../control/describe-refusal.ts";
import type { RefusedManifest } from "../../control/protocol.ts";
import { SlipwayError } from "../../core/errors.ts";
import { explainPod } from "./explain-pod.ts";
import { selectPod } from "./ps.ts";
import type { LoggedPod } from "./read-logged-pods.ts";

/**
 * As `selectPod`; of a name that a refused manifest's file has it is told why that is refused. Raises
 * SLIPWAY_POD_NOT_FOUND.
 */
export function selectLogged(
  pods: readonly LoggedPod[],
  options: { readonly wanted: string; readonly refused: readonly RefusedManifest[] },
): LoggedPod {
  const { wanted } = options;
  try {
    return selectPod(pods, wanted);
  } catch (error) {
    const refused = options.refused.find(({ origin }) => basename(origin).replace(/\.\w+$/, "") === wanted);
    if (refused === undefined) throw error;
    throw new SlipwayError({
      code: "SLIPWAY_POD_NOT_FOUND",
      what: `the pod "${wanted}" has no log, for it is not run: ${refused.origin} is refused`,
      why: describeRefusal(refused),
      fix: "mend it there; it is read again by itself",
    });
  }
}

/** Of a pod of which nothing has been started. */
export function notStartedError(report: LoggedPod): SlipwayError {
  const { cause = "none of its containers has been started yet", fix = TO_SEE } = explainPod(report) ?? {};
  return noLog(`the pod ${report.pod.metadata.name}`, { why: cause, fix });
}

const TO_SEE = "to see what it waits for: slipway ps";

/** Of a container that was not started, or that has had no run before its only one. */
export function noLogError(
  report: LoggedPod,
  { name, isOnlyRun }: { readonly name: string; readonly isOnlyRun: boolean },
): SlipwayError {
  const { metadata, status } = report.pod;
  const whose = `the container ${name} of ${metadata.name}`;
  const toSee = (container: string): string => `slipway logs ${metadata.name} -c ${container}`;
  if (isOnlyRun) {
    const fix = `to see the log of its only run: ${toSee(name)}`;
    return noLog(whose, { why: "it was started only once", fix, which: "earlier log" });
  }
  const said = findStatus({ report, container: name })?.state.waiting?.message;
  // One that goes on beside the others is ready then.
  const before = (status?.initContainerStatuses ?? []).find(
    ({ ready, state }) => !ready && state.terminated?.exitCode !== 0,
  );
  if (said !== undefined || before === undefined || before.name === name)
    return noLog(whose, { why: said ?? "it has not been started yet", fix: TO_SEE });
  const { exitCode } = before.state.terminated ?? {};
  const hasFailed = status?.phase === "Failed" && exitCode !== undefined;
  const why = hasFailed
    ? `the init container ${before.name} has ended with exit code ${exitCode}, and the pod with it`
    : `it waits for the init container ${before.name}`;
  return noLog(whose, { why, fix: `to see what that ${hasFailed ? "did" : "does"}: ${toSee(before.name)}` });
}

/** Of one that has run and cannot be started again: what is shown may be long over. */
export function tellHindrance(
  report: LoggedPod,
  { name, tell }: { readonly name: string; readonly tell: (line: string) => void },
): void {
  const { reason, message } = findStatus({ report, container: name })?.state.waiting ?? {};
  if (message === undefined || reason === "CrashLoopBackOff") return;
  tell(`this is its last run, which has ended; it cannot be started again: ${message}`);
}

function noLog(
  whose: string,
  { why, fix, which = "log" }: { readonly why: string; readonly fix: string; readonly which?: string },
): SlipwayError {
  return new SlipwayError({ code: "SLIPWAY_POD_NOT_FOUND", what: `${whose} has no ${which}`, why, fix });
}
