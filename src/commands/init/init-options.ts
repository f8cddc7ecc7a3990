import type { ComponentSource } from "../../components/types.ts";
import type { InitFlags } from "../../config/types.ts";

/** What the command line of init says. */
export interface InitOptions {
  /** Absolute. */
  readonly root: string;
  readonly configPath: string | undefined;
  readonly flags: InitFlags;
  readonly yes: boolean;
  /** Who runs the pods; undefined: whoever does, else the runner of this machine. */
  readonly runtime: "host" | "external" | undefined;
  /** Upload the shared certificates for further control planes. */
  readonly uploadCerts: boolean;
  /** Hand the proxy variables of the environment on to the components. */
  readonly withProxyEnv: boolean;
  /** Install CoreDNS and kube-proxy, too. */
  readonly addons: boolean;
  /** kubeadm's `-v`: from 1 on a line for every step. */
  readonly verbosity: number;
  readonly skipTokenPrint: boolean;
  readonly skipCertificateKeyPrint: boolean;
  /** For a phase alone: who asks the API server. */
  readonly kubeconfigPath: string | undefined;
  readonly components: ComponentSource;
  readonly componentDir: string | undefined;
  readonly componentMirror: string | undefined;
  /** Copy admin.conf for the user who called sudo. */
  readonly userKubeconfig: boolean | undefined;
}

/** The command line, and for what it leaves open what was found. */
export type ResolvedInitOptions = InitOptions & { readonly runtime: "host" | "external" };
