/** A configuration that kubeadm and Slipway are both given. */
export interface MatrixCase {
  readonly name: string;
  /** Fields of the InitConfiguration beside the address and the node's name; YAML in flow style. */
  readonly init?: Readonly<Record<string, unknown>>;
  readonly node?: Readonly<Record<string, unknown>>;
  readonly endpoint?: Readonly<Record<string, unknown>>;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly kubelet?: Readonly<Record<string, unknown>>;
  /** Files that are there before, by their path under the root. */
  readonly files?: Readonly<Record<string, string>>;
  /** Proxy variables of the calling shell; kubeadm always hands them on, Slipway when it is asked to. */
  readonly proxyEnv?: Readonly<Record<string, string>>;
  /** Which keys are taken away after a first run, before the run that counts. */
  readonly without?: readonly string[];
}

const arg = (name: string, value = "") => ({ name, value });
const apiServer = (fields: object) => ({ apiServer: fields });
const etcd = (fields: object) => ({ etcd: { local: fields } });
const networking = (fields: object) => ({ networking: fields });
const patches = (files: Readonly<Record<string, string>>) => ({
  init: { patches: { directory: "ROOT/patches" } },
  files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`patches/${name}`, text])),
});
const external = (fields: object) => ({
  cluster: {
    etcd: { external: { endpoints: ["https://10.9.0.1:2379", "https://10.9.0.2:2379"], ...fields } },
  },
});
const volume = (name: string, fields: object = {}) => ({
  name,
  hostPath: `/srv/${name}`,
  mountPath: `/${name}`,
  ...fields,
});
const long = `${"n".repeat(60)}.${"o".repeat(60)}.example`;

