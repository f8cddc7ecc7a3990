import { findApiReference } from "./api-references.ts";
import { decodeManifest, type Refusal, refuse } from "./decode-manifest.ts";
import { defaultManifest } from "./default-manifest.ts";
import { checkPodShape } from "./pod-schema.ts";
import type { PodManifest } from "./types.ts";
import { validatePod } from "./validate-pod.ts";

/** What a manifest's text turned out to be. A refusal's message names the origin and is fit for a log or a terminal. */
export type ParsedManifest =
  | { readonly kind: "pod"; readonly manifest: PodManifest; readonly warnings: readonly string[] }
  | Refusal;

const MAX_PROBLEMS_SHOWN = 5;

/**
 * Text of a file or an HTTP body to a defaulted, checked pod, or to the reason why it is none:
 * SLIPWAY_KIND_REFUSED for another kind, else SLIPWAY_MANIFEST_INVALID. Never throws.
 * Source: kubelet config/common.go tryDecodeSinglePod.
 */
export function parseManifest(file: { readonly text: string; readonly origin: string }): ParsedManifest {
  const parsed = parseText(file.text);
  if (parsed.kind === "pod") return parsed;
  return { ...parsed, message: `${file.origin}: ${parsed.message}` };
}

function parseText(text: string): ParsedManifest {
  const decoded = decodeManifest(text);
  if (decoded.kind === "refused") return decoded;
  const shape = checkPodShape(decoded.value);
  if (shape.kind === "wrong") return refuse(describeProblems(shape.problems));
  if (shape.pod.metadata.name === "") return refuse("invalid pod: name is needed for the pod");
  const manifest = defaultManifest(shape.pod);
  const problems = validatePod(manifest);
  if (problems.length > 0) return refuse(describeProblems(problems));
  const reference = findApiReference(shape.pod.spec);
  if (reference !== undefined) return refuse(`static pods may not reference ${reference}`);
  return { kind: "pod", manifest, warnings: [...decoded.warnings, ...priorityWarnings(manifest)] };
}

function describeProblems(problems: readonly string[]): string {
  const shown = problems.slice(0, MAX_PROBLEMS_SHOWN).join("; ");
  const others = problems.length - MAX_PROBLEMS_SHOWN;
  return `invalid pod: ${shown}${others > 0 ? `; and ${others} more` : ""}`;
}

/** Nobody resolves the class of a static pod. Source: kubelet config/common.go getStaticPodPriorityWarning. */
function priorityWarnings(manifest: PodManifest): readonly string[] {
  const { priority, priorityClassName } = manifest.spec;
  if (priorityClassName !== undefined && priorityClassName !== "" && priority === undefined) {
    return [`priorityClassName ${priorityClassName} has no effect without priority, which no one fills in`];
  }
  return [];
}
