import { redactSecrets } from "../../core/redact.ts";
import { colourOf } from "./colour.ts";
import { completeOwnHints } from "./complete-hints.ts";
import { fitTerminal } from "./fit-terminal.ts";
import { forPeople } from "./for-people.ts";

/** What is told beside the answer. */
export type Notice =
  | { readonly kind: "Note" | "Warning" | "Interrupted"; readonly message: string }
  | { readonly kind: "Progress"; readonly phase: string; readonly message: string };

/**
 * Tells on stderr what belongs beside the answer: a person in lines that fit the terminal, a program (`-o json`) in
 * one JSON object a line. Secrets are hidden.
 */
export function tell(notice: Notice, options: { readonly json: boolean }): void {
  process.stderr.write(formatTold(notice, options));
}

/** What `tell` writes. */
export function formatTold(notice: Notice, { json }: { readonly json: boolean }): string {
  if (json) return formatJsonLine(notice);
  return `${fitTerminal(forPeople(formatNotice(notice), process.stderr), process.stderr)}\n`;
}

/** One object of Slipway's on stderr. */
export function writeJsonLine(value: JsonObject): void {
  process.stderr.write(formatJsonLine(value));
}

type JsonObject = Readonly<Record<string, unknown>> & { readonly kind: string };

function formatJsonLine(value: JsonObject): string {
  const complete = (_name: string, inner: unknown) =>
    typeof inner === "string" ? completeOwnHints(inner) : inner;
  return `${redactSecrets(JSON.stringify({ apiVersion: "slipway.dev/v1", ...value }, complete))}\n`;
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
