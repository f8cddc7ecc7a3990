import { describeOtherRoots } from "../../commands/runner/describe-other-roots.ts";
import type { CertificateAge } from "../../commands/view/certificate-ages.ts";
import type { ComponentState } from "../../commands/view/describe-component.ts";
import type { StatusAnswer } from "../../commands/view/status.ts";
import { describeRefusal } from "../../control/describe-refusal.ts";
import { formatElapsed } from "../../core/duration.ts";
import { describeProblem } from "../../core/errors.ts";
import { formatTable } from "../../core/table.ts";
import { wrapText } from "../../core/wrap-text.ts";
import { describeInotify } from "../../preflight/check-limits.ts";
import { colourOf } from "../terminal/colour.ts";
import { formatPods } from "./format-pods.ts";

/** Where the text behind a label begins. */
const LABEL_COLUMNS = 14;

/** A certificate that ends sooner than this is worth a line. */
const SOON_DAYS = 30;

/** What `slipway status` says to people. `columns` is the width of a terminal; undefined: no line is broken. */
export function formatStatus(
  status: StatusAnswer,
  { nowMs, columns }: { readonly nowMs: number; readonly columns?: number | undefined },
): string {
  const { green, red, bold } = colourOf(process.stdout);
  if (!status.installed && status.runner === undefined) {
    const others = describeOtherRoots(status.otherRoots);
    const hint = others === undefined ? "" : `But ${others}\n`;
    return `There is no control plane under ${status.root}. To set one up: slipway init\n${hint}`;
  }
  const { runner, pods, kubernetesVersion } = status;
  if (pods !== undefined || (runner?.cluster.mode === "standalone" && kubernetesVersion === undefined))
    return formatLoneRunner(status, { nowMs, columns });
  const head = status.healthy ? green("healthy") : red("not healthy");
  const rows = status.components.map((component) => [
    component.name,
    component.ready ? "ready" : (component.problem?.summary ?? "not ready"),
    String(component.restarts),
    component.pid === undefined ? "-" : String(component.pid),
    component.startedAt === undefined ? "-" : formatElapsed(nowMs - Date.parse(component.startedAt)),
  ]);
  const lines = [
    `${bold(`Kubernetes ${status.kubernetesVersion ?? "?"}`)} on ${status.nodeName ?? "?"}: ${head}`,
    "",
    formatTable(["COMPONENT", "STATE", "RESTARTS", "PID", "AGE"], rows),
    ...status.components.flatMap(({ name, problem }) =>
      problem === undefined || (status.runner === undefined && status.runtime === "host")
        ? []
        : [`${red(name)}: ${problem.cause}\n${logOf(problem)}  fix: ${problem.fix}\n`],
    ),
    describeCutOff(status),
    ...describeLostData(status),
    describeDisk(status),
    describeRunner(status, nowMs),
    ...status.otherRunners.map(({ what, why, fix }) => `second runner ${what}: ${why}; ${fix}`),
    describeWatch(status),
    describeNode(status),
    ...describeRefused(status),
    describeUnready(status),
    ...describeOutdated(status),
    describeCertificates(status),
    ...describeMissing(status),
  ];
  const text = `${lines.filter((line) => line !== undefined).join("\n")}\n`;
  return columns === undefined ? text : wrapText(text, { columns, indent: LABEL_COLUMNS });
}

/** A runner with pods of somebody's own, where init has not been at work. */
function formatLoneRunner(
  status: StatusAnswer,
  options: { readonly nowMs: number; readonly columns: number | undefined },
): string {
  const { pods } = status;
  return [
    `There is no control plane under ${status.root}; a runner is for pods of its own.`,
    describeRunner(status, options.nowMs),
    ...describeRefused(status),
    ...(pods === undefined ? [""] : ["", formatPods({ ...pods, refused: [] }, { ...options, told: true })]),
  ].join("\n");
}

function logOf({ logLine }: NonNullable<ComponentState["problem"]>): string {
  return logLine === undefined ? "" : `  log: ${logLine}\n`;
}

function describeUnready({ unreadyPods }: StatusAnswer): string | undefined {
  if (unreadyPods.length === 0) return undefined;
  return `other pods    ${unreadyPods.join(", ")}: not ready; to see why: slipway ps`;
}

