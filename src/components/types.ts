/** The binaries a control plane needs, and kubectl for its user. */
export const COMPONENT_NAMES = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
] as const;

export type ComponentName = (typeof COMPONENT_NAMES)[number];

/** Programs of the same release that no control plane of ours needs; tests compare with them. */
export const TOOL_NAMES = ["kubeadm", "kubelet", "e2e_kubeadm.test"] as const;

/** Any program that can be built, cached and asked for its version. */
export type BinaryName = ComponentName | (typeof TOOL_NAMES)[number];

/** `--components`: where to take binaries from. */
export type ComponentSource = "auto" | "dir" | "download" | "go";

/** What is wanted and from where. */
export interface ComponentRequest {
  readonly kubernetesVersion: string;
  readonly source: ComponentSource;
  /** `--component-dir`. */
  readonly dir: string | undefined;
  /** `--component-mirror`: the base URL in the place of https://dl.k8s.io; etcd's lies under `<mirror>/etcd`. */
  readonly mirror: string | undefined;
  readonly names: readonly ComponentName[];
}

/** A binary that is there and was checked. */
export interface Component {
  readonly name: ComponentName;
  /** With a leading `v`. */
  readonly version: string;
  readonly path: string;
  /** Where it came from: `cache`, `dir`, `path`, `download`, `go`. */
  readonly origin: string;
}

/** What is going on while binaries are got; shown by the progress display. */
export interface ComponentProgress {
  readonly component: BinaryName;
  /** `downloading kube-apiserver`, `compiling k8s.io/apiserver/pkg/server`. */
  readonly activity: string;
  /** 0 to 1; undefined when it cannot be known. */
  readonly fraction: number | undefined;
}
