import { canonicalAddress, parseIpAddress } from "../core/cidr.ts";
import {
  CA_VALIDITY_MS,
  CERTIFICATE_VALIDITY_MS,
  DEFAULT_KUBERNETES_VERSION,
  PORTS,
} from "../core/constants.ts";
import { parseDurationMs } from "../core/duration.ts";
import { isObject } from "../core/json.ts";
import { buildBootstrapTokens } from "./bootstrap-tokens.ts";
import type { ComponentFields } from "./component-document.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import { ENCRYPTION_ALGORITHMS } from "./field-rules.ts";
import { resolveKubernetesVersion } from "./resolve-kubernetes-version.ts";
import type { ClusterDocument, InitDocument, SlipwayDocument } from "./schema.ts";
import {
  type Arg,
  type ClusterSettings,
  type ComponentSettings,
  type EncryptionAlgorithm,
  type EnvVariable,
  type HostPathMount,
  PROFILES,
  type RequestedConfig,
  type Taint,
  type TimeoutName,
} from "./types.ts";

/** Decoded documents; one that the file does not have is empty. */
export interface DecodedDocuments {
  readonly init: InitDocument;
  readonly cluster: ClusterDocument;
  readonly kubelet: ComponentFields;
  readonly kubeProxy: ComponentFields;
  readonly slipway: SlipwayDocument;
}

/** The configuration that checked documents ask for: empty and missing fields have their defaults. */
export function buildRequested(
  documents: DecodedDocuments,
  options: { readonly ignorePreflightErrors: readonly string[] },
): RequestedConfig {
  const { init, kubelet } = documents;
  const node = init.nodeRegistration;
  const timeoutsMs = readTimeouts(init);
  return {
    profile: PROFILES.find((name) => name === documents.slipway.profile) ?? "default",
    advertiseAddress: readAdvertiseAddress(init),
    bindPort: init.localAPIEndpoint?.bindPort || PORTS.apiServer,
    nodeName: node?.name?.trim().toLowerCase() || undefined,
    taints: node?.taints?.map(toTaint),
    skipPhases: init.skipPhases ?? [],
    ignorePreflightErrors: [
      ...new Set([...(node?.ignorePreflightErrors ?? []), ...options.ignorePreflightErrors]),
    ],
    controlPlaneHealthTimeoutMs: timeoutsMs.controlPlaneComponentHealthCheck,
    apiCallTimeoutMs: timeoutsMs.kubernetesAPICall,
    timeoutsMs,
    bootstrapTokens: buildBootstrapTokens(init),
    certificateKey: init.certificateKey || undefined,
    patchesDir: init.patches?.directory || undefined,
    criSocket: readSocket(node?.criSocket),
    imagePullPolicy: PULL_POLICIES.find((name) => name === node?.imagePullPolicy) ?? "IfNotPresent",
    imagePullSerial: node?.imagePullSerial ?? true,
    kubeletExtraArgs: (node?.kubeletExtraArgs ?? []).map(toPair),
    cluster: buildCluster(documents.cluster),
    kubelet: {
      port: readPort(kubelet["port"]) || PORTS.kubelet,
      healthzPort: readPort(kubelet["healthzPort"]) ?? PORTS.kubeletHealthz,
      document: Object.keys(kubelet).length === 0 ? undefined : kubelet,
    },
    kubeProxy: documents.kubeProxy,
  };
}

const PULL_POLICIES = ["Always", "IfNotPresent", "Never"] as const;

