import type { ComponentFields } from "./component-document.ts";

/** A flag of a component. Source: kubeadm v1beta4 Arg. */
export interface Arg {
  readonly name: string;
  readonly value: string;
}

/** Source: k8s.io/api/core/v1 EnvVar. */
export interface EnvVariable {
  readonly name: string;
  readonly value: string;
  /** Where the value comes from instead. Source: k8s.io/api/core/v1 EnvVarSource. */
  readonly valueFrom?: Readonly<Record<string, unknown>>;
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

/** What init lays under the user's own configuration: nothing, or what the CIS benchmark asks of a control plane. */
export const PROFILES = ["default", "cis"] as const;

export type Profile = (typeof PROFILES)[number];

/** A user of this machine. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How long kubeadm's commands wait. Source: kubeadm apis/kubeadm/v1beta4 Timeouts. */
export type TimeoutName =
  | "controlPlaneComponentHealthCheck"
  | "discovery"
  | "etcdAPICall"
  | "kubeletHealthCheck"
  | "kubernetesAPICall"
  | "tlsBootstrap"
  | "upgradeManifests";

/** What needs no fact of the machine. */
interface SharedConfig {
  readonly profile: Profile;
  readonly bindPort: number;
  readonly skipPhases: readonly string[];
  readonly ignorePreflightErrors: readonly string[];
  readonly controlPlaneHealthTimeoutMs: number;
  readonly apiCallTimeoutMs: number;
  /** All of them, these two too. */
  readonly timeoutsMs: Readonly<Record<TimeoutName, number>>;
  /** At least one. */
  readonly bootstrapTokens: readonly BootstrapTokenSettings[];
  /** Encrypts the certificates that are uploaded; 64 hexadecimal digits. A secret. */
  readonly certificateKey: string | undefined;
  /** As written. */
  readonly patchesDir: string | undefined;
  /** For a kubelet; `unix://…`. */
  readonly criSocket: string;
  readonly imagePullPolicy: "Always" | "IfNotPresent" | "Never";
  readonly imagePullSerial: boolean;
  readonly kubeletExtraArgs: readonly Arg[];
  readonly kubelet: KubeletSettings;
  /** The KubeProxyConfiguration of the file, as written. */
  readonly kubeProxy: ComponentFields;
}

/**
 * What the user asked for, checked and defaulted as far as no fact of the machine is needed. Paths are as written,
 * not yet under the root.
 */
export interface RequestedConfig extends SharedConfig {
  /** Undefined: chosen from the machine's addresses. */
  readonly advertiseAddress: string | undefined;
  /** Undefined: the host name. */
  readonly nodeName: string | undefined;
  /** Undefined: the control plane taint. Empty: none. */
  readonly taints: readonly Taint[] | undefined;
  readonly cluster: ClusterSettings;
}

/** An etcd that others run. Source: kubeadm v1beta4 ExternalEtcd. */
export interface ExternalEtcd {
  readonly endpoints: readonly string[];
  /** Where its version is asked. */
  readonly httpEndpoints: readonly string[];
  /** Empty when not set, as the other two. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
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
  /** Set: no etcd of ours is run, and `etcd` means nothing. */
  readonly externalEtcd: ExternalEtcd | undefined;
  readonly dns: {
    readonly imageRepository: string | undefined;
    readonly imageTag: string | undefined;
    readonly disabled: boolean;
  };
  readonly proxy: { readonly disabled: boolean };
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly etcd: {
    readonly imageRepository: string | undefined;
    readonly imageTag: string | undefined;
    readonly dataDir: string;
    readonly extraArgs: readonly Arg[];
    readonly extraEnvs: readonly EnvVariable[];
    readonly serverCertSANs: readonly string[];
    readonly peerCertSANs: readonly string[];
  };
}

/** The KubeletConfiguration of the file: the ports of the kubelet API, and all of it as written. */
export interface KubeletSettings {
  readonly port: number;
  readonly healthzPort: number;
  /** Every field that the user has set; undefined: there is no such document. */
  readonly document: ComponentFields | undefined;
}

/**
 * The configuration with every fact filled in: the one input of the plan. All paths are absolute and under the root.
 */
export interface InitConfig extends SharedConfig {
  readonly root: string;
  readonly advertiseAddress: string;
  readonly nodeName: string;
  readonly taints: readonly Taint[];
  readonly cluster: ClusterSettings;
  /** CAs whose certificate is there and whose key is not: others sign for them. */
  readonly externalAuthorities: readonly AuthorityName[];
  /** Who etcd runs as; undefined: the user that the runner is. */
  readonly etcdAccount: Account | undefined;
}

/** The three CAs of a cluster, by their base name under the certificates directory. */
export type AuthorityName = "ca" | "front-proxy-ca" | "etcd/ca";

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
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined;
  readonly imageRepository?: string | undefined;
  readonly kubernetesVersion?: string | undefined;
  readonly nodeName?: string | undefined;
  readonly patches?: string | undefined;
  readonly podNetworkCidr?: string | undefined;
  readonly profile?: string | undefined;
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
  /** `dryRun` of the file. */
  readonly dryRun: boolean;
  readonly notes: readonly string[];
}
