import { formatDuration } from "../core/duration.ts";
import { formatHostPort, parseHostPort } from "../core/host-port.ts";
import type { ComponentFields } from "./component-document.ts";
import { DEFAULT_TAINT } from "./defaults.ts";
import { API_VERSIONS } from "./read-documents.ts";
import type {
  BootstrapTokenSettings,
  ClusterSettings,
  ComponentSettings,
  HostPathMount,
  InitConfig,
  RequestedConfig,
} from "./types.ts";

/**
 * The ClusterConfiguration with all defaults, as kubeadm writes and stores it: keys alone that may not be missing, and
 * those that say something. Source: kubeadm apis/kubeadm/v1beta4/types.go (omitempty), util/config SetClusterDynamicDefaults.
 */
export function buildClusterDocument(config: Pick<InitConfig, "bindPort" | "cluster">): ComponentFields {
  const { cluster } = config;
  const { apiServer } = cluster;
  return {
    apiServer: filled({ ...componentFields(apiServer), certSANs: apiServer.certSANs }),
    apiVersion: API_VERSIONS.ClusterConfiguration,
    caCertificateValidityPeriod: formatDuration(cluster.caValidityMs),
    certificateValidityPeriod: formatDuration(cluster.certificateValidityMs),
    certificatesDir: cluster.certificatesDir,
    clusterName: cluster.clusterName,
    controllerManager: filled(componentFields(cluster.controllerManager)),
    dns: filled({ ...cluster.dns }),
    encryptionAlgorithm: cluster.encryptionAlgorithm,
    etcd: etcdFields(cluster),
    imageRepository: cluster.imageRepository,
    kind: "ClusterConfiguration",
    kubernetesVersion: cluster.kubernetesVersion,
    networking: filled({
      dnsDomain: cluster.dnsDomain,
      podSubnet: cluster.podSubnet,
      serviceSubnet: cluster.serviceSubnet,
    }),
    proxy: filled({ ...cluster.proxy }),
    scheduler: filled(componentFields(cluster.scheduler)),
    ...filled({ controlPlaneEndpoint: endpointWithPort(config), featureGates: cluster.featureGates }),
  };
}

/**
 * The InitConfiguration with all defaults, but for what only a machine can tell. Holds the tokens and the certificate
 * key. Source: as above.
 */
export function buildInitDocument(config: RequestedConfig | InitConfig): ComponentFields {
  return {
    apiVersion: API_VERSIONS.InitConfiguration,
    kind: "InitConfiguration",
    bootstrapTokens: config.bootstrapTokens.map(tokenFields),
    localAPIEndpoint: { bindPort: config.bindPort, ...filled({ advertiseAddress: config.advertiseAddress }) },
    nodeRegistration: {
      criSocket: config.criSocket,
      imagePullPolicy: config.imagePullPolicy,
      imagePullSerial: config.imagePullSerial,
      taints: config.taints ?? [DEFAULT_TAINT],
      ...filled({
        name: config.nodeName,
        ignorePreflightErrors: config.ignorePreflightErrors,
        kubeletExtraArgs: config.kubeletExtraArgs,
      }),
    },
    timeouts: Object.fromEntries(
      Object.entries(config.timeoutsMs).map(([name, timeoutMs]) => [name, formatDuration(timeoutMs)]),
    ),
    ...filled({
      certificateKey: config.certificateKey,
      patches: filled({ directory: config.patchesDir }),
      skipPhases: config.skipPhases,
    }),
  };
}

/** What is asked of us alone. */
export function buildSlipwayDocument({ profile }: Pick<InitConfig, "profile">): ComponentFields {
  return { apiVersion: API_VERSIONS.SlipwayConfiguration, kind: "SlipwayConfiguration", profile };
}

function tokenFields(token: BootstrapTokenSettings): ComponentFields {
  return filled({
    description: token.description,
    expires: token.expires,
    groups: token.groups,
    token: token.token,
    ttl: token.expires === undefined ? formatDuration(token.ttlMs) : undefined,
    usages: token.usages,
  });
}

function componentFields(component: ComponentSettings): ComponentFields {
  const { extraArgs, extraEnvs, extraVolumes } = component;
  return { extraArgs, extraEnvs: extraEnvs.map(filled), extraVolumes: extraVolumes.map(mountFields) };
}

function mountFields(mount: HostPathMount): ComponentFields {
  const { name, hostPath, mountPath, readOnly, pathType } = mount;
  return { name, hostPath, mountPath, ...filled({ readOnly, pathType }) };
}

function etcdFields({ etcd, externalEtcd }: ClusterSettings): ComponentFields {
  if (externalEtcd !== undefined) {
    const { caFile, certFile, endpoints, httpEndpoints, keyFile } = externalEtcd;
    return { external: { caFile, certFile, endpoints, keyFile, ...filled({ httpEndpoints }) } };
  }
  const { dataDir, extraEnvs, ...others } = etcd;
  return { local: { dataDir, ...filled({ ...others, extraEnvs: extraEnvs.map(filled) }) } };
}

/** With the API server's port when it names none. */
function endpointWithPort({ bindPort, cluster }: Pick<InitConfig, "bindPort" | "cluster">): string {
  const parts = parseHostPort(cluster.controlPlaneEndpoint);
  if (cluster.controlPlaneEndpoint === "" || parts === undefined) return cluster.controlPlaneEndpoint;
  return formatHostPort(parts.host, parts.port ?? bindPort);
}

/** The fields that say something: not those that are undefined, empty or false. */
function filled(fields: object): ComponentFields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]: [string, unknown]) => {
      if (value === undefined || value === "" || value === false) return false;
      return typeof value !== "object" || value === null || Object.keys(value).length > 0;
    }),
  );
}
