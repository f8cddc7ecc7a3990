import { nthAddress, parseCidrs, parseIpAddress } from "../core/cidr.ts";
import { PORTS } from "../core/constants.ts";
import { isObject } from "../core/json.ts";
import { COMPONENT_TREES, type ComponentFields, completeDocument } from "./component-document.ts";
import { DEFAULTS } from "./defaults.ts";
import type { InitConfig } from "./types.ts";

type Source = Pick<InitConfig, "advertiseAddress" | "cluster" | "kubelet" | "kubeProxy">;

/**
 * The KubeletConfiguration for every node: the user's, with what kubeadm sets where it says nothing, and every field
 * that Go writes. Source: kubeadm app/componentconfigs/kubelet.go Default.
 */
export function buildKubeletDocument({ cluster, kubelet }: Source): ComponentFields {
  const user = kubelet.document ?? {};
  const authentication = group(user, "authentication");
  const [services] = parseCidrs(cluster.serviceSubnet) ?? [];
  const fields = completeDocument(COMPONENT_TREES.KubeletConfiguration, {
    ...user,
    authentication: {
      ...authentication,
      anonymous: {
        ...group(authentication, "anonymous"),
        ...unless(authentication, "anonymous", { enabled: false }),
      },
      webhook: {
        ...group(authentication, "webhook"),
        ...unless(authentication, "webhook", { enabled: true }),
      },
      x509: {
        clientCAFile: group(authentication, "x509")["clientCAFile"] || `${cluster.certificatesDir}/ca.crt`,
      },
    },
    authorization: {
      ...group(user, "authorization"),
      mode: group(user, "authorization")["mode"] || "Webhook",
    },
    cgroupDriver: user["cgroupDriver"] || "systemd",
    clusterDNS: user["clusterDNS"] ?? [services && nthAddress(services, DNS_ADDRESS_INDEX)],
    clusterDomain: user["clusterDomain"] || cluster.dnsDomain,
    healthzBindAddress: user["healthzBindAddress"] || "127.0.0.1",
    healthzPort: user["healthzPort"] ?? PORTS.kubeletHealthz,
    rotateCertificates: true,
    staticPodPath: user["staticPodPath"] || DEFAULTS.staticPodPath,
  });
  return { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", ...fields };
}

/** Source: kubeadm app/constants GetDNSIP: the tenth address of the services. */
const DNS_ADDRESS_INDEX = 10;

/** The KubeProxyConfiguration for every node. Source: kubeadm app/componentconfigs/kubeproxy.go Default. */
export function buildKubeProxyDocument({
  advertiseAddress,
  cluster,
  kubeProxy: user,
}: Source): ComponentFields {
  const isIpv4 = parseIpAddress(advertiseAddress)?.family === "IPv4";
  const connection = group(user, "clientConnection");
  const fields = completeDocument(COMPONENT_TREES.KubeProxyConfiguration, {
    ...user,
    bindAddress: user["bindAddress"] || (isIpv4 ? "0.0.0.0" : "::"),
    clientConnection: {
      ...connection,
      kubeconfig: connection["kubeconfig"] || "/var/lib/kube-proxy/kubeconfig.conf",
    },
    clusterCIDR: user["clusterCIDR"] || cluster.podSubnet,
    mode: user["mode"] || "iptables",
  });
  return { apiVersion: "kubeproxy.config.k8s.io/v1alpha1", kind: "KubeProxyConfiguration", ...fields };
}

function group(fields: ComponentFields, name: string): ComponentFields {
  const value = fields[name];
  return isObject(value) ? value : {};
}

/** The fields that the user's group leaves open. */
function unless(fields: ComponentFields, name: string, defaults: ComponentFields): ComponentFields {
  const given = group(fields, name);
  return Object.fromEntries(
    Object.entries(defaults).filter(([key]) => (given[key] ?? undefined) === undefined),
  );
}
