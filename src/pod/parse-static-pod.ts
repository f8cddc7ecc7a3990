import { isObject } from "../core/json.ts";
import { isDnsSubdomain } from "../core/names.ts";
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
import { objectOf, textOf } from "./loose.ts";
import { type PodProblem, problem } from "./pod-problem.ts";
import type { PodManifest } from "./types.ts";
import { validatePod } from "./validate-pod.ts";

/** A text and where it is from: a file's path or a URL. */
export interface ManifestText {
  readonly text: string;
  readonly origin: string;
  /** The node, whose name becomes a part of the pod's. Undefined: the pod's own name is judged alone. */
  readonly nodeName?: string | undefined;
}

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
export function parseManifest(file: ManifestText): ParsedManifest {
  const decoded = decodeManifest(file.text, ["Pod"]);
  const parsed =
    decoded.kind === "refused"
      ? decoded
      : parsePod(decoded, { value: decoded.value, at: "", nodeName: file.nodeName });
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
export function parsePodBody(body: ManifestText): ParsedBody {
  const decoded = decodeManifest(body.text, ["Pod", "PodList"]);
  if (decoded.kind === "refused") return { ...decoded, message: `${body.origin}: ${decoded.message}` };
  const manifests: PodManifest[] = [];
  const warnings = [...decoded.warnings];
  for (const pod of selectPods(decoded, body.nodeName)) {
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
  readonly nodeName: string | undefined;
}

function selectPods({ value }: DecodedManifest, nodeName: string | undefined): readonly PodValue[] {
  if (value["kind"] === "Pod") return [{ value, at: "", nodeName }];
  const { items } = value;
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) return [{ value: undefined, at: "items.", nodeName }];
  return items.map((item: unknown, index) => ({ value: item, at: `items[${index}].`, nodeName }));
}

function parsePod(manifest: DecodedManifest, pod: PodValue): ParsedManifest {
  const describe = ({ path, message }: PodProblem): Finding => ({
    position: manifest.locate(`${pod.at}${path}`),
    text: `${pod.at}${path}: ${message}`,
  });
  if (!isObject(pod.value)) return refuse(`${pod.at.slice(0, -1)}: it has to be a list of Pods`);
  const { value, problems, unknown } = decodeValue("Pod", pod.value);
  if (problems.length > 0) return refuseFor(problems.map(describe));
  const { status: _status, ...decoded } = defaultWholePod(value);
  // What decodeValue gives has the API's types, and every field that PodManifest is sure of is filled in.
  const complete = { apiVersion: "v1", kind: "Pod", ...decoded } as unknown as PodManifest;
  const name = textOf(complete.metadata.name);
  if (name === "") return refuseFor([describe(problem("metadata.name", "name is needed for the pod"))]);
  const faults = [...validatePod(decoded), ...validateFullName(name, pod.nodeName)];
  if (faults.length > 0) return refuseFor(faults.map(describe));
  const reference = findApiReference(objectOf(decoded["spec"]));
  if (reference !== undefined) return refuse(`static pods may not reference ${reference}`);
  const warnings = [...unknown, ...priorityWarnings(complete)].map(describe);
  return { kind: "pod", manifest: complete, warnings };
}

/** The pod's name is judged with the node's behind it. Source: kubelet config/common.go generatePodName. */
function validateFullName(name: string, nodeName = "node"): readonly PodProblem[] {
  if (isDnsSubdomain(`${name}-${nodeName.toLowerCase()}`)) return [];
  const rule = "lower-case letters, digits, dashes and dots; at most 253 with the node's name";
  return [problem("metadata.name", `${JSON.stringify(name)} is not a DNS name (${rule})`)];
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