function describeOutdated({ components }: StatusAnswer): readonly string[] {
  return components.flatMap(({ name, outdatedFile }) =>
    outdatedFile === undefined
      ? []
      : [`outdated      ${name} runs with an older ${outdatedFile}; to restart it: slipway restart ${name}`],
  );
}

function describeCutOff({ cutOff }: StatusAnswer): string | undefined {
  if (cutOff === undefined) return undefined;
  return cutOff === "reset"
    ? "reset         was cut off; to finish it: slipway reset"
    : "init          did not come to its end, or what it made was removed; to go on: slipway init";
}

function describeLostData({ lostData }: StatusAnswer): readonly string[] {
  if (lostData === undefined) return [];
  const { what, why, fix } = lostData;
  return [`${colourOf(process.stdout).red(what)}\n  why: ${why}\n  fix: ${fix}\n`];
}

function describeDisk({ slowDisk }: StatusAnswer): string | undefined {
  return slowDisk && `etcd's disk   slow: ${slowDisk.why}; ${slowDisk.fix}`;
}

function describeRunner(status: StatusAnswer, nowMs: number): string {
  const { runner, runnerProblem, runtime, kubeletPid } = status;
  if (runtime === "external")
    return `kubelet       ${kubeletPid === undefined ? "none runs: systemctl start kubelet" : `pid ${kubeletPid} runs the pods`}`;
  if (runner === undefined && status.cutOff !== undefined) return "runner        not running";
  if (runner === undefined)
    return `runner        ${runnerProblem === undefined ? "not running: slipway runner start" : describeProblem(runnerProblem)}`;
  return `runner        pid ${runner.pid}, up ${formatElapsed(nowMs - Date.parse(runner.startedAt))}, ${runner.manifestPath ?? runner.manifestUrl ?? ""}`;
}

function describeWatch({ runner }: StatusAnswer): string | undefined {
  if (runner?.inotifyProblem === undefined) return undefined;
  const { what, why, fix } = describeInotify(runner.inotifyProblem);
  return `manifests     ${what}: ${why}; ${fix}`;
}

function describeNode({ runner, nodeName }: StatusAnswer): string | undefined {
  if (runner === undefined || runner.cluster.mode === "standalone") return undefined;
  const { nodeRegistered, lastError } = runner.cluster;
  const state = nodeRegistered ? "registered" : "not known to be registered";
  return `node          ${nodeName ?? runner.nodeName} ${state}${lastError === undefined ? "" : `: ${lastError}`}`;
}

function describeRefused({ runner }: StatusAnswer): readonly string[] {
  return (runner?.refused ?? []).map(
    (refused) => `refused       ${refused.origin}: ${describeRefusal(refused)}`,
  );
}

function describeCertificates({ certificates, ledgerProblem }: StatusAnswer): string | undefined {
  if (ledgerProblem !== undefined) return `certificates  unknown: ${describeProblem(ledgerProblem)}`;
  const [first] = certificates;
  if (first === undefined) return undefined;
  const lines = certificates.flatMap((age) => {
    const trouble = describeTrouble(age);
    return trouble === undefined ? [] : [`\n              ${age.path}: ${trouble}`];
  });
  const notYet = certificates.some(({ notYetValid }) => notYetValid) ? ", some are not valid yet" : "";
  const ends = first.daysLeft < 0 ? "some have ended" : `the first ends in ${first.daysLeft} days`;
  const next = `${ends}${notYet}`;
  return `certificates  ${certificates.length}, ${next}${lines.join("")}`;
}

function describeMissing({ missingFiles, cutOff }: StatusAnswer): readonly string[] {
  if (missingFiles.length === 0 || cutOff !== undefined) return [];
  return [
    ...missingFiles.map((path) => `missing       ${path}`),
    "              to see what to do: slipway doctor",
  ];
}

function describeTrouble({ notBefore, notYetValid, daysLeft }: CertificateAge): string | undefined {
  if (notYetValid) return `not valid before ${notBefore.slice(0, 19)}Z; is the clock right? (date -u)`;
  if (daysLeft < 0) return `ended ${-daysLeft} days ago`;
  return daysLeft < SOON_DAYS ? `${daysLeft} days left` : undefined;
}
