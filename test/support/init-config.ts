import { TOKEN_DEFAULTS } from "../../src/config/bootstrap-tokens.ts";
import { DEFAULTS } from "../../src/config/defaults.ts";
import type { ClusterSettings, InitConfig } from "../../src/config/types.ts";
import { CA_VALIDITY_MS, CERTIFICATE_VALIDITY_MS } from "../../src/core/constants.ts";

const NO_EXTRAS = { extraArgs: [], extraEnvs: [], extraVolumes: [] } as const;

const CLUSTER: ClusterSettings = {
  kubernetesVersion: "v1.37.2",
  clusterName: "kubernetes",
  controlPlaneEndpoint: "",
  certificatesDir: "/etc/kubernetes/pki",
  imageRepository: "registry.k8s.io",
  dnsDomain: "cluster.local",
  serviceSubnet: "10.96.0.0/12",
  podSubnet: "10.244.0.0/16",
  encryptionAlgorithm: "ECDSA-P256",
  certificateValidityMs: CERTIFICATE_VALIDITY_MS,
  caValidityMs: CA_VALIDITY_MS,
  apiServer: { ...NO_EXTRAS, certSANs: [] },
  controllerManager: NO_EXTRAS,
  scheduler: NO_EXTRAS,
  etcd: {
    imageRepository: undefined,
    imageTag: undefined,
    dataDir: "/var/lib/etcd",
    extraArgs: [],
    extraEnvs: [],
    serverCertSANs: [],
    peerCertSANs: [],
  },
  dns: { imageRepository: undefined, imageTag: undefined, disabled: false },
  proxy: { disabled: false },
};

/** The defaults on the machine 10.77.0.1 named node01, with changes. */
export function sampleInitConfig(
  changes: Partial<Omit<InitConfig, "cluster">> & { readonly cluster?: Partial<ClusterSettings> } = {},
): InitConfig {
  const { cluster, ...others } = changes;
  return {
    root: "/",
    advertiseAddress: "10.77.0.1",
    bindPort: 6443,
    nodeName: "node01",
    taints: [],
    skipPhases: [],
    ignorePreflightErrors: [],
    controlPlaneHealthTimeoutMs: 240_000,
    apiCallTimeoutMs: 60_000,
    bootstrapTokens: [{ ...TOKEN_DEFAULTS, token: undefined, expires: undefined }],
    certificateKey: undefined,
    criSocket: DEFAULTS.criSocket,
    kubelet: { port: 10_250, healthzPort: 10_248, document: undefined },
    ...others,
    cluster: { ...CLUSTER, ...cluster },
  };
}
