import { parseDurationMs } from "../core/duration.ts";
import { hasExampleToken } from "./bootstrap-tokens.ts";
import { DEFAULT_TIMEOUTS_MS } from "./defaults.ts";
import type { FieldFinding, FieldPath } from "./findings.ts";
import type { ClusterDocument, InitDocument } from "./schema.ts";

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
  const timeouts = (
    ["discovery", "etcdAPICall", "kubeletHealthCheck", "tlsBootstrap", "upgradeManifests"] as const
  )
    .filter((name) => {
      const text = init.timeouts?.[name];
      return text && parseDurationMs(text) !== DEFAULT_TIMEOUTS_MS[name];
    })
    .map((name) => `timeouts.${name} has no effect: init has nothing to wait for there`);
  if (!hasExampleToken(init)) return timeouts;
  return ["bootstrapTokens: a random token is made in place of the well-known example token", ...timeouts];
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
    [["dryRun"], init.dryRun === true, "not supported in the file; use the flag --dry-run"],
    [["patches", "directory"], isSet(init.patches?.directory)],
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
