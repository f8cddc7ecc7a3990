import type { ClusterSettings } from "../../config/types.ts";
import { nthAddress, parseCidrs } from "../../core/cidr.ts";
import { CONTROL_PLANE_LABEL } from "../../core/constants.ts";
import { selectDnsImage } from "../../manifests/images.ts";
import type { KubeObject } from "../types.ts";
import { buildClusterRole, buildClusterRoleBinding } from "./rbac.ts";

const NAMESPACE = "kube-system";
const SELECTOR = { "k8s-app": "kube-dns" } as const;

/** The DNS add-on of a cluster. Source: kubeadm phases/addons/dns/manifests.go. */
export function buildCoreDns(cluster: ClusterSettings): readonly KubeObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "coredns", namespace: NAMESPACE },
      data: { Corefile: formatCorefile(cluster.dnsDomain) },
    },
    buildClusterRole("system:coredns", [
      {
        apiGroups: [""],
        resources: ["endpoints", "services", "pods", "namespaces"],
        verbs: ["list", "watch"],
      },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    buildClusterRoleBinding("system:coredns", {
      role: "system:coredns",
      subject: { kind: "ServiceAccount", name: "coredns", namespace: NAMESPACE },
    }),
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "coredns", namespace: NAMESPACE } },
    buildDeployment(cluster),
    buildService(cluster),
  ];
}

function formatCorefile(domain: string): string {
  return `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${domain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success ${domain}
       disable denial ${domain}
    }
    loop
    reload
    loadbalance
}
`;
}

function buildDeployment(cluster: ClusterSettings): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "coredns", namespace: NAMESPACE, labels: SELECTOR },
    spec: {
      replicas: 2,
      selector: { matchLabels: SELECTOR },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels: SELECTOR },
        spec: {
          affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [SPREAD] } },
          containers: [buildContainer(cluster)],
          dnsPolicy: "Default",
          nodeSelector: { "kubernetes.io/os": "linux" },
          priorityClassName: "system-cluster-critical",
          serviceAccountName: "coredns",
          tolerations: [
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { key: CONTROL_PLANE_LABEL, effect: "NoSchedule" },
          ],
          volumes: [
            {
              name: "config-volume",
              configMap: { name: "coredns", items: [{ key: "Corefile", path: "Corefile" }] },
            },
          ],
        },
      },
    },
  };
}

const SPREAD = {
  weight: 100,
  podAffinityTerm: {
    labelSelector: { matchExpressions: [{ key: "k8s-app", operator: "In", values: ["kube-dns"] }] },
    topologyKey: "kubernetes.io/hostname",
  },
};

function buildContainer(cluster: ClusterSettings): Readonly<Record<string, unknown>> {
  return {
    name: "coredns",
    image: selectDnsImage(cluster),
    imagePullPolicy: "IfNotPresent",
    args: ["-conf", "/etc/coredns/Corefile"],
    livenessProbe: {
      failureThreshold: 5,
      httpGet: { path: "/health", port: "liveness-probe", scheme: "HTTP" },
      initialDelaySeconds: 60,
      successThreshold: 1,
      timeoutSeconds: 5,
    },
    ports: [
      { containerPort: 53, name: "dns", protocol: "UDP" },
      { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
      { containerPort: 9153, name: "metrics", protocol: "TCP" },
      { containerPort: 8080, name: "liveness-probe", protocol: "TCP" },
      { containerPort: 8181, name: "readiness-probe", protocol: "TCP" },
    ],
    readinessProbe: { httpGet: { path: "/ready", port: "readiness-probe", scheme: "HTTP" } },
    resources: { limits: { memory: "170Mi" }, requests: { cpu: "100m", memory: "70Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: "config-volume", mountPath: "/etc/coredns", readOnly: true }],
  };
}

/** Source: kubeadm app/constants GetDNSIP. */
const DNS_ADDRESS_INDEX = 10;

function buildService(cluster: ClusterSettings): KubeObject {
  const [services] = parseCidrs(cluster.serviceSubnet) ?? [];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace: NAMESPACE,
      labels: {
        ...SELECTOR,
        "kubernetes.io/cluster-service": "true",
        "kubernetes.io/name": "CoreDNS",
      },
      annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
    },
    spec: {
      clusterIP: services && nthAddress(services, DNS_ADDRESS_INDEX),
      ports: [
        { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
        { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
        { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
      ],
      selector: SELECTOR,
    },
  };
}
