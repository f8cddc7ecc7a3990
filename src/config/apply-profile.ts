import { hardeningPaths } from "../core/paths.ts";
import type { Arg, ClusterSettings, ComponentSettings, HostPathMount, InitConfig } from "./types.ts";

/**
 * The configuration with what its profile lays under the user's own: a flag or a volume of the user's stays. All of it
 * is kubeadm's own fields, so that kubeadm makes the same of what is stored in the cluster; who etcd runs as is not.
 * Source of what is asked: CIS Kubernetes Benchmark 1.12, sections 1 to 3.
 */
export function applyProfile(config: InitConfig): InitConfig {
  if (config.profile === "default") return config;
  const { cluster, kubelet } = config;
  return {
    ...config,
    // Without a certificate of the cluster's CA, kube-apiserver would not talk to the kubelets of joined nodes (1.2.5).
    kubelet: { ...kubelet, document: { serverTLSBootstrap: true, ...kubelet.document } },
    cluster: {
      ...cluster,
      apiServer: {
        ...cluster.apiServer,
        ...layUnder(cluster.apiServer, { args: apiServerArgs(config), volumes: apiServerVolumes(config) }),
      },
      controllerManager: layUnder(cluster.controllerManager, { args: CONTROLLER_MANAGER_ARGS }),
      scheduler: layUnder(cluster.scheduler, { args: { profiling: "false" } }),
    },
  };
}

/** Whether kube-apiserver is told to read a file, by whatever flag. */
export function readsFile(cluster: ClusterSettings, path: string): boolean {
  return cluster.apiServer.extraArgs.some(({ value }) => value === path);
}

const CONTROLLER_MANAGER_ARGS = {
  /** 1.3.2. */
  profiling: "false",
  /** 1.3.1; the default of 12,500 keeps what ended pods of a small cluster for ever. */
  "terminated-pod-gc-threshold": "1000",
};

/** Authenticated, with forward secrecy; those of TLS 1.3 cannot be chosen. Source: CIS 1.2.29. */
const CIPHER_SUITES = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

function apiServerArgs({ root, cluster, externalAuthorities }: InitConfig): Readonly<Record<string, string>> {
  const paths = hardeningPaths(root);
  return {
    "admission-control-config-file": paths.admissionPath,
    // 1.2.17 to 1.2.19.
    "audit-log-maxage": "30",
    "audit-log-maxbackup": "10",
    "audit-log-maxsize": "100",
    "audit-log-path": `${paths.auditLogDir}/audit.log`,
    "audit-policy-file": paths.auditPolicyPath,
    ...(choosesAuthentication(cluster.apiServer)
      ? {}
      : { "authentication-config": paths.authenticationPath }),
    // 1.2.3, 1.2.9, 1.2.11, 1.2.14.
    "enable-admission-plugins": "AlwaysPullImages,DenyServiceExternalIPs,EventRateLimit,NodeRestriction",
    "encryption-provider-config": paths.encryptionPath,
    // Where the CA's key is elsewhere, the runner's certificate is of a CA of its own.
    ...(externalAuthorities.includes("ca")
      ? {}
      : { "kubelet-certificate-authority": `${cluster.certificatesDir}/ca.crt` }),
    profiling: "false",
    "service-account-extend-token-expiration": "false",
    "tls-cipher-suites": CIPHER_SUITES.join(","),
  };
}

/**
 * kube-apiserver takes no authentication file beside these. Source: apiserver pkg/kubeapiserver
 * options/authentication.go.
 */
function choosesAuthentication({ extraArgs }: ComponentSettings): boolean {
  return extraArgs.some(({ name }) => name === "anonymous-auth" || name.startsWith("oidc-"));
}

function apiServerVolumes({ root }: InitConfig): readonly HostPathMount[] {
  const { apiServerDir, auditLogDir } = hardeningPaths(root);
  const mount = (name: string, path: string, readOnly: boolean): HostPathMount => ({
    name,
    hostPath: path,
    mountPath: path,
    pathType: "DirectoryOrCreate",
    readOnly,
  });
  return [mount("apiserver-files", apiServerDir, true), mount("audit-log", auditLogDir, false)];
}

function layUnder(
  component: ComponentSettings,
  own: { readonly args: Readonly<Record<string, string>>; readonly volumes?: readonly HostPathMount[] },
): ComponentSettings {
  const { extraArgs, extraVolumes } = component;
  const isFree = (name: string, taken: readonly { readonly name: string }[]): boolean =>
    taken.every((entry) => entry.name !== name);
  const args: readonly Arg[] = Object.entries(own.args).map(([name, value]) => ({ name, value }));
  return {
    ...component,
    extraArgs: [...args.filter(({ name }) => isFree(name, extraArgs)), ...extraArgs],
    extraVolumes: [...(own.volumes ?? []).filter(({ name }) => isFree(name, extraVolumes)), ...extraVolumes],
  };
}
