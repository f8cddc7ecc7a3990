import { basename, dirname } from "node:path";
import { describeRefusal } from "../control/describe-refusal.ts";
import { moveCommand, quoteShown } from "../core/quote-shell.ts";
import { errorFinding } from "./init-check.ts";
import type { PodFaultFact, RefusedFact } from "./plane-facts.ts";
import type { Finding } from "./types.ts";

/** Manifests that are not run as they are. */
export function checkRefused(refused: readonly RefusedFact[]): readonly Finding[] {
  return refused.map((fact) =>
    errorFinding("Manifest", {
      what: `${fact.origin} is refused`,
      why: describeRefusal(fact),
      fix: describeRefusalFix(fact),
    }),
  );
}

/** To take the file away would stop a pod that goes on. */
function describeRefusalFix({ origin, code, keepsLastGood, isOwn }: RefusedFact): string {
  if (code === "SLIPWAY_FILE_ACCESS" && basename(origin).includes("\uFFFD"))
    return `rename it; the bytes of its name are shown by: ls -b ${quoteShown(dirname(origin))}`;
  if (code === "SLIPWAY_FILE_ACCESS" && origin.startsWith("/"))
    return `check its owner and mode (ls -ld ${origin}); it is read again by itself`;
  if (isOwn)
    return "mend it, or run slipway init, which shows what it would change back in the file, and asks before it does";
  if (keepsLastGood || !origin.startsWith("/")) return "mend it there; it is read again by itself";
  return `mend it, or move it away: ${moveCommand(origin, ".bak")}`;
}

/** Pods that do not run as they should. */
export function checkPodFaults(faults: readonly PodFaultFact[]): readonly Finding[] {
  return faults.map(({ pod, container, summary, cause, fix, logLine }) =>
    errorFinding(`Pod-${pod}`, {
      what: `${container === undefined ? pod : `${pod}/${container}`}: ${summary}`,
      why: cause,
      fix,
      ...(logLine === undefined ? {} : { logLine }),
    }),
  );
}
