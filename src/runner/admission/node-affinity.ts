import { isObject } from "../../core/json.ts";
import type { Pod } from "../../pod/types.ts";

/** What a pod's selectors look at. */
interface NodeName {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Whether a node has the labels of a pod's nodeSelector and meets its required node affinity; preferences do not count.
 * Source: component-helpers/scheduling/corev1/nodeaffinity GetRequiredNodeAffinity, Match.
 */
export function matchesNode(pod: Pod, node: NodeName): boolean {
  const { nodeSelector = {} } = pod.spec;
  const hasLabels = Object.entries(nodeSelector).every(([key, value]) => node.labels[key] === value);
  const terms = readRequiredTerms(pod);
  return hasLabels && (terms === undefined || terms.some((term) => meetsTerm(term, node)));
}

/** The terms of which one has to be met; undefined without a required affinity. */
function readRequiredTerms(pod: Pod): readonly unknown[] | undefined {
  const affinity = read(
    pod.spec,
    "affinity",
    "nodeAffinity",
    "requiredDuringSchedulingIgnoredDuringExecution",
  );
  if (!isObject(affinity)) return undefined;
  return readList(affinity, "nodeSelectorTerms");
}

/** A term without any requirement is met by no node. */
function meetsTerm(term: unknown, node: NodeName): boolean {
  const expressions = readList(term, "matchExpressions");
  const fields = readList(term, "matchFields");
  if (expressions.length + fields.length === 0) return false;
  const nameOnly = { "metadata.name": node.name };
  return (
    expressions.every((requirement) => meets(requirement, node.labels)) &&
    fields.every((requirement) => meets(requirement, nameOnly))
  );
}

/** Source: apimachinery labels/selector.go Requirement.Matches. */
function meets(requirement: unknown, values: Readonly<Record<string, string>>): boolean {
  const key = read(requirement, "key");
  const value = typeof key === "string" && Object.hasOwn(values, key) ? values[key] : undefined;
  const wanted = readList(requirement, "values");
  const compare = (isMet: (left: number, right: number) => boolean): boolean =>
    /^-?\d+$/.test(value ?? "") && isMet(Number(value), Number(wanted[0]));
  switch (read(requirement, "operator")) {
    case "In":
      return value !== undefined && wanted.includes(value);
    case "NotIn":
      return value === undefined || !wanted.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compare((left, right) => left > right);
    case "Lt":
      return compare((left, right) => left < right);
    default:
      return false;
  }
}

function read(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function readList(value: unknown, key: string): readonly unknown[] {
  const list = read(value, key);
  return Array.isArray(list) ? list : [];
}
