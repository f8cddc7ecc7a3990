import { isObject } from "../core/json.ts";
import { decodeDocument } from "./decode-document.ts";
import type { DocumentKind, FieldFinding } from "./findings.ts";
import { oldClusterSchema, oldInitSchema, oldJoinSchema } from "./schema-v1beta3.ts";

/** The values of the documents, by kind; a document that is not there has none. */
export type DocumentValues = Readonly<Partial<Record<DocumentKind, unknown>>>;

type Fields = Readonly<Record<string, unknown>>;

const SCHEMAS = {
  InitConfiguration: oldInitSchema,
  ClusterConfiguration: oldClusterSchema,
  JoinConfiguration: oldJoinSchema,
} as const;

/**
 * The values with those that are written in v1beta3 turned into v1beta4, and what is wrong with them as v1beta3.
 * Source: kubeadm v1.36.3 apis/kubeadm/v1beta3/conversion.go.
 */
export function upgradeDocuments(
  values: DocumentValues,
  old: readonly DocumentKind[],
): { readonly values: DocumentValues; readonly findings: readonly FieldFinding[] } {
  const upgraded: Partial<Record<DocumentKind, unknown>> = { ...values };
  const findings: FieldFinding[] = [];
  for (const [kind, schema] of Object.entries(SCHEMAS)) {
    const known = old.find((name) => name === kind);
    if (known === undefined) continue;
    const decoded = decodeDocument(schema, { kind: known, value: values[known] });
    findings.push(...decoded.findings);
    upgraded[known] = decoded.value ?? {};
  }
  if (isObject(upgraded.InitConfiguration) && old.includes("InitConfiguration"))
    upgraded.InitConfiguration = upgradeNode(upgraded.InitConfiguration);
  if (isObject(upgraded.JoinConfiguration) && old.includes("JoinConfiguration"))
    upgraded.JoinConfiguration = upgradeJoin(upgraded.JoinConfiguration);
  if (isObject(upgraded.ClusterConfiguration) && old.includes("ClusterConfiguration")) {
    const { cluster, timeout } = upgradeCluster(upgraded.ClusterConfiguration);
    upgraded.ClusterConfiguration = cluster;
    if (timeout !== undefined)
      upgraded.InitConfiguration = addTimeout(upgraded.InitConfiguration, {
        controlPlaneComponentHealthCheck: timeout,
      });
  }
  return { values: upgraded, findings };
}

function upgradeNode(document: Fields): Fields {
  return mapField(document, "nodeRegistration", (node) => mapField(node, "kubeletExtraArgs", toArgs));
}

function upgradeJoin(document: Fields): Fields {
  const { discovery, ...others } = upgradeNode(document);
  if (!isObject(discovery)) return document;
  const { timeout, ...rest } = discovery;
  const upgraded = { ...others, discovery: rest };
  return timeout ? addTimeout(upgraded, { discovery: timeout }) : upgraded;
}

function upgradeCluster(document: Fields): { readonly cluster: Fields; readonly timeout: unknown } {
  const component = (value: Fields): Fields => mapField(value, "extraArgs", toArgs);
  const { apiServer, featureGates, ...others } = ["controllerManager", "scheduler"].reduce(
    (value, name) => mapField(value, name, component),
    mapField(document, "etcd", (etcd) => mapField(etcd, "local", component)),
  );
  const { timeoutForControlPlane, ...server } = isObject(apiServer) ? apiServer : {};
  const { PublicKeysECDSA: ecdsa, ...gates } = isObject(featureGates) ? featureGates : {};
  return {
    cluster: {
      ...others,
      apiServer: component(server),
      featureGates: gates,
      ...(ecdsa === true ? { encryptionAlgorithm: "ECDSA-P256" } : {}),
    },
    timeout: timeoutForControlPlane || undefined,
  };
}

function addTimeout(document: unknown, timeout: Fields): Fields {
  const fields = isObject(document) ? document : {};
  return { ...fields, timeouts: { ...(isObject(fields["timeouts"]) ? fields["timeouts"] : {}), ...timeout } };
}

/** Sorted by name, as kubeadm converts them. */
function toArgs(map: Fields): unknown {
  return Object.entries(map)
    .map(([name, value]) => ({ name, value }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function mapField(document: Fields, name: string, change: (value: Fields) => unknown): Fields {
  const value = document[name];
  return isObject(value) ? { ...document, [name]: change(value) } : document;
}
