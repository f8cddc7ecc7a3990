import type { InitConfig } from "../config/types.ts";
import type { ClusterPaths } from "../core/paths.ts";
import type { Manifest } from "../manifests/build-manifests.ts";
import type { HealthUrls } from "../manifests/component-ports.ts";
import type { Patch } from "../manifests/patches/parse-patch-file.ts";
import type { Step } from "./types.ts";

/** Everything that phases plan from. All of it is plain data. */
export interface PlanInput {
  readonly config: InitConfig;
  readonly paths: ClusterPaths;
  /** The user's patches; the manifests have theirs already. */
  readonly patches: readonly Patch[];
  /** In start order. */
  readonly manifests: readonly Manifest[];
  readonly healthUrls: HealthUrls;
  /** Text of the runner's configuration file. */
  readonly runnerConfig: string;
  /** The runner's unit, where systemd is to run it. */
  readonly service: { readonly path: string; readonly content: string } | undefined;
  /** Whose home gets a copy of admin.conf. */
  readonly kubeconfigFor:
    | { readonly uid: number; readonly gid: number; readonly homeDir: string }
    | undefined;
  /** `external`: a kubelet will run the pods, so nothing is started or waited for. */
  readonly runtime: "host" | "external";
  /** The machine's own name, by which a kubelet would call itself. */
  readonly hostName: string;
  /** Who objects are uploaded as. */
  readonly apiKubeconfigPath: string;
  /** Upload what joining control planes need, encrypted. */
  readonly uploadCerts: boolean;
  /** Install CoreDNS and kube-proxy with init; nothing on this machine could run them, so only when asked. */
  readonly addons: boolean;
}

/**
 * A named part of init, as kubeadm names it: with steps of its own, or in parts. The same list gives `init`,
 * `init phase`, `--skip-phases`, the help text and the progress display. Source: kubeadm cmd/phases/workflow.
 */
export interface Phase {
  readonly name: string;
  readonly short: string;
  /** Other names that kubeadm accepts. */
  readonly aliases?: readonly string[];
  readonly phases?: readonly Phase[];
  /** Needs what runs, so that an init that starts nothing leaves it out. */
  readonly afterStart?: true;
  plan?(input: PlanInput): readonly Step[];
}
