/** A configuration file that kubeadm and Slipway judge. */
export interface CorpusEntry {
  readonly name: string;
  readonly text: string;
  /** Why our verdict is another than kubeadm's, and on purpose. */
  readonly differs?: string;
}

const V4 = "apiVersion: kubeadm.k8s.io/v1beta4";
/** So that no verdict depends on the machine or the network. */
const INIT = `${V4}\nkind: InitConfiguration\nlocalAPIEndpoint: {advertiseAddress: 10.77.0.1}\n`;
const NODE_INIT = `${V4}\nkind: InitConfiguration\nnodeRegistration: {name: node01}\n`;
const CLUSTER_HEAD = `${V4}\nkind: ClusterConfiguration\n`;
const CLUSTER = `${CLUSTER_HEAD}kubernetesVersion: v1.37.2\n`;
const JOIN = `${V4}\nkind: JoinConfiguration\n`;
const RESET = `${V4}\nkind: ResetConfiguration\n`;
const UPGRADE = `${V4}\nkind: UpgradeConfiguration\n`;
const KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
const PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
const TOKEN = "abcde1.0123456789abcdef";
const DISCOVERY = `discovery: {bootstrapToken: {token: ${TOKEN}, apiServerEndpoint: "10.0.0.1:6443", unsafeSkipCAVerification: true}}`;

