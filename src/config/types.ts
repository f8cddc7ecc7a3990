/** A flag of a component. Source: kubeadm v1beta4 Arg. */
export interface Arg {
  readonly name: string;
  readonly value: string;
}

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
}

export interface HostPathMount {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
  readonly pathType: string;
}

export interface ComponentSettings {
  readonly extraArgs: readonly Arg[];
  readonly extraEnvs: readonly EnvVariable[];
  readonly extraVolumes: readonly HostPathMount[];
}

export type EncryptionAlgorithm = "RSA-2048" | "RSA-3072" | "RSA-4096" | "ECDSA-P256" | "ECDSA-P384";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A bootstrap token that init makes. Source: kubeadm apis/bootstraptoken/v1 BootstrapToken. */
export interface BootstrapTokenSettings {
  /** `abcdef.0123456789abcdef`; undefined: a random one. A secret. */
  readonly token: string | undefined;
  readonly description: string;
  /** Zero: it never ends. */
  readonly ttlMs: number;
  /** RFC 3339; wins over `ttlMs`. */
  readonly expires: string | undefined;
  readonly usages: readonly string[];
  readonly groups: readonly string[];
}

/**
 * What the user asked for, checked and defaulted as far as no fact of the machine is needed. Paths are as written,
 * not yet under the root.
 */
export interface RequestedConfig {
  /** Undefined: chosen from the machine's addresses. */
  readonly advertiseAddress: string | undefined;
  readonly bindPort: number;
  /** Undefined: the host name. */
  readonly nodeName: string | undefined;
  /** Undefined: the control plane taint. Empty: none. */
  readonly taints: readonly Taint[] | undefined;
  readonly skipPhases: readonly string[];
  readonly ignorePreflightErrors: readonly string[];
  readonly controlPlaneHealthTimeoutMs: number;
  readonly apiCallTimeoutMs: number;
  /** At least one. */
  readonly bootstrapTokens: readonly BootstrapTokenSettings[];
  /** Hexadecimal AES key that uploaded certificates are encrypted with; undefined: a random one. A secret. */
  readonly certificateKey: string | undefined;
  /** Where a kubelet finds its container runtime. */
  readonly criSocket: string;
  readonly cluster: ClusterSettings;
  /** Fields of a KubeletConfiguration document in the same file. */
  readonly kubelet: KubeletSettings;
}

/** ClusterConfiguration of kubeadm v1beta4, defaulted. */
export interface ClusterSettings {
  /** Always with a leading `v`. */
  readonly kubernetesVersion: string;
  readonly clusterName: string;
  /** `host` or `host:port`; empty when not set. */
  readonly controlPlaneEndpoint: string;
  readonly certificatesDir: string;
  readonly imageRepository: string;
  readonly dnsDomain: string;
  readonly serviceSubnet: string;
  /** Empty when not set. */
  readonly podSubnet: string;
  readonly encryptionAlgorithm: EncryptionAlgorithm;
  readonly certificateValidityMs: number;
  readonly caValidityMs: number;
  readonly apiServer: ComponentSettings & { readonly certSANs: readonly string[] };
  readonly controllerManager: ComponentSettings;
  readonly scheduler: ComponentSettings;
  readonly etcd: {
    readonly imageRepository: string | undefined;
    readonly imageTag: string | undefined;
    readonly dataDir: string;
    readonly extraArgs: readonly Arg[];
    readonly extraEnvs: readonly EnvVariable[];
    readonly serverCertSANs: readonly string[];
    readonly peerCertSANs: readonly string[];
  };
  readonly dns: {
    readonly imageRepository: string | undefined;
    readonly imageTag: string | undefined;
    readonly disabled: boolean;
  };
  readonly proxy: { readonly disabled: boolean };
}

/** A KubeletConfiguration: the ports that the runner uses, and the document itself for kubelets that join. */
export interface KubeletSettings {
  readonly port: number;
  readonly healthzPort: number;
  /** Every field that the user has set; undefined: there is no such document. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The configuration with every fact filled in: the one input of the plan. All paths are absolute and under the root.
 */
export interface InitConfig {
  readonly root: string;
  readonly advertiseAddress: string;
  readonly bindPort: number;
  readonly nodeName: string;
  readonly taints: readonly Taint[];
  readonly skipPhases: readonly string[];
  readonly ignorePreflightErrors: readonly string[];
  readonly controlPlaneHealthTimeoutMs: number;
  readonly apiCallTimeoutMs: number;
  readonly bootstrapTokens: readonly BootstrapTokenSettings[];
  readonly certificateKey: string | undefined;
  readonly criSocket: string;
  readonly cluster: ClusterSettings;
  readonly kubelet: KubeletSettings;
}

/**
 * The flags of `init` that say the same as a field of the configuration file, and win over it. Undefined: not given.
 * Source: kubeadm cmd/init.go, cmd/options/generic.go.
 */
export interface InitFlags {
  readonly apiserverAdvertiseAddress?: string | undefined;
  readonly apiserverBindPort?: number | undefined;
  readonly apiserverCertExtraSans?: readonly string[] | undefined;
  readonly certDir?: string | undefined;
  readonly certificateKey?: string | undefined;
  readonly controlPlaneEndpoint?: string | undefined;
  readonly criSocket?: string | undefined;
  readonly imageRepository?: string | undefined;
  readonly kubernetesVersion?: string | undefined;
  readonly nodeName?: string | undefined;
  readonly patches?: string | undefined;
  readonly podNetworkCidr?: string | undefined;
  readonly serviceCidr?: string | undefined;
  readonly serviceDnsDomain?: string | undefined;
  readonly skipPhases?: readonly string[] | undefined;
  /** Bootstrap token of its own in place of the file's. */
  readonly token?: string | undefined;
  readonly tokenTtl?: string | undefined;
  /** Added to the file's own. */
  readonly ignorePreflightErrors?: readonly string[] | undefined;
}

/** A configuration and what the reader should know about it: accepted parts that have no effect here. */
export interface ParsedInitConfig {
  readonly config: RequestedConfig;
  readonly notes: readonly string[];
}
