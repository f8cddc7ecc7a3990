import { redactSecrets } from "../../core/redact.ts";
import { colourOf } from "./colour.ts";
import { completeOwnHints } from "./complete-hints.ts";
import { fitTerminal } from "./fit-terminal.ts";

/** What is told beside the answer. */
export type Notice =
  | { readonly kind: "Note" | "Warning" | "Interrupted"; readonly message: string }
  | { readonly kind: "Progress"; readonly phase: string; readonly message: string };

/**
 * Tells on stderr what belongs beside the answer: a person in lines that fit the terminal, a program (`-o json`) in
 * one JSON object a line. Secrets are hidden.
 */
export function tell(notice: Notice, { json }: { readonly json: boolean }): void {
  if (json) writeJsonLine(notice);
  else
    process.stderr.write(
      `${fitTerminal(completeOwnHints(redactSecrets(formatNotice(notice))), process.stderr)}\n`,
    );
}

/** One object of Slipway's on stderr. */
export function writeJsonLine(value: Readonly<Record<string, unknown>> & { readonly kind: string }): void {
  const line = JSON.stringify({ apiVersion: "slipway.dev/v1", ...value });
  process.stderr.write(`${completeOwnHints(redactSecrets(line))}\n`);
}

/** What stands in brackets before a phase's lines: its name, but as kubeadm has it for add-ons. */
export function formatPhasePrefix(phase: string): string {
  return phase === "addon" ? "addons" : phase;
}

function formatNotice(notice: Notice): string {
  if (notice.kind === "Progress") return `[${formatPhasePrefix(notice.phase)}] ${notice.message}`;
  if (notice.kind === "Note") return notice.message;
  const label = notice.kind === "Warning" ? colourOf(process.stderr).yellow("warning:") : "interrupted:";
  return `${label} ${notice.message}`;
}
