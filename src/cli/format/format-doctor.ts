import type { DiagnosisAnswer } from "../../commands/doctor/doctor.ts";
import { describeOtherRoots } from "../../commands/runner/describe-other-roots.ts";
import { wrapText } from "../../core/wrap-text.ts";
import type { Finding } from "../../preflight/types.ts";
import { colourOf } from "../terminal/colour.ts";

/** Where the text of a finding begins. */
const INDENT = 9;

/** What `slipway doctor` says to people. `columns` is the width of a terminal; undefined: no line is broken. */
export function formatDoctor(
  answer: DiagnosisAnswer,
  { columns }: { readonly columns?: number | undefined } = {},
): string {
  const { red, yellow, dim } = colourOf(process.stdout);
  const broken = (line: string, indent = INDENT): string =>
    columns === undefined ? line : wrapText(line, { columns, indent });
  const describe = ({ severity, what, why, fix, logLine, name }: Finding): string => {
    const lines = [
      `${severity.padEnd(INDENT)}${what} [${name}]`,
      `${"    why:".padEnd(INDENT)}${why}`,
      ...(logLine === undefined ? [] : [`${"    log:".padEnd(INDENT)}${logLine}`]),
      `${"    fix:".padEnd(INDENT)}${fix}`,
    ].map((line) => broken(line));
    const paint = severity === "error" ? red : yellow;
    return lines
      .join("\n")
      .replace(severity, paint(severity))
      .replace(/^ {4}(why|log|fix):/gm, (label) => dim(label));
  };
  const unknown = answer.unknown.map(({ fact, reason }) =>
    broken(`${"unknown".padEnd(INDENT)}${fact}: ${reason}`),
  );
  return [...answer.findings.map(describe), ...unknown, broken(summarize(answer), 0)]
    .map((part) => `${part}\n`)
    .join(answer.findings.length > 0 ? "\n" : "");
}

function summarize(answer: DiagnosisAnswer): string {
  const count = (severity: Finding["severity"]): string => {
    const found = answer.findings.filter((finding) => finding.severity === severity).length;
    return `${found === 0 ? "no" : found} ${severity}${found === 1 ? "" : "s"}`;
  };
  const counts = `${count("error")}, ${count("warning")}`;
  if (answer.installed) {
    const { kubernetesVersion = "?", nodeName = "?", root } = answer;
    return `Kubernetes ${kubernetesVersion} on ${nodeName} under ${root}: ${counts}.`;
  }
  if (answer.standalone)
    return `No control plane under ${answer.root}; its runner runs pods of its own: ${counts}.`;
  const verdict = answer.healthy ? "slipway init can go on" : "slipway init would not begin";
  const others = describeOtherRoots(answer.otherRoots);
  const hint = others === undefined ? "" : `\nBut ${others.replaceAll("slipway status", "slipway doctor")}`;
  return `No control plane under ${answer.root} yet: ${counts}. ${verdict}.${hint}`;
}
