import { address, cluster, init, kubelet, reset, TOKEN, versions } from "./documents.ts";

/** Where we say something else, each with its reason. */
export const DIFFERENT: readonly (readonly [reason: string, texts: readonly string[]])[] = [
  [
    "a version is known without the network, and its minor alone is enough",
    versions("v1.37", "v2.0.0", "v1.35.4", "v1.34.4"),
  ],
  [
    "pods and services with the same addresses cannot work",
    cluster(
      "networking: {podSubnet: 10.96.0.0/16}",
      "networking: {podSubnet: 10.0.0.0/8, serviceSubnet: 10.0.0.0/16}",
    ),
  ],
  [
    "the API server ends at once when its address is not of the services' family",
    cluster("networking: {serviceSubnet: 'fd00::/112'}"),
  ],
  [
    "no other machine reaches an API server there; kubeadm says so, too, but only in init",
    address(
      "{advertiseAddress: 224.0.0.1}",
      "{advertiseAddress: 169.254.1.1}",
      "{advertiseAddress: 'fe80::1'}",
    ),
  ],
  [
    "a socket of another scheme; kubeadm writes unix:// before it",
    [...init("nodeRegistration: {criSocket: tcp://a}"), ...reset("criSocket: tcp://a")],
  ],
  [
    "the API server takes no Node with such a taint",
    init(
      "nodeRegistration: {taints: [{key: 'a b', effect: NoSchedule}]}",
      "nodeRegistration: {taints: [{key: a, effect: Never}]}",
      "nodeRegistration: {taints: [{key: a, value: 'b c', effect: NoSchedule}]}",
      "nodeRegistration: {taints: [{key: a}]}",
      "nodeRegistration: {taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]}",
    ),
  ],
  [
    "no component takes such a flag, variable or volume",
    cluster(
      "apiServer: {extraArgs: [{name: --v, value: '2'}]}",
      "apiServer: {extraEnvs: [{name: 'A=B', value: c}]}",
      "apiServer: {extraEnvs: [{value: c}]}",
      "apiServer: {extraVolumes: [{name: a, hostPath: a, mountPath: /b}]}",
      "apiServer: {extraVolumes: [{name: a, hostPath: /a}]}",
      "apiServer: {extraVolumes: [{name: A_b, hostPath: /a, mountPath: /b}]}",
      "apiServer: {extraVolumes: [{name: a, hostPath: /a, mountPath: /b, pathType: Folder}]}",
      "etcd: {local: {imageTag: 'a b'}}",
    ),
  ],
  [
    "nothing can be waited for, or be valid, for no time",
    [
      ...init("timeouts: {kubernetesAPICall: 0s}"),
      ...cluster("certificateValidityPeriod: 0s", "certificateValidityPeriod: -1h"),
    ],
  ],
  [
    "kubeadm gives every token a ttl before it complains about ttl and expires together",
    init(`bootstrapTokens: [{token: ${TOKEN}, expires: '2099-01-01T00:00:00Z'}]`),
  ],
  ["an alpha feature that kubeadm itself gives up", cluster("featureGates: {RootlessControlPlane: true}")],
  ["the manifests would lie elsewhere", kubelet("staticPodPath: /srv/manifests")],
];