/** A ClusterConfiguration with these lines, and an InitConfiguration. */
const cluster = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER}${line}\n`);
const versions = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER_HEAD}kubernetesVersion: ${line}\n`);
/** An InitConfiguration with these lines, and a ClusterConfiguration. */
const init = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}${line}\n---\n${CLUSTER}`);
const address = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${NODE_INIT}localAPIEndpoint: ${line}\n---\n${CLUSTER}`);
const kubelet = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER}---\n${KUBELET}${line}\n`);
const proxy = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER}---\n${PROXY}${line}\n`);
const join = (...lines: readonly string[]): readonly string[] => lines.map((line) => `${JOIN}${line}\n`);
const reset = (...lines: readonly string[]): readonly string[] => lines.map((line) => `${RESET}${line}\n`);
const upgrade = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${UPGRADE}${line}\n`);

/** Of these both say the same. */
const AGREED: readonly string[] = [
  ...cluster(
    "",
    "clusterName: a",
    "clusterName: ''",
    "clusterName: 5",
    "clusterNam: a",
    "ClusterName: a",
    "clustername: a",
    "clusterName: a\nclusterName: b",
    "clusterName: null",
    "certificatesDir: /a",
    "certificatesDir: a",
    "certificatesDir: ./a",
    "certificatesDir: ''",
    "imageRepository: example.com/a",
    "imageRepository: example.com:5000/a/b_c",
    "imageRepository: 'example.com/A B'",
    "imageRepository: example.com/UPPER",
    "imageRepository: http://example.com",
    "imageRepository: localhost",
    "imageRepository: example.com/",
    "controlPlaneEndpoint: api.example.com",
    "controlPlaneEndpoint: api.example.com:443",
    "controlPlaneEndpoint: api.example.com:0",
    "controlPlaneEndpoint: api.example.com:65536",
    "controlPlaneEndpoint: api.example.com:x",
    "controlPlaneEndpoint: 10.0.0.1",
    "controlPlaneEndpoint: '[fd00::1]:6443'",
    "controlPlaneEndpoint: 'fd00::1'",
    "controlPlaneEndpoint: API.example.com",
    "controlPlaneEndpoint: a_b",
    "controlPlaneEndpoint: https://a:1",
    "networking: {}",
    "networking: []",
    "networking: {dnsDomain: a.b}",
    "networking: {dnsDomain: A.b}",
    "networking: {dnsDomain: a..b}",
    "networking: {dnsDomain: ''}",
    "networking: {serviceSubnet: 10.0.0.0/16}",
    "networking: {serviceSubnet: 10.0.0.0/12}",
    "networking: {serviceSubnet: 10.0.0.0/11}",
    "networking: {serviceSubnet: 10.0.0.0/28}",
    "networking: {serviceSubnet: 10.0.0.0/29}",
    "networking: {serviceSubnet: 10.0.0.0}",
    "networking: {serviceSubnet: 10.0.0.0/33}",
    "networking: {serviceSubnet: '10.0.0.0/16,fd00::/112'}",
    "networking: {serviceSubnet: '10.0.0.0/16,10.1.0.0/16'}",
    "networking: {serviceSubnet: '10.0.0.0/16,fd00::/112,fd01::/112'}",
    "networking: {serviceSubnet: '10.0.0.0/16, fd00::/112'}",
    "networking: {serviceSubnet: '10.0.0.0/16,fd00::/64'}",
    "networking: {podSubnet: 10.244.0.0/16}",
    "networking: {podSubnet: 10.244.0.0/24}",
    "networking: {podSubnet: 10.244.0.0/25}",
    "networking: {podSubnet: 11.0.0.0/7}",
    "networking: {podSubnet: 'fd00::/48'}",
    "networking: {podSubnet: 'fd00::/40'}",
    "networking: {podSubnet: 'fd00::/65'}",
    "networking: {podSubnet: '10.244.0.0/16,fd00::/48'}",
    "networking: {podSubnet: 10.244.0.0/30}",
    "networking: {podSubnet: x}",
    "networking: {podSubnet: 10.244.0.0/25}\ncontrollerManager: {extraArgs: [{name: node-cidr-mask-size-ipv4, value: '26'}]}",
    "networking: {podSubnet: 10.244.0.0/25}\ncontrollerManager: {extraArgs: [{name: node-cidr-mask-size-ipv4, value: x}]}",
    "networking: {podSubnet: 16.0.0.0/7}\ncontrollerManager: {extraArgs: [{name: allocate-node-cidrs, value: 'false'}]}",
    "encryptionAlgorithm: ECDSA-P256",
    "encryptionAlgorithm: ECDSA-P384",
    "encryptionAlgorithm: RSA-4096",
    "encryptionAlgorithm: RSA-1024",
    "encryptionAlgorithm: rsa-2048",
    "certificateValidityPeriod: 24h",
    "certificateValidityPeriod: 24",
    "certificateValidityPeriod: a day",
    "caCertificateValidityPeriod: 1h\ncertificateValidityPeriod: 2h",
    "featureGates: {RootlessControlPlane: false}",
    "featureGates: {PublicKeysECDSA: true}",
    "featureGates: {EtcdLearnerMode: true}",
    "featureGates: {Unknown: true}",
    "featureGates: {RootlessControlPlane: 'false'}",
    "featureGates: RootlessControlPlane=false",
    "dns: {}",
    "dns: {disabled: true, imageTag: v1.9}",
    "dns: {imageRepository: example.com/x}",
    "dns: {imageRepository: 'a b'}",
    "dns: {type: CoreDNS}",
    "proxy: {disabled: true}",
    "proxy: {disabled: 'true'}",
    "apiServer: {certSANs: [a.b, '*.a.b', 10.0.0.1, 'fd00::1', A.B]}",
    "apiServer: {certSANs: ['a b']}",
    "apiServer: {certSANs: ['*']}",
    "apiServer: {certSANs: ['a.*.b']}",
    "apiServer: {certSANs: a.b}",
    "apiServer: {certSANs: [5]}",
    "apiServer: {extraArgs: [{name: v, value: '2'}]}",
    "apiServer: {extraArgs: [{name: v}]}",
    "apiServer: {extraArgs: [{value: '2'}]}",
    "apiServer: {extraArgs: [{name: v, value: 2}]}",
    "apiServer: {extraArgs: {v: '2'}}",
    "apiServer: {extraArgs: [{name: v, value: '2', mergeMethod: append}]}",
    "apiServer: {timeoutForControlPlane: 4m}",
    "apiServer: {extraEnvs: [{name: A, value: b}]}",
    "apiServer: {extraEnvs: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}",
    "apiServer: {extraEnvs: [{name: A, valueFrom: {field: {}}}]}",
    "apiServer: {extraVolumes: [{name: a, hostPath: /a, mountPath: /b, readOnly: true, pathType: File}]}",
    "apiServer: {extraVolumes: [{name: a, hostPath: /a, mountPath: /b, readonly: true}]}",
    "scheduler: {certSANs: [a.b]}",
    "scheduler: null",
    "controllerManager: x",
    "etcd: {local: {dataDir: /a}}",
    "etcd: {local: {dataDir: a}}",
    "etcd: {local: {imageTag: 3.7.0-0, imageRepository: example.com/a}}",
    "etcd: {local: {imageRepository: 'a b'}}",
    "etcd: {local: {serverCertSANs: ['a b']}}",
    "etcd: {local: {peerCertSANs: [a.b]}}",
    "etcd: {local: {extraVolumes: []}}",
    "etcd: {local: {}, external: {endpoints: ['https://a:1']}}",
    "etcd: {external: {endpoints: ['https://a:1']}}",
    "etcd: {external: {endpoints: ['http://a:1']}}",
    "etcd: {external: {endpoints: ['http://a:1'], caFile: /a}}",
    "etcd: {external: {endpoints: ['https://a:1'], caFile: a}}",
    "etcd: {external: {endpoints: ['https://a:1'], caFile: /a, certFile: /b, keyFile: /c}}",
    "etcd: {external: {endpoints: ['https://a:1'], certFile: /b, keyFile: /c}}",
    "etcd: {external: {endpoints: ['https://a:1'], caFile: /a, certFile: /b}}",
    "etcd: {external: {endpoints: []}}",
    "etcd: {external: {endpoints: ['a:1']}}",
    "etcd: {external: {endpoints: [a]}}",
    "etcd: {external: {endpoints: ['https://a:1'], httpEndpoints: ['http://a:2']}}",
    "etcd: {}",
  ),
  ...versions("v1.37.2", "1.37.0", "v1.36.3", "v1.33.0", "x", "'1'"),
  ...init(
    "",
    "dryRun: true",
    "dryRun: 'true'",
    "skipPhases: [addon]",
    "skipPhases: addon",
    "certificateKey: a",
    `certificateKey: ${"ab".repeat(32)}`,
    `certificateKey: ${"ab".repeat(31)}`,
    `certificateKey: ${"xy".repeat(32)}`,
    "patches: {directory: /a}",
    "patches: {directory: a}",
    "patches: {dir: a}",
    "timeouts: {controlPlaneComponentHealthCheck: 4m}",
    "timeouts: {controlPlaneComponentHealthCheck: 4}",
    "timeouts: {controlPlaneComponentHealthCheck: four}",
    "timeouts: {other: 4m}",
    `bootstrapTokens: [{token: ${TOKEN}}]`,
    "bootstrapTokens: [{token: x}]",
    `bootstrapTokens: [{token: ${TOKEN}, ttl: 0s, description: d}]`,
    `bootstrapTokens: [{token: ${TOKEN}, ttl: 1h, expires: '2099-01-01T00:00:00Z'}]`,
    `bootstrapTokens: [{token: ${TOKEN}, usages: [signing]}]`,
    `bootstrapTokens: [{token: ${TOKEN}, usages: [signing, x]}]`,
    `bootstrapTokens: [{token: ${TOKEN}, groups: ['system:bootstrappers:a']}]`,
    `bootstrapTokens: [{token: ${TOKEN}, groups: [a]}]`,
    "nodeRegistration: {name: Node-A}",
    "nodeRegistration: {name: node_a}",
    "nodeRegistration: {name: ' node-a '}",
    "nodeRegistration: {criSocket: unix:///run/a.sock}",
    "nodeRegistration: {criSocket: /run/a.sock}",
    "nodeRegistration: {imagePullPolicy: Never}",
    "nodeRegistration: {imagePullPolicy: never}",
    "nodeRegistration: {imagePullSerial: false}",
    "nodeRegistration: {taints: []}",
    "nodeRegistration: {taints: null}",
    "nodeRegistration: {taints: [{key: a, value: b, effect: NoSchedule}]}",
    "nodeRegistration: {taints: [{key: a, efect: NoSchedule}]}",
    "nodeRegistration: {kubeletExtraArgs: [{name: v, value: '2'}]}",
    "nodeRegistration: {kubeletExtraArgs: [{value: '2'}]}",
    "nodeRegistration: {kubeletExtraArgs: {v: '2'}}",
    "nodeRegistration: {ignorePreflightErrors: [Swap]}",
    "clusterName: a",
  ),
  ...address(
    "{advertiseAddress: 10.0.0.1}",
    "{advertiseAddress: 10.0.0.256}",
    "{advertiseAddress: a}",
    "{advertiseAddress: 10.0.0.1, bindPort: 7443}",
    "{advertiseAddress: 10.0.0.1, bindPort: 65536}",
    "{advertiseAddress: 10.0.0.1, bindPort: -1}",
    "{advertiseAddress: 10.0.0.1, bindPort: 0}",
    "{advertiseAddress: 10.0.0.1, bindPort: '7443'}",
    "{advertiseAddress: 10.0.0.1, bindPort: 1.5}",
    "{advertiseAddress: 10.0.0.1, port: 7443}",
  ),
  ...kubelet(
    "maxPods: 42",
    "maxPods: many",
    "maxPodz: 42",
    "authentication: {anonymous: {enabled: true}}",
    "authentication: {anonymous: {enable: true}}",
    "evictionHard: {memory.available: 1Mi}",
    "clusterDNS: [10.0.0.1]",
    "clusterDNS: 10.0.0.1",
    "logging: {flushFrequency: 5s, verbosity: 3}",
    "tlsMinVersion: VersionTLS12",
    "featureGates: {A: true}",
    "crashLoopBackOff: {maxContainerRestartPeriod: 5s}",
    "syncFrequency: 5",
    "registerWithTaints: [{key: a, effect: NoSchedule}]",
    "reservedMemory: [{numaNode: 0, limits: {memory: 1Mi}}]",
  ),
  ...proxy(
    "mode: nftables",
    "mode: 5",
    "modee: ipvs",
    "conntrack: {maxPerCore: 0}",
    "iptables: {masqueradeAll: true}",
    "nodePortAddresses: [10.0.0.0/8]",
  ),
  ...join(
    DISCOVERY,
    "",
    "discovery: {}",
    `discovery: {bootstrapToken: {token: ${TOKEN}, apiServerEndpoint: "10.0.0.1:6443"}}`,
    `discovery: {bootstrapToken: {token: x, apiServerEndpoint: "10.0.0.1:6443", unsafeSkipCAVerification: true}}`,
    `discovery: {bootstrapToken: {token: ${TOKEN}, apiServerEndpoint: "10.0.0.1", unsafeSkipCAVerification: true}}`,
    `discovery: {bootstrapToken: {token: ${TOKEN}, apiServerEndpoint: "10.0.0.1:6443", caCertHashes: ["sha256:ab"]}}`,
    `discovery: {bootstrapToken: {token: ${TOKEN}}, file: {kubeConfigPath: https://a}}`,
    "discovery: {file: {kubeConfigPath: https://a/b}}",
    "discovery: {file: {kubeConfigPath: http://a/b}}",
    `${DISCOVERY}\ncaCertPath: a.crt`,
    `${DISCOVERY}\ncaCertPath: /a.pem`,
    `${DISCOVERY}\ncontrolPlane: {localAPIEndpoint: {advertiseAddress: 10.0.0.1}}`,
    `${DISCOVERY}\ncontrolPlane: {certificateKey: a}`,
    `${DISCOVERY}\nnodeRegistration: {imagePullPolicy: x}`,
    `${DISCOVERY}\nnodeName: x`,
  ),
  ...reset(
    "",
    "force: true",
    "force: yes please",
    "certificatesDir: a",
    "unmountFlags: [MNT_FORCE]",
    "unmountFlags: [MNT_X]",
    "cleanupTmpDir: true",
    "cleanup: true",
  ),
  ...upgrade(
    "",
    "apply: {forceUpgrade: true}",
    "apply: {patches: {directory: a}}",
    "apply: {patches: {directory: /a}}",
    "node: {imagePullPolicy: x}",
    "plan: {etcdUpgrade: false}",
    "diff: {contextLines: 5}",
    "apply: {force: true}",
  ),
  // The documents themselves.
  INIT,
  `${INIT}---\n${CLUSTER}---\n${CLUSTER}`,
  `${INIT}---\n${CLUSTER}---\napiVersion: v1\nkind: ConfigMap\n`,
  `${INIT}---\n${CLUSTER}---\n${JOIN}${DISCOVERY}\n`,
  `${INIT}---\n${CLUSTER}---\n${JOIN}`,
  `${INIT}---\n${CLUSTER.replace("ClusterConfiguration", "ClusterConfig")}`,
  `${INIT}---\n${CLUSTER.replace("v1beta4", "v1beta2")}`,
  `${INIT}---\n${CLUSTER.replace("v1beta4", "v1")}`,
  `${INIT}---\n${CLUSTER.replace("kubeadm.k8s.io/v1beta4", "v1beta4")}`,
  `${INIT}---\n${CLUSTER}---\n${KUBELET.replace("v1beta1", "v1alpha1")}`,
  `${INIT}---\nkind: ClusterConfiguration\n`,
  `${INIT}---\n${V4}\n`,
  `${INIT}---\n- a\n`,
  `${INIT}---\na: [\n`,
  KUBELET,
  `${KUBELET}maxPods: 3\n`,
  '{"apiVersion":"kubeadm.k8s.io/v1beta4","kind":"ResetConfiguration","force":true}',
  `# a comment\n${RESET}`,
  `---\n${RESET}`,
];

/** Where we say something else, each with its reason. */
const DIFFERENT: readonly (readonly [reason: string, texts: readonly string[]])[] = [
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

export const CORPUS: readonly CorpusEntry[] = [
  ...AGREED.map((text) => ({ name: describe(text), text })),
  ...DIFFERENT.flatMap(([differs, texts]) => texts.map((text) => ({ name: describe(text), text, differs }))),
];

function describe(text: string): string {
  const heads = [INIT, NODE_INIT, CLUSTER, CLUSTER_HEAD, V4];
  const short = heads.reduce((rest, head) => rest.replaceAll(head, ""), text);
  return short.replaceAll(/-{3}|\s+/g, " ").trim() || "defaults";
}
