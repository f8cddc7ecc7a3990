import type { InitConfig } from "../../config/types.ts";
import { hardeningPaths } from "../../core/paths.ts";
import { componentEndpoints, etcdUrls } from "../component-ports.ts";
import { mergeFlags } from "../flags.ts";
import { selectImage } from "../images.ts";
import { buildProbe, buildVolumes, type ComponentView, mergeEnv, mountInPlace } from "./component-view.ts";

/** What etcd's template fills in, for the first member of a cluster. Source: kubeadm phases/etcd/local.go GetEtcdPodSpec. */
export function buildEtcdView(config: InitConfig): ComponentView {
  const { etcd } = config.cluster;
  const urls = etcdUrls(config);
  const endpoint = componentEndpoints(config).etcd;
  const mount = (name: string, path: string) =>
    mountInPlace({ name, path, pathType: "DirectoryOrCreate", readOnly: false });
  const { mounts, volumes } = buildVolumes([
    mount("etcd-certs", filesDir(config)),
    mount("etcd-data", etcd.dataDir),
  ]);
  return {
    annotation: urls["advertise-client-urls"],
    flags: mergeFlags({ ...urls, ...buildOwnFlags(config) }, etcd.extraArgs),
    env: mergeEnv(etcd.extraEnvs),
    image: selectImage(config.cluster, "etcd"),
    /** Unlike the others' probes, etcd's go to the address as it was written. */
    probe: { ...buildProbe(config, endpoint), host: endpoint.host },
    /** kubeadm sorts etcd's volumes and not its mounts. */
    mounts: mounts.toReversed(),
    volumes,
    runAs: config.etcdAccount,
  };
}

/** A user of its own cannot read what is root's, so it has copies. */
function filesDir({ root, cluster, etcdAccount }: InitConfig): string {
  return etcdAccount === undefined ? `${cluster.certificatesDir}/etcd` : hardeningPaths(root).etcdDir;
}

/** Source: kubeadm phases/etcd/local.go getEtcdCommand. */
function buildOwnFlags(config: InitConfig): Readonly<Record<string, string>> {
  const dir = filesDir(config);
  return {
    "cert-file": `${dir}/server.crt`,
    "client-cert-auth": "true",
    "data-dir": config.cluster.etcd.dataDir,
    "feature-gates": "InitialCorruptCheck=true",
    "key-file": `${dir}/server.key`,
    name: config.nodeName,
    "peer-cert-file": `${dir}/peer.crt`,
    "peer-client-cert-auth": "true",
    "peer-key-file": `${dir}/peer.key`,
    "peer-trusted-ca-file": `${dir}/ca.crt`,
    "snapshot-count": "10000",
    "trusted-ca-file": `${dir}/ca.crt`,
    "watch-progress-notify-interval": "5s",
  };
}
