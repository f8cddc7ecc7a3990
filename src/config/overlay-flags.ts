import { isObject } from "../core/json.ts";
import type { DocumentKind, FieldPath, Origins } from "./findings.ts";
import type { InitFlags } from "./types.ts";
import type { DocumentValues } from "./upgrade-documents.ts";

/** The field that each flag sets. */
const FLAG_FIELDS = [
  ["apiserverAdvertiseAddress", "InitConfiguration", ["localAPIEndpoint", "advertiseAddress"]],
  ["apiserverBindPort", "InitConfiguration", ["localAPIEndpoint", "bindPort"]],
  ["apiserverCertExtraSans", "ClusterConfiguration", ["apiServer", "certSANs"]],
  ["certDir", "ClusterConfiguration", ["certificatesDir"]],
  ["certificateKey", "InitConfiguration", ["certificateKey"]],
  ["controlPlaneEndpoint", "ClusterConfiguration", ["controlPlaneEndpoint"]],
  ["criSocket", "InitConfiguration", ["nodeRegistration", "criSocket"]],
  ["featureGates", "ClusterConfiguration", ["featureGates"]],
  ["imageRepository", "ClusterConfiguration", ["imageRepository"]],
  ["kubernetesVersion", "ClusterConfiguration", ["kubernetesVersion"]],
  ["nodeName", "InitConfiguration", ["nodeRegistration", "name"]],
  ["patches", "InitConfiguration", ["patches", "directory"]],
  ["podNetworkCidr", "ClusterConfiguration", ["networking", "podSubnet"]],
  ["profile", "SlipwayConfiguration", ["profile"]],
  ["serviceCidr", "ClusterConfiguration", ["networking", "serviceSubnet"]],
  ["serviceDnsDomain", "ClusterConfiguration", ["networking", "dnsDomain"]],
  ["skipPhases", "InitConfiguration", ["skipPhases"]],
] as const satisfies readonly (readonly [keyof InitFlags, DocumentKind, FieldPath])[];

/** The documents' values with what flags set in place of what the file says, and which fields these are. */
export function overlayFlags(
  values: DocumentValues,
  flags: InitFlags,
): { readonly values: DocumentValues; readonly origins: Origins["flags"] } {
  const given = FLAG_FIELDS.filter(([name]) => flags[name] !== undefined);
  const merged: Partial<Record<DocumentKind, unknown>> = { ...values };
  for (const [name, kind, path] of given)
    merged[kind] = withField(merged[kind], { path, value: flags[name] });
  const origins: Origins["flags"] = given.map(([name, kind, path]) => ({
    kind,
    path,
    flag: formatFlag(name),
  }));
  const { token, tokenTtl } = flags;
  if (token === undefined && tokenTtl === undefined) return { values: merged, origins };
  const path = ["bootstrapTokens"];
  merged.InitConfiguration = withField(merged.InitConfiguration, { path, value: [{ token, ttl: tokenTtl }] });
  const field = token === undefined ? "--token-ttl" : "--token";
  return { values: merged, origins: [...origins, { kind: "InitConfiguration", path, flag: field }] };
}

/** A copy with one field set. What is not a group of fields on the way is left, for the schema to complain about. */
function withField(target: unknown, field: { readonly path: FieldPath; readonly value: unknown }): unknown {
  const [head, ...rest] = field.path;
  if (head === undefined) return field.value;
  if (target !== null && target !== undefined && !isObject(target)) return target;
  return { ...target, [head]: withField(target?.[head], { path: rest, value: field.value }) };
}

/** `--pod-network-cidr` of `podNetworkCidr`. */
function formatFlag(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
