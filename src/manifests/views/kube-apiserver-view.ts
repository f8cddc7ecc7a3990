import { dirname } from "node:path";
import type { HostPathMount, InitConfig } from "../../config/types.ts";
import { isLoopback } from "../../core/cidr.ts";
import { PORTS } from "../../core/constants.ts";
import { formatHostPort } from "../../core/host-port.ts";
import { componentEndpoints, etcdLoopback } from "../component-ports.ts";
import { findArg, mergeFlags } from "../flags.ts";
import { selectImage } from "../images.ts";
import {
  buildProbe,
  buildVolumes,
  type ComponentView,
  mergeEnv,
  mountCertificates,
  mountInPlace,
  type ViewOptions,
} from "./component-view.ts";

/** What kube-apiserver's template fills in. Source: kubeadm phases/controlplane/manifests.go GetStaticPodSpecs. */
export function buildApiServerView(config: InitConfig, options: ViewOptions): ComponentView {
  const { apiServer } = config.cluster;
  return {
    annotation: formatHostPort(config.advertiseAddress, config.bindPort),
    flags: mergeFlags(
      { ...buildOwnFlags(config), ...buildCertificateFlags(config), ...buildEtcdFlags(config) },
      apiServer.extraArgs,
    ),
    env: mergeEnv([...options.proxyEnv, ...apiServer.extraEnvs]),
    image: selectImage(config.cluster, "kube-apiserver"),
    probe: buildProbe(config, componentEndpoints(config)["kube-apiserver"]),
    ...buildVolumes([
      ...mountCertificates(config, options),
      ...mountEtcdFiles(config),
      ...apiServer.extraVolumes,
    ]),
  };
}

/** Source: kubeadm phases/controlplane/manifests.go getAPIServerCommand. */
function buildOwnFlags(config: InitConfig): Readonly<Record<string, string>> {
  const { cluster } = config;
  const authorizesByFile = findArg(cluster.apiServer.extraArgs, "authorization-config") !== undefined;
  return {
    "advertise-address": config.advertiseAddress,
    "allow-privileged": "true",
    ...(authorizesByFile ? {} : { "authorization-mode": "Node,RBAC" }),
    "enable-admission-plugins": "NodeRestriction",
    "enable-bootstrap-token-auth": "true",
    ...buildReconcilerFlag(config),
    "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-username-headers": "X-Remote-User",
    "secure-port": String(config.bindPort),
    "service-account-issuer": `https://kubernetes.default.svc.${cluster.dnsDomain}`,
    "service-cluster-ip-range": cluster.serviceSubnet,
  };
}

/**
 * Ours: with a loopback address kube-apiserver refuses to publish itself as an endpoint and exits.
 * Source: kube-apiserver "cannot use public IP 127.0.0.1 with endpoint reconciler".
 */
function buildReconcilerFlag(config: InitConfig): Readonly<Record<string, string>> {
  return isLoopback(config.advertiseAddress) ? { "endpoint-reconciler-type": "none" } : {};
}

function buildCertificateFlags(config: InitConfig): Readonly<Record<string, string>> {
  const dir = config.cluster.certificatesDir;
  return {
    "client-ca-file": `${dir}/ca.crt`,
    "kubelet-client-certificate": `${dir}/apiserver-kubelet-client.crt`,
    "kubelet-client-key": `${dir}/apiserver-kubelet-client.key`,
    "proxy-client-cert-file": `${dir}/front-proxy-client.crt`,
    "proxy-client-key-file": `${dir}/front-proxy-client.key`,
    "requestheader-client-ca-file": `${dir}/front-proxy-ca.crt`,
    "service-account-key-file": `${dir}/sa.pub`,
    "service-account-signing-key-file": `${dir}/sa.key`,
    "tls-cert-file": `${dir}/apiserver.crt`,
    "tls-private-key-file": `${dir}/apiserver.key`,
  };
}

/** Where etcd is asked: at others' endpoints, on this machine, or where etcd was told to say that it is. */
function buildEtcdFlags(config: InitConfig): Readonly<Record<string, string>> {
  const { externalEtcd: external, certificatesDir: dir } = config.cluster;
  if (external !== undefined) {
    const { caFile, certFile, keyFile } = external;
    return {
      "etcd-servers": external.endpoints.join(","),
      ...(caFile === "" ? {} : { "etcd-cafile": caFile }),
      ...(certFile === "" || keyFile === "" ? {} : { "etcd-certfile": certFile, "etcd-keyfile": keyFile }),
    };
  }
  const local = `https://${formatHostPort(etcdLoopback(config), PORTS.etcdClient)}`;
  return {
    "etcd-cafile": `${dir}/etcd/ca.crt`,
    "etcd-certfile": `${dir}/apiserver-etcd-client.crt`,
    "etcd-keyfile": `${dir}/apiserver-etcd-client.key`,
    "etcd-servers": findArg(config.cluster.etcd.extraArgs, "advertise-client-urls") ?? local,
  };
}

/**
 * Directories of CA certificates that are mounted when the machine has them. Source: kubeadm
 * phases/controlplane/volumes.go.
 */
const MOUNTED_DIRS = [
  "/etc/ssl/certs",
  "/etc/pki/ca-trust",
  "/etc/pki/tls/certs",
  "/etc/ca-certificates",
  "/usr/share/ca-certificates",
  "/usr/local/share/ca-certificates",
];

/**
 * The directories of the files for an etcd of others, the highest of those that lie in one another, unless they are
 * mounted already. Source: kubeadm phases/controlplane/volumes.go getEtcdCertVolumes.
 */
function mountEtcdFiles({ cluster }: InitConfig): readonly HostPathMount[] {
  const { caFile, certFile, keyFile } = cluster.externalEtcd ?? { caFile: "", certFile: "", keyFile: "" };
  const mounted = [...MOUNTED_DIRS, cluster.certificatesDir];
  const dirs = [caFile, certFile, keyFile]
    .filter((path) => path !== "")
    .map((path) => dirname(path))
    .filter((dir) => !mounted.some((prefix) => dir.startsWith(prefix)));
  return [...new Set(dirs)]
    .filter((dir, _index, all) => !all.some((other) => other !== dir && dir.startsWith(other)))
    .sort()
    .map((path, index) =>
      mountInPlace({ name: `etcd-certs-${index}`, path, pathType: "DirectoryOrCreate", readOnly: true }),
    );
}
