/** What one Kubernetes minor is run with. */
export interface MinorVersion {
  readonly minor: number;
  /** The newest patch we know: what `1.36` alone means. */
  readonly newest: string;
  /** The etcd image tag that this minor's own latest kubeadm writes. */
  readonly etcdImageTag: string;
  /** The etcd release that is downloaded or built: the tag's, or the next patch that was published as a Go module. */
  readonly etcdVersion: string;
  readonly coreDnsImageTag: string;
  readonly pauseImageTag: string;
}

/**
 * The supported minors, newest first.
 * Source: kubeadm app/constants of v1.37.2, v1.36.3, v1.35.4 and v1.34.4 (DefaultEtcdVersion, SupportedEtcdVersion,
 * CoreDNSVersion, PauseVersion). There is no v3.6.6 of etcd's server module; v3.6.8 is the next one.
 */
export const MINOR_VERSIONS: readonly MinorVersion[] = [
  {
    minor: 37,
    newest: "v1.37.2",
    etcdImageTag: "3.7.0-0",
    etcdVersion: "v3.7.0",
    coreDnsImageTag: "v1.14.6",
    pauseImageTag: "3.10.2",
  },
  {
    minor: 36,
    newest: "v1.36.3",
    etcdImageTag: "3.6.8-0",
    etcdVersion: "v3.6.8",
    coreDnsImageTag: "v1.14.2",
    pauseImageTag: "3.10.2",
  },
  {
    minor: 35,
    newest: "v1.35.4",
    etcdImageTag: "3.6.6-0",
    etcdVersion: "v3.6.8",
    coreDnsImageTag: "v1.13.1",
    pauseImageTag: "3.10.1",
  },
  {
    minor: 34,
    newest: "v1.34.4",
    etcdImageTag: "3.6.5-0",
    etcdVersion: "v3.6.5",
    coreDnsImageTag: "v1.12.1",
    pauseImageTag: "3.10.1",
  },
];

/** The row for a Kubernetes version such as `v1.37.2`; undefined when its minor is not supported. */
export function selectMinorVersion(kubernetesVersion: string): MinorVersion | undefined {
  const match = /^v1\.(\d+)\.\d+/.exec(kubernetesVersion);
  return MINOR_VERSIONS.find((row) => row.minor === Number(match?.[1]));
}
