import { CONTROL_PLANE_LABEL } from "../core/constants.ts";

/** What a field that is not set means. Source: kubeadm apis/kubeadm/v1beta4/defaults.go and app/constants. */
export const DEFAULTS = {
  staticPodPath: "/etc/kubernetes/manifests",
  certificatesDir: "/etc/kubernetes/pki",
  clusterName: "kubernetes",
  dnsDomain: "cluster.local",
  etcdDataDir: "/var/lib/etcd",
  imageRepository: "registry.k8s.io",
  serviceSubnet: "10.96.0.0/12",
  criSocket: "unix:///var/run/containerd/containerd.sock",
  /** Ours, on purpose: kubeadm's RSA-2048 costs seconds to make, P-256 milliseconds. */
  encryptionAlgorithm: "ECDSA-P256",
} as const;

/** What keeps pods off a control plane. Source: kubeadm app/constants ControlPlaneTaint. */
export const DEFAULT_TAINT = { key: CONTROL_PLANE_LABEL, effect: "NoSchedule" } as const;

/** Timeouts that are not set. Source: kubeadm app/constants ControlPlaneComponentHealthCheckTimeout and its siblings. */
export const DEFAULT_TIMEOUTS_MS = {
  controlPlaneComponentHealthCheck: 240_000,
  kubernetesAPICall: 60_000,
  discovery: 300_000,
  etcdAPICall: 120_000,
  kubeletHealthCheck: 240_000,
  tlsBootstrap: 300_000,
  upgradeManifests: 300_000,
} as const;
