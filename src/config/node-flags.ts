import { isLabelValue, isQualifiedName } from "../core/names.ts";
import { quote } from "./field-rules.ts";
import type { FieldFinding } from "./findings.ts";
import type { InitDocument } from "./schema.ts";

/** A taint of a Node. */
export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** What a flag of the kubelet's says, and what is wrong with it. */
export interface ReadFlag<T> {
  readonly value: T;
  readonly problems: readonly string[];
}

/**
 * The labels of `--node-labels=a=b,c=d`. Those of Kubernetes' own domains a kubelet may only set as far as they are its.
 * Source: component-base cli/flag configuration_map.go, cmd/kubelet/app/options/options.go ValidateKubeletFlags.
 */
export function readNodeLabels(text: string): ReadFlag<Readonly<Record<string, string>>> {
  const pairs = text
    .split(",")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [key = "", ...value] = pair.split("=");
      return [key.trim(), value.join("=").trim()] as const;
    });
  const problems = pairs.flatMap(([key, value]) => {
    if (!isQualifiedName(key)) return [`${quote(key)} is not a label's key`];
    if (!isLabelValue(value)) return [`${quote(value)} is not a label's value`];
    return isKubernetesOwn(key) && !isKubeletOwn(key)
      ? [
          `a node may not give itself the label ${key}; set it with kubectl label node, or take one under ${KUBELET_DOMAINS.join(" or ")}`,
        ]
      : [];
  });
  return { value: Object.fromEntries(pairs), problems };
}

/**
 * The taints of `--register-with-taints=key=value:effect,…`.
 * Source: pkg/util/flag/flags.go RegisterWithTaintsVar, pkg/util/taints/taints.go ParseTaints.
 */
export function readTaints(text: string): ReadFlag<readonly NodeTaint[]> {
  const parts = text.split(",").filter((part) => part !== "");
  const taints = parts.map((part): NodeTaint => {
    const [, key = "", value, effect = ""] = /^([^=:]*)(?:=([^=:]*))?:([^:]*)$/.exec(part) ?? [];
    return { key, effect, ...(value === undefined ? {} : { value }) };
  });
  const names = taints.map(({ key, effect }) => `${key}:${effect}`);
  const problems = taints.flatMap(({ key, value = "", effect }, index) => {
    const isGood = isQualifiedName(key) && isLabelValue(value) && EFFECTS.includes(effect);
    if (!isGood) return [`${quote(parts[index] ?? "")} is not a taint; write it like key=value:NoSchedule`];
    return names.indexOf(names[index] ?? "") === index ? [] : [`the taint ${names[index]} is there twice`];
  });
  return { value: taints, problems };
}

/** What well-formed arguments of the kubelet say of its Node; labels add up, of the taints the last argument counts. */
export function selectNodeFlags(args: readonly { readonly name: string; readonly value: string }[]): {
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Undefined: no argument says. */
  readonly registerWithTaints: readonly NodeTaint[] | undefined;
} {
  const valuesOf = (wanted: string): readonly string[] =>
    args.filter(({ name }) => name === wanted).map(({ value }) => value);
  const taints = valuesOf("register-with-taints").at(-1);
  return {
    nodeLabels: readNodeLabels(valuesOf("node-labels").join(",")).value,
    registerWithTaints: taints === undefined ? undefined : readTaints(taints).value,
  };
}

/** What is wrong with the arguments of the kubelet that say how its Node is registered. */
export function checkNodeFlags(init: InitDocument): readonly FieldFinding[] {
  return (init.nodeRegistration?.kubeletExtraArgs ?? []).flatMap(({ name, value }, index) =>
    (NODE_FLAGS.get(name ?? "")?.(value ?? "").problems ?? []).map((message) => ({
      kind: "InitConfiguration" as const,
      path: ["nodeRegistration", "kubeletExtraArgs", index, "value"],
      message,
    })),
  );
}

/** The kubelet's flags that act on the runner, too. */
const NODE_FLAGS: ReadonlyMap<string, (text: string) => ReadFlag<unknown>> = new Map(
  Object.entries({
    "node-labels": readNodeLabels,
    "register-with-taints": readTaints,
  }),
);

/** The others of these arguments, which only a kubelet acts on. */
export function describeKubeletOnly(init: InitDocument): readonly string[] {
  const names = (init.nodeRegistration?.kubeletExtraArgs ?? [])
    .map(({ name }) => name ?? "")
    .filter((name) => !NODE_FLAGS.has(name));
  if (names.length === 0) return [];
  return [
    `nodeRegistration.kubeletExtraArgs: only a kubelet (--runtime external) acts on ${names.join(", ")}`,
  ];
}

const EFFECTS: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Source: kubelet pkg/apis/well_known_labels.go. */
const KUBELET_LABELS: readonly string[] = [
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
];
const KUBELET_DOMAINS: readonly string[] = ["kubelet.kubernetes.io", "node.kubernetes.io"];

function isKubernetesOwn(key: string): boolean {
  return ["kubernetes.io", "k8s.io"].some((domain) => isUnder(key, domain));
}

function isKubeletOwn(key: string): boolean {
  return KUBELET_LABELS.includes(key) || KUBELET_DOMAINS.some((domain) => isUnder(key, domain));
}

function isUnder(key: string, domain: string): boolean {
  const [namespace, name] = key.split("/");
  return name !== undefined && (namespace === domain || namespace?.endsWith(`.${domain}`) === true);
}
