import { parseDurationMs } from "../core/duration.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import type { FieldFinding, FieldPath } from "./findings.ts";
import type { ClusterDocument, InitDocument } from "./schema.ts";

/** The token that `kubeadm config print init-defaults` shows as an example. Source: kubeadm apis/bootstraptoken. */
const EXAMPLE_TOKEN = "abcdef.0123456789abcdef";

/** A field with no effect here, and whether it asks for more than what happens without it. */
type Unsupported = readonly [path: FieldPath, asked: boolean, message?: string];

const NOT_YET = "not yet supported; remove it";

/** A finding for each field of kubeadm's that is set to something Slipway does not do. */
export function findUnsupported(documents: {
  readonly init: InitDocument;
  readonly cluster: ClusterDocument;
}): readonly FieldFinding[] {
  return [
    ...toFindings("InitConfiguration", listInitFields(documents.init)),
    ...toFindings("ClusterConfiguration", listClusterFields(documents.cluster)),
  ];
}

/** What is accepted and has no effect here, one sentence each. */
export function describeIneffective(init: InitDocument): readonly string[] {
  const tokens = init.bootstrapTokens ?? [];
  const timeouts = (
    ["discovery", "etcdAPICall", "kubeletHealthCheck", "tlsBootstrap", "upgradeManifests"] as const
  )
    .filter((name) => {
      const text = init.timeouts?.[name];
      return text && parseDurationMs(text) !== DEFAULT_TIMEOUTS_MS[name];
    })
    .map((name) => `timeouts.${name} has no effect: init has nothing to wait for there`);
  if (tokens.length === 0) return timeouts;
  return ["bootstrapTokens: the example token of kubeadm's printed defaults is not made", ...timeouts];
}

function toFindings(
  kind: "InitConfiguration" | "ClusterConfiguration",
  fields: readonly Unsupported[],
): readonly FieldFinding[] {
  return fields
    .filter(([, asked]) => asked)
    .map(([path, , message]) => ({ kind, path, message: message ?? NOT_YET }));
}

function listInitFields(init: InitDocument): readonly Unsupported[] {
  const node = init.nodeRegistration;
  return [
    ...(init.bootstrapTokens ?? []).map(
      (token, index): Unsupported => [["bootstrapTokens", index], token.token !== EXAMPLE_TOKEN],
    ),
    [["dryRun"], init.dryRun === true, "not supported in the file; use the flag --dry-run"],
    [["certificateKey"], isSet(init.certificateKey)],
    [["patches", "directory"], isSet(init.patches?.directory)],
    [["nodeRegistration", "criSocket"], differs(node?.criSocket, DEFAULTS.criSocket)],
    [["nodeRegistration", "kubeletExtraArgs"], (node?.kubeletExtraArgs ?? []).length > 0],
    [["nodeRegistration", "imagePullPolicy"], differs(node?.imagePullPolicy, "IfNotPresent")],
    [["nodeRegistration", "imagePullSerial"], node?.imagePullSerial === false],
  ];
}

function listClusterFields(cluster: ClusterDocument): readonly Unsupported[] {
  const components = [
    [["apiServer"], cluster.apiServer],
    [["controllerManager"], cluster.controllerManager],
    [["scheduler"], cluster.scheduler],
    [["etcd", "local"], cluster.etcd?.local],
  ] as const;
  return [
    [["etcd", "external"], (cluster.etcd?.external ?? undefined) !== undefined],
    [["dns", "imageRepository"], isSet(cluster.dns?.imageRepository)],
    [["dns", "imageTag"], isSet(cluster.dns?.imageTag)],
    ...Object.entries(cluster.featureGates ?? {}).map(
      ([name, on]): Unsupported => [["featureGates", name], on || name !== "RootlessControlPlane"],
    ),
    ...components.flatMap(([path, component]) =>
      (component?.extraEnvs ?? []).map(
        (variable, index): Unsupported => [
          [...path, "extraEnvs", index, "valueFrom"],
          (variable.valueFrom ?? undefined) !== undefined,
          "not yet supported; write the value itself",
        ],
      ),
    ),
  ];
}

function isSet(text: string | null | undefined): boolean {
  return (text ?? "") !== "";
}

function differs(text: string | null | undefined, usual: string): boolean {
  return isSet(text) && text !== usual;
}
