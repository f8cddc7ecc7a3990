import { parseQuantity } from "../../src/pod/quantity.ts";

interface Verdict {
  readonly pods: readonly unknown[];
  readonly messages: readonly string[];
}

interface Difference {
  readonly text: string;
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

/** Every way in which our pods may differ from the kubelet's, and why. */
const ALLOWED: readonly { readonly why: string; readonly applies: (difference: Difference) => boolean }[] = [
  {
    why: "the kubelet reads apiVersion and kind in any letter case, but no other field: a slip that is told",
    applies: ({ text, ours }) => hasOddCase(text) && ours.pods.length === 0,
  },
  {
    why: "1.0 in JSON is a whole number here: JavaScript's reader does not tell it from 1",
    applies: ({ text, theirs }) =>
      text.trimStart().startsWith("{") && /\d\.0\b/.test(text) && theirs.pods.length === 0,
  },
  {
    why: "a second %YAML directive means nothing and does no harm",
    applies: ({ text }) => text.split("%YAML").length > 2,
  },
  {
    why: "the containers' sums are not compared with the pod's own resources",
    applies: ({ theirs }) => theirs.messages.some((line) => line.includes("aggregate container")),
  },
  {
    why: "affinity, topology spread and network volumes have their types checked, not their values: no one reads them here",
    applies: ({ theirs }) =>
      theirs.messages.some((line) =>
        /spec\.(affinity|topologySpreadConstraints|volumes\[\d+\]\.(nfs|gitRepo|iscsi|fc))/.test(line),
      ),
  },
  {
    why: "a metadata.uid is letters, digits and dashes here, for it is a part of paths",
    applies: ({ ours }) => ours.messages.some((line) => line.includes("metadata.uid")),
  },
];

/** The reasons, one for each entry of the table. */
export const ALLOWED_REASONS: readonly string[] = ALLOWED.map(({ why }) => why);

function hasOddCase(text: string): boolean {
  const keys = [...text.matchAll(/^(apiversion|kind)\b/gim)].map(([key]) => key);
  return keys.some((key) => key !== "apiVersion" && key !== "kind");
}

/** Why a difference is allowed; undefined when it is not. */
export function findAllowedDifference(difference: Difference): string | undefined {
  return ALLOWED.find(({ applies }) => applies(difference))?.why;
}

/**
 * A pod for comparison: without the UID, which is a hash of another kind, without the time it was seen and without
 * status; quantities as numbers, keys in order, and absent what is empty.
 */
export function normalizePod(pod: Readonly<Record<string, unknown>>): unknown {
  const { status: _status, ...rest } = pod;
  return normalize({ ...rest, apiVersion: "v1", kind: "Pod" }, []);
}

const LEFT_OUT = ["uid", "kubernetes.io/config.hash", "kubernetes.io/config.seen"];
const QUANTITIES = ["limits", "requests", "overhead"];

function normalize(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => normalize(item, path));
  if (typeof value !== "object" || value === null) {
    const isQuantity =
      QUANTITIES.includes(path.at(-2) ?? "") || ["sizeLimit", "divisor"].includes(path.at(-1) ?? "");
    return isQuantity ? parseQuantity(String(value)) : value;
  }
  const entries = Object.entries(value)
    .filter(([key]) => !LEFT_OUT.includes(key))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, inner]) => [key, normalize(inner, [...path, key])] as const);
  return Object.fromEntries(entries);
}
