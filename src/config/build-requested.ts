import { canonicalAddress, parseIpAddress } from "../core/cidr.ts";
import {
  CA_VALIDITY_MS,
  CERTIFICATE_VALIDITY_MS,
  DEFAULT_KUBERNETES_VERSION,
  PORTS,
} from "../core/constants.ts";
import { parseDurationMs } from "../core/duration.ts";
import { buildBootstrapTokens } from "./bootstrap-tokens.ts";
import { DEFAULT_TIMEOUTS_MS, DEFAULTS } from "./defaults.ts";
import { ENCRYPTION_ALGORITHMS } from "./field-rules.ts";
import { resolveKubernetesVersion } from "./resolve-kubernetes-version.ts";
import type { ClusterDocument, InitDocument, KubeletDocument } from "./schema.ts";
import type {
  Arg,
  ClusterSettings,
  ComponentSettings,
  EnvVariable,
  HostPathMount,
  RequestedConfig,
  Taint,
} from "./types.ts";

/** Decoded documents; one that the file does not have is empty. */
export interface DecodedDocuments {
  readonly init: InitDocument;
  readonly cluster: ClusterDocument;
  readonly kubelet: KubeletDocument;
}

/** The configuration that checked documents ask for: empty and missing fields have their defaults. */
export function buildRequested(
  documents: DecodedDocuments,
  options: { readonly ignorePreflightErrors: readonly string[] },
): RequestedConfig {
  const { init, kubelet } = documents;
  return {
    advertiseAddress: readAdvertiseAddress(init),
    bindPort: init.localAPIEndpoint?.bindPort || PORTS.apiServer,
    nodeName: init.nodeRegistration?.name?.trim().toLowerCase() || undefined,
    taints: init.nodeRegistration?.taints?.map(toTaint),
    skipPhases: init.skipPhases ?? [],
    ignorePreflightErrors: [
      ...new Set([...(init.nodeRegistration?.ignorePreflightErrors ?? []), ...options.ignorePreflightErrors]),
    ],
    controlPlaneHealthTimeoutMs: readDuration(
      init.timeouts?.controlPlaneComponentHealthCheck,
      DEFAULT_TIMEOUTS_MS.controlPlaneComponentHealthCheck,
    ),
    apiCallTimeoutMs: readDuration(init.timeouts?.kubernetesAPICall, DEFAULT_TIMEOUTS_MS.kubernetesAPICall),
    bootstrapTokens: buildBootstrapTokens(init),
    certificateKey: init.certificateKey || undefined,
    criSocket: init.nodeRegistration?.criSocket || DEFAULTS.criSocket,
    cluster: buildCluster(documents.cluster),
    kubelet: {
      port: kubelet.port || PORTS.kubelet,
      healthzPort: kubelet.healthzPort ?? PORTS.kubeletHealthz,
      document: Object.keys(kubelet).length === 0 ? undefined : kubelet,
    },
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
    encryptionAlgorithm:
      ENCRYPTION_ALGORITHMS.find((name) => name === cluster.encryptionAlgorithm) ??
      DEFAULTS.encryptionAlgorithm,
    certificateValidityMs: readDuration(cluster.certificateValidityPeriod, CERTIFICATE_VALIDITY_MS),
    caValidityMs: readDuration(cluster.caCertificateValidityPeriod, CA_VALIDITY_MS),
    apiServer: { ...apiServer, certSANs: lowerCase(cluster.apiServer?.certSANs) },
    controllerManager: buildComponent(cluster.controllerManager),
    scheduler: buildComponent(cluster.scheduler),
    etcd: buildEtcd(cluster),
    dns: {
      imageRepository: cluster.dns?.imageRepository || undefined,
      imageTag: cluster.dns?.imageTag || undefined,
      disabled: cluster.dns?.disabled ?? false,
    },
    proxy: { disabled: cluster.proxy?.disabled ?? false },
  };
}

function buildEtcd(cluster: ClusterDocument): ClusterSettings["etcd"] {
  const local = cluster.etcd?.local;
  return {
    imageRepository: local?.imageRepository || undefined,
    imageTag: local?.imageTag || undefined,
    dataDir: local?.dataDir || DEFAULTS.etcdDataDir,
    extraArgs: (local?.extraArgs ?? []).map(toPair),
    extraEnvs: (local?.extraEnvs ?? []).map(toPair),
    serverCertSANs: lowerCase(local?.serverCertSANs),
    peerCertSANs: lowerCase(local?.peerCertSANs),
  };
}

function buildComponent(component: ClusterDocument["scheduler"]): ComponentSettings {
  return {
    extraArgs: (component?.extraArgs ?? []).map(toPair),
    extraEnvs: (component?.extraEnvs ?? []).map(toPair),
    extraVolumes: (component?.extraVolumes ?? []).map(toMount),
  };
}

type Decoded<T> = { readonly [Key in keyof T]?: T[Key] | null | undefined };

function toPair(pair: Decoded<Arg & EnvVariable>): Arg & EnvVariable {
  return { name: pair.name ?? "", value: pair.value ?? "" };
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
