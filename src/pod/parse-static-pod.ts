import { isObject } from "../core/json.ts";
import { defaultWholePod } from "./api-defaults.ts";
import { findApiReference } from "./api-references.ts";
import {
  type DecodedManifest,
  decodeManifest,
  describeFinding,
  type Finding,
  type Refusal,
  refuse,
} from "./decode-manifest.ts";
import { decodeValue } from "./decode-value.ts";
import { objectOf } from "./loose.ts";
import { type PodProblem, problem } from "./pod-problem.ts";
import type { PodManifest } from "./types.ts";
import { validatePod } from "./validate-pod.ts";

/** What a manifest's text turned out to be. A refusal's message names the origin and is fit for a log or a terminal. */
export type ParsedManifest =
  | { readonly kind: "pod"; readonly manifest: PodManifest; readonly warnings: readonly Finding[] }
  | Refusal;

/** What a body from a URL turned out to be. */
export type ParsedBody =
  | {
      readonly kind: "pods";
      readonly manifests: readonly PodManifest[];
      readonly warnings: readonly Finding[];
    }
  | Refusal;

const MAX_PROBLEMS_SHOWN = 5;

/**
 * Text of a file to a defaulted, checked pod, or to the reason why it is none: SLIPWAY_KIND_REFUSED for another kind,
 * else SLIPWAY_MANIFEST_INVALID. Never throws. Source: kubelet config/common.go tryDecodeSinglePod.
 */
export function parseManifest(file: { readonly text: string; readonly origin: string }): ParsedManifest {
  const decoded = decodeManifest(file.text, ["Pod"]);
  const parsed = decoded.kind === "refused" ? decoded : parsePod(decoded, { value: decoded.value, at: "" });
  if (parsed.kind === "refused") return { ...parsed, message: `${file.origin}: ${parsed.message}` };
  return {
    ...parsed,
    warnings: [...(decoded.kind === "decoded" ? decoded.warnings : []), ...parsed.warnings],
  };
}

/**
 * A URL's answer to its pods: one Pod, or a PodList, of which one bad pod refuses the whole. Never throws.
 * Source: kubelet config/http.go extractFromURL, common.go tryDecodePodList.
 */
export function parsePodBody(body: { readonly text: string; readonly origin: string }): ParsedBody {
  const decoded = decodeManifest(body.text, ["Pod", "PodList"]);
  if (decoded.kind === "refused") return { ...decoded, message: `${body.origin}: ${decoded.message}` };
  const manifests: PodManifest[] = [];
  const warnings = [...decoded.warnings];
  for (const pod of selectPods(decoded)) {
    const parsed = parsePod(decoded, pod);
    if (parsed.kind === "refused") return { ...parsed, message: `${body.origin}: ${parsed.message}` };
    manifests.push(parsed.manifest);
    warnings.push(...parsed.warnings);
  }
  return { kind: "pods", manifests, warnings };
}

interface PodValue {
  readonly value: unknown;
  /** Where the pod stands in the document: `items[0].` */
  readonly at: string;
}

function selectPods({ value }: DecodedManifest): readonly PodValue[] {
  if (value["kind"] === "Pod") return [{ value, at: "" }];
  const { items } = value;
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) return [{ value: items, at: "items." }];
  return items.map((item: unknown, index) => ({ value: item, at: `items[${index}].` }));
}

function parsePod(manifest: DecodedManifest, pod: PodValue): ParsedManifest {
  const describe = ({ path, message }: PodProblem): Finding => ({
    position: manifest.locate(`${pod.at}${path}`),
    text: `${pod.at}${path}: ${message}`,
  });
  if (!isObject(pod.value))
    return refuse(`${pod.at.slice(0, -1)}: it is no Pod, but a list or a single value`);
  const { value, problems, unknown } = decodeValue("Pod", pod.value);
  if (problems.length > 0) return refuseFor(problems.map(describe));
  const { status: _status, ...decoded } = defaultWholePod(value);
  // What decodeValue gives has the API's types, and every field that PodManifest is sure of is filled in.
  const complete = { apiVersion: "v1", kind: "Pod", ...decoded } as unknown as PodManifest;
  if (complete.metadata.name === "") return refuse("invalid pod: name is needed for the pod");
  const faults = validatePod(decoded);
  if (faults.length > 0) return refuseFor(faults.map(describe));
  const reference = findApiReference(objectOf(decoded["spec"]));
  if (reference !== undefined) return refuse(`static pods may not reference ${reference}`);
  const warnings = [...unknown, ...priorityWarnings(complete)].map(describe);
  return { kind: "pod", manifest: complete, warnings };
}

function refuseFor(findings: readonly Finding[]): Refusal {
  const shown = findings.slice(0, MAX_PROBLEMS_SHOWN).map(describeFinding);
  const others = findings.length - MAX_PROBLEMS_SHOWN;
  const message = `invalid pod: ${shown.join("; ")}${others > 0 ? `; and ${others} more` : ""}`;
  return { kind: "refused", code: "SLIPWAY_MANIFEST_INVALID", message, findings };
}

/** Nobody resolves the class of a static pod. Source: kubelet config/common.go getStaticPodPriorityWarning. */
function priorityWarnings({ spec }: PodManifest): readonly PodProblem[] {
  const { priority, priorityClassName = "" } = spec;
  if (priority === undefined && priorityClassName === "") return [];
  const [path, message] =
    priority === undefined
      ? ["priorityClassName", "it has no effect without priority; nobody fills that in for a static pod"]
      : priorityClassName === ""
        ? [
            "priority",
            "without priorityClassName the mirror pod is refused unless the default class has this value",
          ]
        : [
            "priority",
            `only 2000001000 with system-node-critical keeps the API server from evicting the mirror pod`,
          ];
  const isCritical = priority === 2_000_001_000 && priorityClassName === "system-node-critical";
  return isCritical ? [] : [problem(`spec.${path}`, message)];
}
