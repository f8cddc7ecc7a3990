/** How documents of each kind begin. */
export const V4 = "apiVersion: kubeadm.k8s.io/v1beta4";
/** So that no verdict depends on the machine or the network. */
export const INIT = `${V4}\nkind: InitConfiguration\nlocalAPIEndpoint: {advertiseAddress: 10.77.0.1}\n`;
export const NODE_INIT = `${V4}\nkind: InitConfiguration\nnodeRegistration: {name: node01}\n`;
export const CLUSTER_HEAD = `${V4}\nkind: ClusterConfiguration\n`;
export const CLUSTER = `${CLUSTER_HEAD}kubernetesVersion: v1.37.2\n`;
export const JOIN = `${V4}\nkind: JoinConfiguration\n`;
export const RESET = `${V4}\nkind: ResetConfiguration\n`;
const UPGRADE = `${V4}\nkind: UpgradeConfiguration\n`;
export const KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
const PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
export const TOKEN = "abcde1.0123456789abcdef";
export const DISCOVERY = `discovery: {bootstrapToken: {token: ${TOKEN}, apiServerEndpoint: "10.0.0.1:6443", unsafeSkipCAVerification: true}}`;

/** A ClusterConfiguration with each of these lines, and an InitConfiguration. */
export const cluster = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER}${line}\n`);

/** The same with each of these versions. */
export const versions = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER_HEAD}kubernetesVersion: ${line}\n`);

/** An InitConfiguration with each of these lines, and a ClusterConfiguration. */
export const init = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}${line}\n---\n${CLUSTER}`);

/** The same with each of these addresses of the API server. */
export const address = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${NODE_INIT}localAPIEndpoint: ${line}\n---\n${CLUSTER}`);

/** Both, and a KubeletConfiguration with each of these lines. */
export const kubelet = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER}---\n${KUBELET}${line}\n`);

/** Both, and a KubeProxyConfiguration with each of these lines. */
export const proxy = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${INIT}---\n${CLUSTER}---\n${PROXY}${line}\n`);

/** A JoinConfiguration alone, with each of these lines. */
export const join = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${JOIN}${line}\n`);

/** A ResetConfiguration alone, with each of these lines. */
export const reset = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${RESET}${line}\n`);

/** An UpgradeConfiguration alone, with each of these lines. */
export const upgrade = (...lines: readonly string[]): readonly string[] =>
  lines.map((line) => `${UPGRADE}${line}\n`);