/** Every field that has to do with what lands on the disk, alone, and the odd ones of each. */
export const MATRIX: readonly MatrixCase[] = [
  { name: "defaults" },
  { name: "version-of-the-minor-before", cluster: { kubernetesVersion: "v1.36.0" } },
  { name: "bind-port", endpoint: { bindPort: 7443 } },
  { name: "node-name-in-capitals", node: { name: "Node-A.Example" } },
  { name: "long-node-name", node: { name: long } },
  { name: "no-taints", node: { taints: [] } },
  { name: "own-taints", node: { taints: [{ key: "a/b", value: "c", effect: "NoExecute" }] } },
  { name: "kubelet-args", node: { kubeletExtraArgs: [arg("node-labels", "a=b"), arg("v", "4")] } },
  { name: "odd-cluster-name", cluster: { clusterName: "Ünser Cluster: №1" } },
  { name: "endpoint-name", cluster: { controlPlaneEndpoint: "api.example.com" } },
  { name: "endpoint-with-port", cluster: { controlPlaneEndpoint: "api.example.com:8443" } },
  { name: "endpoint-address", cluster: { controlPlaneEndpoint: "10.77.0.9:6443" } },
  { name: "certificates-dir", cluster: { certificatesDir: "/srv/pki" } },
  { name: "image-repository", cluster: { imageRepository: "registry.example.com:5000/k8s" } },
  { name: "dns-domain", cluster: networking({ dnsDomain: "corp.example" }) },
  { name: "service-subnet", cluster: networking({ serviceSubnet: "10.200.0.0/16" }) },
  { name: "pod-subnet", cluster: networking({ podSubnet: "10.244.0.0/16" }) },
  {
    name: "node-mask",
    cluster: {
      ...networking({ podSubnet: "10.244.0.0/22" }),
      controllerManager: { extraArgs: [arg("node-cidr-mask-size-ipv4", "26")] },
    },
  },
  {
    name: "ipv6",
    endpoint: { advertiseAddress: "fd00:77::1" },
    cluster: networking({ serviceSubnet: "fd00:96::/112", podSubnet: "fd00:244::/48" }),
  },
  {
    name: "ipv6-endpoint",
    endpoint: { advertiseAddress: "fd00:77::1" },
    cluster: { controlPlaneEndpoint: "[fd00:77::9]:8443", ...networking({ serviceSubnet: "fd00:96::/112" }) },
  },
  {
    name: "dual-stack",
    cluster: networking({
      serviceSubnet: "10.96.0.0/16,fd00:96::/112",
      podSubnet: "10.244.0.0/16,fd00:244::/48",
    }),
  },
  {
    name: "dual-stack-ipv6-first",
    endpoint: { advertiseAddress: "fd00:77::1" },
    cluster: networking({
      serviceSubnet: "fd00:96::/112,10.96.0.0/16",
      podSubnet: "fd00:244::/48,10.244.0.0/16",
    }),
  },
  { name: "rsa-2048", cluster: { encryptionAlgorithm: "RSA-2048" } },
  { name: "rsa-3072", cluster: { encryptionAlgorithm: "RSA-3072" } },
  { name: "ecdsa-p384", cluster: { encryptionAlgorithm: "ECDSA-P384" } },
  { name: "validity", cluster: { certificateValidityPeriod: "240h", caCertificateValidityPeriod: "2400h" } },
  {
    name: "certificate-names",
    cluster: apiServer({
      certSANs: ["z.example.com", "*.a.example.com", "API.example.com", "10.77.0.50", "fd00::5", "10.77.0.1"],
    }),
  },
  {
    name: "etcd-names",
    cluster: etcd({
      serverCertSANs: ["s.example.com", "10.1.1.1"],
      peerCertSANs: ["p.example.com", "localhost"],
    }),
  },
  { name: "etcd-data-dir", cluster: etcd({ dataDir: "/srv/etcd" }) },
  { name: "etcd-image", cluster: etcd({ imageRepository: "example.com/e", imageTag: "3.7.0-1" }) },
  {
    name: "etcd-args",
    cluster: etcd({
      extraArgs: [
        arg("quota-backend-bytes", "8589934592"),
        arg("snapshot-count", "5"),
        arg("listen-metrics-urls", "http://0.0.0.0:2391"),
      ],
      extraEnvs: [{ name: "GOGC", value: "50" }],
    }),
  },
  {
    name: "etcd-client-url",
    cluster: etcd({ extraArgs: [arg("advertise-client-urls", "https://10.77.0.1:3379")] }),
  },
  {
    name: "external-etcd",
    ...external({ caFile: "/etc/etcd/ca.crt", certFile: "/etc/etcd/c/a.crt", keyFile: "/srv/k/a.key" }),
  },
  { name: "external-etcd-in-pki", ...external({ caFile: "/etc/kubernetes/pki/e/ca.crt" }) },
  { name: "external-etcd-plain", cluster: { etcd: { external: { endpoints: ["http://10.9.0.1:2379"] } } } },
  {
    name: "repeated-args",
    cluster: {
      ...apiServer({
        extraArgs: [
          arg("v", "2"),
          arg("enable-admission-plugins", "A,B"),
          arg("v", "4"),
          arg("service-account-issuer", "https://a"),
          arg("service-account-issuer", "https://b"),
        ],
      }),
      controllerManager: { extraArgs: [arg("bind-address", "0.0.0.0"), arg("leader-elect", "false")] },
      scheduler: { extraArgs: [arg("bind-address", "::"), arg("empty")] },
    },
  },
  {
    name: "secure-port",
    cluster: {
      controllerManager: { extraArgs: [arg("secure-port", "20257")] },
      scheduler: { extraArgs: [arg("secure-port", "20259")] },
    },
  },
  {
    name: "authorization-mode",
    cluster: apiServer({ extraArgs: [arg("authorization-mode", "Node,RBAC,Webhook")] }),
  },
  {
    name: "authorization-config",
    cluster: apiServer({ extraArgs: [arg("authorization-config", "/etc/a.yaml")] }),
  },
  {
    name: "envs",
    cluster: {
      ...apiServer({
        extraEnvs: [
          { name: "Z", value: "1" },
          { name: "A", value: "" },
          { name: "Z", value: "2" },
        ],
      }),
      controllerManager: {
        extraEnvs: [{ name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
      },
      scheduler: { extraEnvs: [{ name: "Q", value: "a \"b\" 'c'" }] },
    },
  },
  {
    name: "volumes",
    cluster: {
      ...apiServer({ extraVolumes: [volume("z", { readOnly: true, pathType: "File" }), volume("b")] }),
      controllerManager: { extraVolumes: [volume("ca-certs", { pathType: "DirectoryOrCreate" })] },
      scheduler: { extraVolumes: [volume("kubeconfig", { mountPath: "/etc/kubernetes/scheduler.conf" })] },
    },
  },
  { name: "health-timeout", init: { timeouts: { controlPlaneComponentHealthCheck: "95s" } } },
  { name: "feature-gate", cluster: { featureGates: { RootlessControlPlane: false } } },
  {
    name: "proxy-variables",
    proxyEnv: {
      HTTPS_PROXY: "http://proxy.example.com:3128",
      no_proxy: "10.0.0.0/8,.example.com",
      all_proxy: "",
    },
  },
  { name: "no-addons", cluster: { dns: { disabled: true }, proxy: { disabled: true } } },
  {
    name: "cri-socket",
    node: { criSocket: "unix:///run/crio/crio.sock", imagePullPolicy: "Never", imagePullSerial: false },
  },
  {
    name: "kubelet-configuration",
    kubelet: {
      maxPods: 42,
      clusterDNS: ["10.96.0.99"],
      cgroupDriver: "cgroupfs",
      featureGates: { NodeLogQuery: true },
      authentication: { anonymous: { enabled: true } },
      evictionHard: { "memory.available": "1Mi" },
    },
  },
  {
    name: "strategic-patches",
    ...patches({
      "kube-apiserver0.yaml":
        "spec:\n  hostNetwork: false\n  containers:\n  - name: kube-apiserver\n    resources: {limits: {memory: 2Gi}}\n    env: [{name: P, value: q}]\n    volumeMounts: [{mountPath: /etc/ssl/certs, name: ca-certs, readOnly: false}]\n",
      "kube-apiserver1+strategic.yaml":
        "metadata: {annotations: {a: b}, labels: {tier: null}}\n---\nspec: {priorityClassName: null}\n",
      "kube-scheduler.json":
        '{"spec":{"volumes":[{"name":"kubeconfig","$patch":"delete"},{"name":"x","emptyDir":{}}],"containers":[{"name":"side","image":"i"},{"name":"kube-scheduler","volumeMounts":[{"mountPath":"ROOT/etc/kubernetes/scheduler.conf","$patch":"delete"}]}]}}',
      "etcd.yaml":
        "spec:\n  volumes:\n  - name: etcd-data\n    $retainKeys: [name, emptyDir]\n    emptyDir: {}\n  containers:\n  - name: etcd\n    command: [etcd, --x]\n",
      "ignored.txt": "x",
    }),
  },
  {
    name: "merge-patches",
    ...patches({
      "kube-controller-manager+merge.yaml":
        "spec: {hostNetwork: null, nodeSelector: {a: b}, containers: [{name: c, image: i}]}\n",
      "etcd2+merge.json": '{"metadata":{"labels":null}}',
    }),
  },
  {
    name: "json-patches",
    ...patches({
      "kube-scheduler-a+json.yaml":
        "- {op: test, path: /metadata/name, value: kube-scheduler}\n- {op: add, path: /spec/containers/0/command/-, value: --v=9}\n- {op: remove, path: /spec/containers/0/resources}\n",
      "kube-apiserver+json.json":
        '[{"op":"replace","path":"/spec/containers/0/image","value":"i"},{"op":"copy","from":"/metadata/name","path":"/metadata/labels/a~1b"}]',
    }),
  },
  {
    name: "kubelet-patch",
    ...patches({
      "kubeletconfiguration0+merge.yaml": "maxPods: 7\nclusterDNS: null\n",
      "kubeletconfiguration1.yaml": "clusterDNS: [10.0.0.1]\n",
    }),
  },
  { name: "external-ca", without: ["etc/kubernetes/pki/ca.key"] },
  { name: "external-front-proxy-ca", without: ["etc/kubernetes/pki/front-proxy-ca.key"] },
  { name: "external-etcd-ca", without: ["etc/kubernetes/pki/etcd/ca.key"] },
  {
    name: "missing-leafs",
    without: [
      "etc/kubernetes/pki/apiserver.crt",
      "etc/kubernetes/pki/apiserver.key",
      "etc/kubernetes/admin.conf",
    ],
  },
];

const API_VERSION = "kubeadm.k8s.io/v1beta4";

/** The configuration file of a case: JSON documents, which are YAML. `ROOT` stands for the directory. */
export function formatCase(matrixCase: MatrixCase, kubernetesVersion: string): string {
  const { init, node, endpoint, cluster, kubelet } = matrixCase;
  const documents = [
    {
      apiVersion: API_VERSION,
      kind: "InitConfiguration",
      localAPIEndpoint: { advertiseAddress: "10.77.0.1", ...endpoint },
      nodeRegistration: { name: "node01", criSocket: "unix:///var/run/containerd/containerd.sock", ...node },
      bootstrapTokens: [{ token: "123456.abcdefabcdef1234" }],
      ...init,
    },
    {
      apiVersion: API_VERSION,
      kind: "ClusterConfiguration",
      kubernetesVersion,
      encryptionAlgorithm: "ECDSA-P256",
      ...cluster,
    },
    ...(kubelet === undefined
      ? []
      : [{ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", ...kubelet }]),
  ];
  return documents.map((document) => `${JSON.stringify(document, undefined, 1)}\n`).join("---\n");
}
