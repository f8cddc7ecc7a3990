import { buildKubeProxyDocument } from "../../config/component-defaults.ts";
import type { InitConfig } from "../../config/types.ts";
import { formatYaml } from "../../core/yaml.ts";
import { selectKubeProxyImage } from "../../manifests/images.ts";
import type { KubeObject } from "../types.ts";
import { BOOTSTRAP_TOKEN_GROUP, buildClusterRoleBinding, buildReaders } from "./rbac.ts";
import { signConfigMap } from "./uploaded-config.ts";

const NAME = "kube-proxy";
const NAMESPACE = "kube-system";
const LABELS = { "k8s-app": NAME } as const;

/** The service proxy of every node. Source: kubeadm phases/addons/proxy. */
export function buildKubeProxy(
  config: InitConfig,
  options: { readonly server: string },
): readonly KubeObject[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: NAMESPACE } },
    buildClusterRoleBinding("kubeadm:node-proxier", {
      role: "system:node-proxier",
      subject: { kind: "ServiceAccount", name: NAME, namespace: NAMESPACE },
    }),
    ...buildReaders(NAME, {
      namespace: NAMESPACE,
      resource: "configmaps",
      object: NAME,
      subjects: [{ kind: "Group", name: BOOTSTRAP_TOKEN_GROUP }],
    }),
    buildConfigMap(config, options.server),
    buildDaemonSet(config),
  ];
}

/** Both texts end without a newline, as a block with `|-` reads. */
function buildConfigMap(config: InitConfig, server: string): KubeObject {
  const data = {
    "config.conf": formatYaml(buildKubeProxyDocument(config)).trimEnd(),
    "kubeconfig.conf": formatKubeconfig(server),
  };
  const map = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: NAME, namespace: NAMESPACE, labels: { app: NAME } },
    data,
  };
  return Object.keys(config.kubeProxy).length === 0 ? signConfigMap(map, data) : map;
}

function formatKubeconfig(server: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    server: ${server}
  name: default
contexts:
- context:
    cluster: default
    namespace: default
    user: default
  name: default
current-context: default
users:
- name: default
  user:
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token`;
}

function buildDaemonSet({ cluster }: InitConfig): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          containers: [
            {
              name: NAME,
              image: selectKubeProxyImage(cluster),
              imagePullPolicy: "IfNotPresent",
              command: [
                "/usr/local/bin/kube-proxy",
                "--config=/var/lib/kube-proxy/config.conf",
                "--hostname-override=$(NODE_NAME)",
              ],
              env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
              securityContext: { privileged: true },
              volumeMounts: [
                { mountPath: "/var/lib/kube-proxy", name: NAME },
                { mountPath: "/run/xtables.lock", name: "xtables-lock" },
                { mountPath: "/lib/modules", name: "lib-modules", readOnly: true },
              ],
            },
          ],
          hostNetwork: true,
          nodeSelector: { "kubernetes.io/os": "linux" },
          priorityClassName: "system-node-critical",
          serviceAccountName: NAME,
          tolerations: [{ operator: "Exists" }],
          volumes: [
            { name: NAME, configMap: { name: NAME } },
            { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
            { name: "lib-modules", hostPath: { path: "/lib/modules" } },
          ],
        },
      },
      updateStrategy: { type: "RollingUpdate" },
    },
  };
}
