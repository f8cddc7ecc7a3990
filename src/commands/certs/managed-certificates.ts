import { dirname, join } from "node:path";
import type { AuthorityName, ClusterSettings } from "../../config/types.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { CertificatePlace } from "../../pki/describe-certificate-fault.ts";
import type { System } from "../../system/system.ts";

/** A certificate that is made anew before it ends. */
export interface ManagedCertificate {
  /** As kubeadm calls it: `apiserver`, `etcd-server`, `admin.conf`. */
  readonly name: string;
  readonly longName: string;
  readonly authority: AuthorityName;
  /** A CA of its own, which signs in that one's place where it is there. */
  readonly ownAuthority?: CertificatePlace;
  readonly file:
    | { readonly kind: "pair"; readonly certPath: string; readonly keyPath: string }
    | { readonly kind: "kubeconfig"; readonly path: string };
  /** Ours, not kubeadm's: one that is not there is not missed. */
  readonly optional: boolean;
}

const PAIRS: readonly (readonly [base: string, authority: AuthorityName, longName: string])[] = [
  ["apiserver", "ca", "certificate for serving the Kubernetes API"],
  ["apiserver-etcd-client", "etcd/ca", "certificate the apiserver uses to access etcd"],
  ["apiserver-kubelet-client", "ca", "certificate for the API server to connect to kubelet"],
  ["etcd/healthcheck-client", "etcd/ca", "certificate for liveness probes to healthcheck etcd"],
  ["etcd/peer", "etcd/ca", "certificate for etcd nodes to communicate with each other"],
  ["etcd/server", "etcd/ca", "certificate for serving etcd"],
  ["front-proxy-client", "front-proxy-ca", "certificate for the front proxy client"],
];

const KUBECONFIGS = [
  ["admin.conf", "the administrators to use", false],
  ["controller-manager.conf", "the controller manager to use", false],
  ["kubelet.conf", "the runner to use as this node", true],
  ["scheduler.conf", "the scheduler to use", false],
  ["super-admin.conf", "the super-administrators to use", false],
] as const;

const RUNNER_SERVING = "runner-serving";

/** The names of all that can be made anew. */
export const MANAGED_NAMES: readonly string[] = [
  ...PAIRS.map(([base]) => base.replace("/", "-")),
  ...KUBECONFIGS.map(([name]) => name),
  RUNNER_SERVING,
];

/**
 * The certificates of a control plane node, by name; with an external etcd not those that its CA signs. The runner's
 * own are among them: no kubelet renews those. Source: kubeadm phases/certs/renewal/manager.go, certlist.go.
 */
export function listManagedCertificates(
  cluster: ClusterSettings,
  paths: ClusterPaths,
): readonly ManagedCertificate[] {
  const pairs = PAIRS.filter(
    ([, authority]) => cluster.externalEtcd === undefined || authority !== "etcd/ca",
  );
  const managed: ManagedCertificate[] = [
    ...pairs.map(([base, authority, longName]) => ({
      name: base.replace("/", "-"),
      longName,
      authority,
      file: pairOf(join(cluster.certificatesDir, base)),
      optional: false,
    })),
    ...KUBECONFIGS.map(([name, use, optional]) => ({
      name,
      longName: `certificate embedded in the kubeconfig file for ${use}`,
      authority: "ca" as const,
      file: { kind: "kubeconfig" as const, path: join(paths.kubernetesDir, name) },
      optional,
    })),
    {
      name: RUNNER_SERVING,
      longName: "certificate for serving the kubelet API of the runner",
      authority: "ca",
      ownAuthority: pairOf(join(dirname(paths.servingCertPath), "ca")),
      file: { kind: "pair", certPath: paths.servingCertPath, keyPath: paths.servingKeyPath },
      optional: true,
    },
  ];
  return managed.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** The CAs, by name, as kubeadm lists them. */
export function listAuthorities(cluster: ClusterSettings): readonly {
  readonly name: string;
  readonly authority: AuthorityName;
}[] {
  return [
    { name: "ca", authority: "ca" },
    ...(cluster.externalEtcd === undefined ? [{ name: "etcd-ca", authority: "etcd/ca" } as const] : []),
    { name: "front-proxy-ca", authority: "front-proxy-ca" },
  ];
}

/** The files of the CA that signs a certificate: the cluster's, or its own while that one's key is elsewhere. */
export async function findSigner(
  system: Pick<System, "fs">,
  { cluster, certificate }: { readonly cluster: ClusterSettings; readonly certificate: ManagedCertificate },
): Promise<CertificatePlace> {
  const { ownAuthority, authority } = certificate;
  const ofCluster = authorityFiles(cluster, authority);
  if (ownAuthority === undefined || (await system.fs.stat(ofCluster.keyPath)) !== undefined) return ofCluster;
  return (await system.fs.stat(ownAuthority.keyPath)) === undefined ? ofCluster : ownAuthority;
}

/** The files of a certificate and of its key: the same one for a kubeconfig, which holds both. */
export function placeOf({ file }: ManagedCertificate): CertificatePlace {
  return file.kind === "pair" ? file : { certPath: file.path, keyPath: file.path };
}

/** The files of one of the cluster's CAs. */
export function authorityFiles(cluster: ClusterSettings, authority: AuthorityName): CertificatePlace {
  const { certPath, keyPath } = pairOf(join(cluster.certificatesDir, authority));
  return { certPath, keyPath };
}

function pairOf(base: string): {
  readonly kind: "pair";
  readonly certPath: string;
  readonly keyPath: string;
} {
  return { kind: "pair", certPath: `${base}.crt`, keyPath: `${base}.key` };
}
