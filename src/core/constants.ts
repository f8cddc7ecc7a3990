/** The version that is installed when none is asked for. Never looked up. */
export const DEFAULT_KUBERNETES_VERSION = "v1.37.2";

/** Source: kubeadm app/constants KubernetesAPIServer and its siblings, in the order in which they start. */
export const CONTROL_PLANE_COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
] as const;

/** One of the four static pods of a control plane. */
export type ControlPlaneComponent = (typeof CONTROL_PLANE_COMPONENTS)[number];

/** Ports. Source: kubeadm app/constants; k8s.io/kubernetes/pkg/cluster/ports. */
export const PORTS = {
  apiServer: 6443,
  controllerManager: 10257,
  scheduler: 10259,
  etcdClient: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
  kubelet: 10250,
  kubeletHealthz: 10248,
} as const;

/** Certificates are valid from this long before they are made. Source: kubeadm app/constants CertificateBackdate. */
export const CERTIFICATE_BACKDATE_MS = 5 * 60_000;

/** Source: kubeadm app/constants CertificateValidityPeriod, CACertificateValidityPeriod. */
export const CERTIFICATE_VALIDITY_MS = 8760 * 3_600_000;
export const CA_VALIDITY_MS = 87_600 * 3_600_000;

/** Priority of system-node-critical. Source: pkg/apis/scheduling SystemCriticalPriority + 1000. */
export const NODE_CRITICAL_PRIORITY = 2_000_001_000;
export const NODE_CRITICAL_CLASS = "system-node-critical";

/** Source: kubeadm app/constants LabelNodeRoleControlPlane. */
export const CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane";

/** Keeps ordinary pods off a node on which only static pods can run; its key is a label, too. */
export const HOST_RUNTIME_TAINT = { key: "slipway.dev/host-runtime", effect: "NoSchedule" } as const;

/** Annotations of static and mirror pods. Source: pkg/kubelet/types/pod_update.go. */
export const ANNOTATIONS = {
  configHash: "kubernetes.io/config.hash",
  configSource: "kubernetes.io/config.source",
  configSeen: "kubernetes.io/config.seen",
  configMirror: "kubernetes.io/config.mirror",
} as const;

/** What a hostPath volume may ask of its path, beside the empty text: nothing. Source: k8s.io/api/core/v1 HostPathType. */
export const HOST_PATH_TYPES = [
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
] as const;
