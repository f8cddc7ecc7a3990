import { isObject } from "../core/json.ts";
import { DEFAULT_TIMEOUTS_MS } from "./defaults.ts";
import { type FieldRule, RULES } from "./field-rules.ts";
import type { DocumentKind, FieldFinding, FieldPath } from "./findings.ts";

/** Where a rule holds; `*` stands for each item of a list. */
type Pattern = readonly string[];

type Rules = readonly (readonly [Pattern, FieldRule])[];

const TIMEOUT_RULES: Rules = Object.keys(DEFAULT_TIMEOUTS_MS).map((name) => [
  ["timeouts", name],
  RULES.duration,
]);

/** The rules for the texts of an InitConfiguration. */
const INIT_RULES: Rules = [
  [["localAPIEndpoint", "advertiseAddress"], RULES.advertiseAddress],
  [["nodeRegistration", "name"], (text) => RULES.dnsSubdomain(text.trim().toLowerCase())],
  [["nodeRegistration", "taints", "*", "key"], RULES.taintKey],
  [["nodeRegistration", "taints", "*", "value"], RULES.taintValue],
  [["nodeRegistration", "taints", "*", "effect"], RULES.taintEffect],
  [["nodeRegistration", "kubeletExtraArgs", "*", "name"], RULES.argumentName],
  [["nodeRegistration", "criSocket"], RULES.criSocket],
  [["nodeRegistration", "imagePullPolicy"], RULES.imagePullPolicy],
  [["certificateKey"], RULES.certificateKey],
  ...TIMEOUT_RULES,
];

/** The rules for the texts of the documents that init does not read. */
const JOIN_RULES: Rules = [
  [["nodeRegistration", "name"], (text) => RULES.dnsSubdomain(text.trim().toLowerCase())],
  [["nodeRegistration", "criSocket"], RULES.criSocket],
  [["nodeRegistration", "imagePullPolicy"], RULES.imagePullPolicy],
  [["nodeRegistration", "kubeletExtraArgs", "*", "name"], RULES.argumentName],
  [["caCertPath"], RULES.caCertPath],
  [["discovery", "bootstrapToken", "token"], RULES.token],
  [["discovery", "tlsBootstrapToken"], RULES.token],
  [["controlPlane", "localAPIEndpoint", "advertiseAddress"], RULES.advertiseAddress],
  [["controlPlane", "certificateKey"], RULES.certificateKey],
  ...TIMEOUT_RULES,
];

const RESET_RULES: Rules = [
  [["certificatesDir"], RULES.absolutePath],
  [["criSocket"], RULES.criSocket],
  [["unmountFlags", "*"], RULES.unmountFlag],
  ...TIMEOUT_RULES,
];

const UPGRADE_RULES: Rules = [
  ...["apply", "node"].flatMap(
    (part): Rules => [
      [[part, "patches", "directory"], RULES.absolutePath],
      [[part, "imagePullPolicy"], RULES.imagePullPolicy],
    ],
  ),
  ...TIMEOUT_RULES,
];

/** The rules for the texts of a ClusterConfiguration. */
const CLUSTER_RULES: Rules = [
  [["certificatesDir"], RULES.absolutePath],
  [["etcd", "local", "dataDir"], RULES.absolutePath],
  [["networking", "dnsDomain"], RULES.dnsSubdomain],
  [["controlPlaneEndpoint"], RULES.hostPort],
  [["imageRepository"], RULES.imageRepository],
  [["etcd", "local", "imageRepository"], RULES.imageRepository],
  [["etcd", "local", "imageTag"], RULES.imageTag],
  [["dns", "imageRepository"], RULES.imageRepository],
  [["dns", "imageTag"], RULES.imageTag],
  ...["caFile", "certFile", "keyFile"].map((name): Rules[number] => [
    ["etcd", "external", name],
    RULES.absolutePath,
  ]),
  [["encryptionAlgorithm"], RULES.encryptionAlgorithm],
  [["certificateValidityPeriod"], RULES.duration],
  [["caCertificateValidityPeriod"], RULES.duration],
  [["apiServer", "certSANs", "*"], RULES.subjectAltName],
  [["etcd", "local", "serverCertSANs", "*"], RULES.subjectAltName],
  [["etcd", "local", "peerCertSANs", "*"], RULES.subjectAltName],
  ...[["apiServer"], ["controllerManager"], ["scheduler"], ["etcd", "local"]].flatMap(
    (component): Rules => [
      [[...component, "extraArgs", "*", "name"], RULES.argumentName],
      [[...component, "extraEnvs", "*", "name"], RULES.environmentName],
      [[...component, "extraVolumes", "*", "name"], RULES.dnsLabel],
      [[...component, "extraVolumes", "*", "hostPath"], RULES.absolutePath],
      [[...component, "extraVolumes", "*", "mountPath"], RULES.absolutePath],
      [[...component, "extraVolumes", "*", "pathType"], RULES.hostPathType],
    ],
  ),
];

const RULES_OF: Readonly<Record<DocumentKind, Rules>> = {
  InitConfiguration: INIT_RULES,
  ClusterConfiguration: CLUSTER_RULES,
  JoinConfiguration: JOIN_RULES,
  ResetConfiguration: RESET_RULES,
  UpgradeConfiguration: UPGRADE_RULES,
  KubeletConfiguration: [],
  KubeProxyConfiguration: [],
  SlipwayConfiguration: [[["profile"], RULES.profile]],
};

/** The fields that a list's items must have. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  extraArgs: ["name"],
  kubeletExtraArgs: ["name"],
  extraEnvs: ["name"],
  extraVolumes: ["name", "hostPath", "mountPath"],
  taints: ["key", "effect"],
};

/** What is wrong with the texts of a decoded document, each judged by itself. */
export function checkFields(document: {
  readonly kind: DocumentKind;
  readonly value: unknown;
}): readonly FieldFinding[] {
  const { kind, value } = document;
  const broken = RULES_OF[kind].flatMap(([pattern, rule]) =>
    findFields(value, pattern).flatMap((field) => {
      const message = typeof field.value === "string" && field.value !== "" ? rule(field.value) : undefined;
      return message === undefined ? [] : [{ kind, path: field.path, message }];
    }),
  );
  return [...broken, ...findMissing(value).map((path) => ({ kind, path, message: "this is needed" }))];
}

/** The fields that match a pattern, with their paths. */
function findFields(
  value: unknown,
  pattern: Pattern,
  path: FieldPath = [],
): readonly { readonly path: FieldPath; readonly value: unknown }[] {
  const [head, ...rest] = pattern;
  if (head === undefined) return [{ path, value }];
  if (head === "*") {
    const items: readonly unknown[] = Array.isArray(value) ? value : [];
    return items.flatMap((item, index) => findFields(item, rest, [...path, index]));
  }
  return isObject(value) && value[head] !== undefined ? findFields(value[head], rest, [...path, head]) : [];
}

/** The paths of needed fields that are empty or not there. */
function findMissing(value: unknown, path: FieldPath = []): readonly FieldPath[] {
  if (Array.isArray(value)) {
    const needed = REQUIRED[String(path.at(-1))] ?? [];
    return value.flatMap((item: unknown, index) =>
      needed.flatMap((name) => (isObject(item) && (item[name] ?? "") === "" ? [[...path, index, name]] : [])),
    );
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => findMissing(inner, [...path, key]));
}
