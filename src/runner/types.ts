import type { ApiCredentials } from "../api/types.ts";
import type { PodReport, RefusedManifest, RunnerEvent } from "../control/protocol.ts";
import type { Pod } from "../pod/types.ts";
import type { Runtime } from "../runtime/types.ts";
import type { ShutdownPeriod } from "./settings/shutdown-periods.ts";

/**
 * What the runner uses of `kubelet.config.k8s.io/v1beta1` KubeletConfiguration, with its names and defaults.
 * Durations are milliseconds.
 */
export interface KubeletConfiguration {
  readonly staticPodPath: string | undefined;
  readonly staticPodURL: string | undefined;
  readonly staticPodURLHeader: Readonly<Record<string, readonly string[]>>;
  readonly fileCheckFrequencyMs: number;
  readonly httpCheckFrequencyMs: number;
  readonly enableServer: boolean;
  /** Whether the kubelet API reaches into containers and shows logs, or only says how pods do. */
  readonly enableDebuggingHandlers: boolean;
  /** Whether `/logs/` of the kubelet API shows the machine's log files. */
  readonly enableSystemLogHandler: boolean;
  readonly address: string;
  readonly port: number;
  readonly healthzPort: number;
  readonly healthzBindAddress: string;
  readonly clientCAFile: string | undefined;
  readonly tlsCertFile: string | undefined;
  readonly tlsPrivateKeyFile: string | undefined;
  readonly rotateCertificates: boolean;
  readonly anonymousAuth: boolean;
  readonly webhookAuth: boolean;
  /** How long what the API server said of a token holds. */
  readonly tokenCacheMs: number;
  readonly authorizationMode: "AlwaysAllow" | "Webhook";
  /** How long a yes and a no of the API server hold. */
  readonly allowedCacheMs: number;
  readonly deniedCacheMs: number;
  readonly registerNode: boolean;
  readonly registerWithTaints: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: string;
  }[];
  readonly nodeStatusUpdateFrequencyMs: number;
  readonly nodeStatusReportFrequencyMs: number;
  readonly nodeLeaseDurationSeconds: number;
  readonly maxPods: number;
  /** How many processes a pod may have; undefined, zero or less: as many as it likes. */
  readonly podPidsLimit?: number;
  /** The cluster's DNS servers, which pods with dnsPolicy ClusterFirstWithHostNet ask. */
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  readonly podLogsDir: string;
  readonly containerLogMaxSizeBytes: number;
  readonly containerLogMaxFiles: number;
  /** How pods are stopped when their machine goes down; empty: one priority after the other with their own grace. */
  readonly shutdownPeriods: readonly ShutdownPeriod[];
  /** Undefined: design D2's short delays for node-critical pods, the kubelet's 300 s for the rest. */
  readonly maxContainerRestartPeriodMs: number | undefined;
}

/** Makes the node's own certificates anew; who does it knows the files and the CA. */
export interface CertificateRenewal {
  /** A new key, and a request for the node's client certificate, PEM. */
  makeRequest(): Promise<{ readonly requestPem: string; readonly keyPem: string }>;
  /** Puts a new pair where `credentials` finds it. Rejects when they do not belong together. */
  replaceClient(pair: { readonly certPem: string; readonly keyPem: string }): Promise<void>;
  /** The certificate to serve with, PEM; undefined when it is lost: not there, damaged, or without its key. */
  readServing(): Promise<string | undefined>;
  /** Signs anew with the CA's key, also what is lost; else tells why it cannot. */
  signHere(which: "client" | "serving"): Promise<SigningOutcome>;
}

export type SigningOutcome =
  | { readonly kind: "signed" }
  | { readonly kind: "refused"; readonly reason: string };

/** Everything a runner is given. It knows nothing of kubeadm, certificates or plans. */
export interface RunnerOptions {
  readonly root: string;
  /** The flags it was started with, without secrets; none where a file says all. */
  readonly startedWith?: readonly string[];
  readonly kubelet: KubeletConfiguration;
  readonly nodeName: string;
  /** The node's address; also the pod address of host-network pods. */
  readonly nodeIp: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** What becomes of a pod whose manifest has gone bad; `remove` is what the kubelet does. */
  readonly badManifest: "keep" | "remove";
  readonly version: string;
  readonly kubeletVersion: string;
  readonly paths: {
    readonly controlSocketPath: string;
    /** `<stateDir>/pods` */
    readonly podsDir: string;
    /** Where the runner keeps what it must know after a restart (started pods, back-off, back-references). */
    readonly stateDir: string;
    readonly containerLogsDir: string;
    /** Where it notes what it makes outside its own directories. */
    readonly madePathsPath: string;
  };
  readonly runtime: Runtime;
  /** The node's own identity; undefined: standalone. Read anew for each connection, for files may be renewed. */
  readonly credentials: (() => Promise<ApiCredentials>) | undefined;
  /** Undefined: the node's certificates are somebody else's to renew. */
  readonly renewal: CertificateRenewal | undefined;
}

/** What one source last saw, whole. */
export interface SourceSnapshot {
  readonly source: "file" | "http";
  readonly pods: readonly DesiredPod[];
  readonly refused: readonly RefusedManifest[];
}

/** A static pod that should run, defaulted and checked, with the place it came from. */
export interface DesiredPod {
  readonly pod: Pod;
  readonly origin: string;
}

/** What the parts that talk to the cluster see of the pods. */
export interface PodStore {
  list(): readonly PodReport[];
  /** By namespace and full name (`kube-apiserver-node01`). */
  get(namespace: string, name: string): PodReport | undefined;
  onChange(listener: () => void): void;
  /** Sets or clears why a pod has no mirror. */
  setMirrorProblem(namespace: string, name: string, problem: string | undefined): void;
}

/** Where events go: kept for `slipway events`, and to the API when there is one. */
export interface EventRecorder {
  record(event: Omit<RunnerEvent, "at" | "count">): void;
  list(): readonly RunnerEvent[];
  onRecord(listener: (event: RunnerEvent) => void): void;
}