function readPort(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Source: kubeadm util/config/initconfiguration.go SetNodeRegistrationDynamicDefaults. */
function readSocket(text: string | null | undefined): string {
  if (!text) return DEFAULTS.criSocket;
  return text.startsWith("unix") ? text : `unix://${text}`;
}

function readTimeouts({ timeouts }: InitDocument): RequestedConfig["timeoutsMs"] {
  const read = (name: TimeoutName): number => readDuration(timeouts?.[name], DEFAULT_TIMEOUTS_MS[name]);
  return {
    controlPlaneComponentHealthCheck: read("controlPlaneComponentHealthCheck"),
    discovery: read("discovery"),
    etcdAPICall: read("etcdAPICall"),
    kubeletHealthCheck: read("kubeletHealthCheck"),
    kubernetesAPICall: read("kubernetesAPICall"),
    tlsBootstrap: read("tlsBootstrap"),
    upgradeManifests: read("upgradeManifests"),
  };
}

/** An unspecified address means not set. Source: kubeadm util/config/initconfiguration.go SetAPIEndpointDynamicDefaults. */
function readAdvertiseAddress(init: InitDocument): string | undefined {
  const text = init.localAPIEndpoint?.advertiseAddress || "";
  return parseIpAddress(text)?.value === 0n ? undefined : canonicalAddress(text);
}

function readDuration(text: string | null | undefined, defaultMs: number): number {
  return text ? (parseDurationMs(text) ?? defaultMs) : defaultMs;
}

function buildCluster(cluster: ClusterDocument): ClusterSettings {
  const version = resolveKubernetesVersion(cluster.kubernetesVersion ?? "");
  const { networking } = cluster;
  const apiServer = buildComponent(cluster.apiServer);
  return {
    kubernetesVersion: "version" in version ? version.version : DEFAULT_KUBERNETES_VERSION,
    clusterName: cluster.clusterName || DEFAULTS.clusterName,
    controlPlaneEndpoint: cluster.controlPlaneEndpoint ?? "",
    certificatesDir: cluster.certificatesDir || DEFAULTS.certificatesDir,
    imageRepository: cluster.imageRepository || DEFAULTS.imageRepository,
    dnsDomain: networking?.dnsDomain || DEFAULTS.dnsDomain,
    serviceSubnet: networking?.serviceSubnet || DEFAULTS.serviceSubnet,
    podSubnet: networking?.podSubnet ?? "",
    encryptionAlgorithm: readAlgorithm(cluster),
    certificateValidityMs: readDuration(cluster.certificateValidityPeriod, CERTIFICATE_VALIDITY_MS),
    caValidityMs: readDuration(cluster.caCertificateValidityPeriod, CA_VALIDITY_MS),
    apiServer: { ...apiServer, certSANs: lowerCase(cluster.apiServer?.certSANs) },
    controllerManager: buildComponent(cluster.controllerManager),
    scheduler: buildComponent(cluster.scheduler),
    externalEtcd: buildExternalEtcd(cluster),
    dns: {
      imageRepository: cluster.dns?.imageRepository || undefined,
      imageTag: cluster.dns?.imageTag || undefined,
      disabled: cluster.dns?.disabled ?? false,
    },
    proxy: { disabled: cluster.proxy?.disabled ?? false },
    featureGates: cluster.featureGates ?? {},
    etcd: buildEtcd(cluster),
  };
}

/** The gate of older minors wins over the field. Source: kubeadm v1.36 apis/kubeadm/types.go EncryptionAlgorithmType. */
function readAlgorithm({ encryptionAlgorithm, featureGates }: ClusterDocument): EncryptionAlgorithm {
  const gate = featureGates?.["PublicKeysECDSA"];
  if (gate !== undefined) return gate ? "ECDSA-P256" : "RSA-2048";
  return ENCRYPTION_ALGORITHMS.find((name) => name === encryptionAlgorithm) ?? DEFAULTS.encryptionAlgorithm;
}

/** Source: kubeadm apis/kubeadm/v1beta4/defaults.go SetDefaults_Etcd. */
function buildExternalEtcd(cluster: ClusterDocument): ClusterSettings["externalEtcd"] {
  const external = cluster.etcd?.external;
  if (external === undefined || external === null) return undefined;
  const endpoints = external.endpoints ?? [];
  return {
    endpoints,
    httpEndpoints: external.httpEndpoints?.length ? external.httpEndpoints : endpoints,
    caFile: external.caFile ?? "",
    certFile: external.certFile ?? "",
    keyFile: external.keyFile ?? "",
  };
}

function buildEtcd(cluster: ClusterDocument): ClusterSettings["etcd"] {
  const local = cluster.etcd?.local;
  return {
    imageRepository: local?.imageRepository || undefined,
    imageTag: local?.imageTag || undefined,
    dataDir: local?.dataDir || DEFAULTS.etcdDataDir,
    extraArgs: (local?.extraArgs ?? []).map(toPair),
    extraEnvs: (local?.extraEnvs ?? []).map(toVariable),
    serverCertSANs: lowerCase(local?.serverCertSANs),
    peerCertSANs: lowerCase(local?.peerCertSANs),
  };
}

function buildComponent(component: ClusterDocument["scheduler"]): ComponentSettings {
  return {
    extraArgs: (component?.extraArgs ?? []).map(toPair),
    extraEnvs: (component?.extraEnvs ?? []).map(toVariable),
    extraVolumes: (component?.extraVolumes ?? []).map(toMount),
  };
}

type Decoded<T> = { readonly [Key in keyof T]?: T[Key] | null | undefined };

function toPair(pair: Decoded<Arg>): Arg {
  return { name: pair.name ?? "", value: pair.value ?? "" };
}

function toVariable(variable: Decoded<EnvVariable>): EnvVariable {
  const { valueFrom } = variable;
  return { ...toPair(variable), ...(valueFrom ? { valueFrom: defaultSource(valueFrom) } : {}) };
}

/**
 * Fields without a value left out, and the version of a field path. Source: k8s.io/kubernetes pkg/apis/core/v1
 * defaults.go.
 */
function defaultSource(source: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(source).flatMap(([name, reference]): [string, unknown][] => {
      if (!isObject(reference)) return [];
      const set = Object.entries(reference).filter(([, value]) => value !== null && value !== undefined);
      const version = name === "fieldRef" ? { apiVersion: "v1" } : {};
      return [[name, { ...version, ...Object.fromEntries(set) }]];
    }),
  );
}

function toMount(mount: Decoded<HostPathMount>): HostPathMount {
  return {
    name: mount.name ?? "",
    hostPath: mount.hostPath ?? "",
    mountPath: mount.mountPath ?? "",
    readOnly: mount.readOnly ?? false,
    pathType: mount.pathType ?? "",
  };
}

function toTaint(taint: Decoded<Taint>): Taint {
  const { key, effect, value } = taint;
  return { key: key ?? "", effect: effect ?? "", ...(value ? { value } : {}) };
}

/** Source: kubeadm util/config/common.go LowercaseSANs. */
function lowerCase(names: readonly string[] | null | undefined): readonly string[] {
  return (names ?? []).map((name) => name.toLowerCase());
}
