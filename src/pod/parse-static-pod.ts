import { isObject } from "../core/json.ts";
import { isDnsSubdomain } from "../core/names.ts";
import { defaultWholePod } from "./api-defaults.ts";
import { findApiReferences } from "./api-references.ts";
import {
  type DecodedManifest,
  decodeManifest,
  type Finding,
  MAX_FINDINGS_NAMED,
  type Refusal,
  refuseFor,
  sortByPlace,
} from "./decode-manifest.ts";
import { decodeValue } from "./decode-value.ts";
import { findOddities } from "./find-oddities.ts";
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
  | ({
      readonly kind: "pod";
      readonly manifest: PodManifest;
      readonly warnings: readonly Finding[];
    } & Pick<DecodedManifest, "locate">)
  | Refusal;

/** What a body from a URL turned out to be. */
export type ParsedBody =
  | {
      readonly kind: "pods";
      readonly manifests: readonly PodManifest[];
      readonly warnings: readonly Finding[];
    }
  | Refusal;

/**
 * Text of a file to a defaulted, checked pod, or to the reason why it is none: SLIPWAY_KIND_REFUSED for another kind,
 * else SLIPWAY_MANIFEST_INVALID. Never throws. Source: kubelet config/common.go tryDecodeSinglePod.
 */
export function parseManifest(file: ManifestText): ParsedManifest {
  const decoded = decodeManifest(file.text, ["Pod"]);
  if (decoded.kind === "refused") return { ...decoded, message: `${file.origin}: ${decoded.message}` };
  const { value } = decoded;
  const judged = judgePod(decoded, { value, at: "", nodeName: file.nodeName });
  const findings = [...decoded.problems, ...judged.findings];
  const warnings = sortByPlace([...decoded.warnings, ...judged.warnings]);
  const [manifest] = judged.manifests;
  if (findings.length === 0 && manifest !== undefined)
    return { kind: "pod", manifest, warnings, locate: decoded.locate };
  const refusal = refusePods(file, { findings, warnings });
  const rest = findings.length > MAX_FINDINGS_NAMED ? `: slipway manifests validate ${file.origin}` : "";
  return { ...refusal, message: `${refusal.message}${rest}` };
}

/**
 * A URL's answer to its pods: one Pod, or a PodList, of which one bad pod refuses the whole. Never throws.
 * Source: kubelet config/http.go extractFromURL, common.go tryDecodePodList.
 */
export function parsePodBody(body: ManifestText): ParsedBody {
  const decoded = decodeManifest(body.text, ["Pod", "PodList"]);
  if (decoded.kind === "refused") return { ...decoded, message: `${body.origin}: ${decoded.message}` };
  const judged = selectPods(decoded, body.nodeName).map((pod) => judgePod(decoded, pod));
  const findings = [...decoded.problems, ...judged.flatMap((pod) => pod.findings)];
  const warnings = [...decoded.warnings, ...judged.flatMap((pod) => pod.warnings)];
  if (findings.length > 0) return refusePods(body, { findings, warnings });
  return { kind: "pods", manifests: judged.flatMap((pod) => pod.manifests), warnings };
}

function refusePods(
  { origin }: ManifestText,
  { findings, warnings }: Pick<Refusal, "findings" | "warnings">,
): Refusal {
  const refusal = refuseFor(findings, warnings);
  return { ...refusal, message: `${origin}: invalid pod: ${refusal.message}` };
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

/** A pod, or what keeps it from being one. */
interface JudgedPod {
  /** None where there are findings. */
  readonly manifests: readonly PodManifest[];
  readonly findings: readonly Finding[];
  readonly warnings: readonly Finding[];
}

function judgePod(manifest: DecodedManifest, pod: PodValue): JudgedPod {
  const describe = ({ path, message }: PodProblem): Finding => ({
    position: manifest.locate(`${pod.at}${path}`),
    text: `${pod.at}${path}: ${message}`,
  });
  if (!isObject(pod.value)) {
    const field = pod.at.slice(0, -1);
    const text = `${field}: it has to be ${field === "items" ? "a list of Pods" : "a Pod"}`;
    return { manifests: [], findings: [{ position: manifest.locate(field), text }], warnings: [] };
  }
  const { value, problems: wrong, unknown } = decodeValue("Pod", pod.value);
  const { status: _status, ...decoded } = defaultWholePod(value);
  // What decodeValue gives has the API's types, and every field that PodManifest is sure of is filled in.
  const complete = { apiVersion: "v1", kind: "Pod", ...decoded } as unknown as PodManifest;
  const judged = [
    ...validateFullName(textOf(complete.metadata.name), pod.nodeName),
    ...validatePod(decoded),
    ...findApiReferences(objectOf(decoded["spec"])),
  ];
  const faults = [...wrong, ...selectUnrelated(judged, wrong)];
  return {
    manifests: faults.length === 0 ? [complete] : [],
    findings: faults.map(describe),
    warnings: [...unknown, ...findOddities(complete)].map(describe),
  };
}

/** Those whose field is none of the others', lies in none and holds none: what is said of it follows from its wrong type. */
function selectUnrelated(
  problems: readonly PodProblem[],
  others: readonly PodProblem[],
): readonly PodProblem[] {
  const fields = new Set(others.map(({ path }) => path));
  const around = new Set(others.flatMap(({ path }) => listPrefixes(path)));
  return problems.filter(
    ({ path }) => !around.has(path) && !listPrefixes(path).some((prefix) => fields.has(prefix)),
  );
}

/** `a[0].b` → `a`, `a[0]`, `a[0].b` */
function listPrefixes(path: string): readonly string[] {
  return [...path.matchAll(/[.[]|$/g)].map(({ index }) => path.slice(0, index));
}

/** The pod's name is judged with the node's behind it. Source: kubelet config/common.go generatePodName. */
function validateFullName(name: string, nodeName = "node"): readonly PodProblem[] {
  if (name === "") return [problem("metadata.name", "name is needed for the pod")];
  if (isDnsSubdomain(`${name}-${nodeName.toLowerCase()}`)) return [];
  const rule = "lower-case letters, digits, dashes and dots; at most 253 with the node's name";
  return [problem("metadata.name", `${JSON.stringify(name)} is not a DNS name (${rule})`)];
}
