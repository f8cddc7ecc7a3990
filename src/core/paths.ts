import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where everything of one cluster lies; all absolute, all under one root. */
export interface ClusterPaths {
  readonly root: string;
  /** `/etc/kubernetes`: pki, manifests and the kubeconfigs. */
  readonly kubernetesDir: string;
  readonly pkiDir: string;
  readonly manifestDir: string;
  readonly etcdDataDir: string;
  /** `/var/lib/kubelet`: what a kubelet of this machine reads. */
  readonly kubeletDir: string;
  /** `/var/lib/slipway`: what only we use. */
  readonly stateDir: string;
  readonly ledgerPath: string;
  /** The same once more, for a ledger that cannot be read. */
  readonly ledgerCopyPath: string;
  /** What the file of `init --config` said, for when it is gone; may hold tokens. */
  readonly configCopyPath: string;
  /** There while a reset is at work, or was when it was cut off. */
  readonly resetMarkPath: string;
  readonly runnerConfigPath: string;
  /** The flags of a runner without a control plane, so that it can be started again. */
  readonly runnerFlagsPath: string;
  /** Manifests that are taken out of the kubelet's sight while it is relieved. */
  readonly keptManifestDir: string;
  /** The runner's serving certificate and key for the kubelet API. */
  readonly servingCertPath: string;
  readonly servingKeyPath: string;
  /** One directory a container: spec, identity, exit record, spool. */
  readonly containersDir: string;
  /** One directory a pod, by UID: volumes, termination messages. */
  readonly podsDir: string;
  /** What the runner has made outside its own trees, a JSON line each. */
  readonly madePathsPath: string;
  /** What has happened to the pods, a JSON line each. */
  readonly eventsPath: string;
  readonly runDir: string;
  readonly controlSocketPath: string;
  readonly podLogsDir: string;
  readonly containerLogsDir: string;
  readonly runnerLogPath: string;
}

/** What only a hardened control plane has, under a root. */
export interface HardeningPaths {
  /** What kube-apiserver reads; root's alone. */
  readonly apiServerDir: string;
  readonly admissionPath: string;
  readonly auditPolicyPath: string;
  readonly authenticationPath: string;
  /** Holds the key that Secrets are encrypted with. */
  readonly encryptionPath: string;
  readonly auditLogDir: string;
  /** Copies of etcd's certificates and keys that belong to the user that etcd runs as. */
  readonly etcdDir: string;
}

/** Where a hardened control plane has what others lack. */
export function hardeningPaths(root: string): HardeningPaths {
  const apiServerDir = join(root, "etc/kubernetes/apiserver");
  return {
    apiServerDir,
    admissionPath: join(apiServerDir, "admission.yaml"),
    auditPolicyPath: join(apiServerDir, "audit-policy.yaml"),
    authenticationPath: join(apiServerDir, "authentication.yaml"),
    encryptionPath: join(apiServerDir, "encryption.yaml"),
    auditLogDir: join(root, "var/log/kubernetes/audit"),
    etcdDir: join(root, "etc/kubernetes/etcd"),
  };
}

/** A Unix socket path must fit `sun_path`; Node 20 cuts a longer one silently. Our bound leaves some room below 108. */
const MAX_SOCKET_PATH_BYTES = 100;

/** The layout under a root (`/` or an absolute directory), for a user of this uid. */
export function buildPaths(options: { readonly root: string; readonly uid: number }): ClusterPaths {
  const under = (...parts: string[]): string => join(options.root, ...parts);
  const stateDir = under("var/lib/slipway");
  const runDir = under("run/slipway");
  return {
    root: options.root,
    kubernetesDir: under("etc/kubernetes"),
    pkiDir: under("etc/kubernetes/pki"),
    manifestDir: under("etc/kubernetes/manifests"),
    etcdDataDir: under("var/lib/etcd"),
    kubeletDir: under("var/lib/kubelet"),
    stateDir,
    ledgerPath: join(stateDir, "ledger.json"),
    ledgerCopyPath: join(stateDir, "ledger.copy.json"),
    configCopyPath: join(stateDir, "config.yaml"),
    resetMarkPath: join(stateDir, "reset-begun"),
    runnerConfigPath: join(stateDir, "runner.yaml"),
    runnerFlagsPath: join(stateDir, "runner-flags.json"),
    keptManifestDir: join(stateDir, "manifests"),
    servingCertPath: join(stateDir, "pki/kubelet.crt"),
    servingKeyPath: join(stateDir, "pki/kubelet.key"),
    containersDir: join(stateDir, "containers"),
    podsDir: join(stateDir, "pods"),
    madePathsPath: join(stateDir, "made-paths.jsonl"),
    eventsPath: join(stateDir, "events.jsonl"),
    runDir,
    controlSocketPath: controlSocketPath(runDir, options),
    podLogsDir: under("var/log/pods"),
    containerLogsDir: under("var/log/containers"),
    runnerLogPath: under("var/log/slipway/runner.log"),
  };
}

/** A path of the configuration or a default, moved under the root: `/etc/x` under `/r` is `/r/etc/x`. */
export function underRoot(root: string, path: string): string {
  return join(root, path);
}

function controlSocketPath(runDir: string, options: { readonly root: string; readonly uid: number }): string {
  const inRoot = join(runDir, "control.sock");
  if (Buffer.byteLength(inRoot) <= MAX_SOCKET_PATH_BYTES) return inRoot;
  const hash = createHash("sha256").update(options.root).digest("hex").slice(0, 16);
  const base = options.uid === 0 ? "/run/slipway-0" : `/tmp/slipway-${options.uid}`;
  return join(base, `${hash}.sock`);
}
