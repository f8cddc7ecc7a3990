import type { PublishedCa } from "../api/objects/published-ca.ts";
import type { KubeObject } from "../api/types.ts";
import type { Account, BootstrapTokenSettings } from "../config/types.ts";
import type { ControlPlaneComponent } from "../core/constants.ts";
import type { KubeconfigSpec } from "../kubeconfig/types.ts";
import type { CertificateSpec } from "../pki/types.ts";

/** What every step has. */
interface StepBase {
  /** Unique in the plan: `certs/apiserver`. */
  readonly id: string;
  /** The phase it belongs to: `certs`. */
  readonly phase: string;
  /** What it does, for people: `sign /etc/kubernetes/pki/apiserver.crt`. */
  readonly title: string;
  /** Steps that must be done before. */
  readonly needs: readonly string[];
  /** Steps that are done before if the plan has them, for speed alone: what they lead to takes longest. */
  readonly after?: readonly string[];
}

/**
 * One change to the machine or one wait. Holds no secret and no function; every kind is idempotent when applied.
 * `apply/` has one file a kind.
 */
export type Step = StepBase &
  (
    | {
        readonly kind: "directory";
        readonly path: string;
        readonly mode: number;
        /** Whose it is, with all that is in it; undefined: whoever made it. */
        readonly owner?: Account | undefined;
      }
    /** What Secrets are encrypted with; the key is made when the step is applied. One that is there is kept. */
    | { readonly kind: "encryption-config"; readonly path: string }
    /** The same file for another user, who cannot read the first. */
    | { readonly kind: "copy-file"; readonly from: string; readonly path: string; readonly owner: Account }
    | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly content: string }
    | {
        readonly kind: "certificate";
        readonly certPath: string;
        readonly keyPath: string;
        /** Undefined: signs itself. */
        readonly signer: { readonly certPath: string; readonly keyPath: string } | undefined;
        readonly spec: CertificateSpec;
        /** The key that would sign it is not on this machine: it must be there already. A CA then needs no key. */
        readonly external: boolean;
      }
    | {
        readonly kind: "service-account-keys";
        readonly keyPath: string;
        readonly pubPath: string;
        readonly algorithm: CertificateSpec["algorithm"];
      }
    | {
        readonly kind: "kubeconfig";
        readonly path: string;
        readonly spec: KubeconfigSpec;
        readonly caCertPath: string;
        readonly caKeyPath: string;
        /** The CA's key is not on this machine: the file must be there already. */
        readonly external: boolean;
      }
    | {
        readonly kind: "copy-kubeconfig";
        readonly from: string;
        readonly path: string;
        readonly uid: number;
        readonly gid: number;
      }
    | { readonly kind: "start-runner" }
    /** Its pods are stopped in order before it ends, and it is not started at boot any more. */
    | { readonly kind: "stop-runner" }
    /** Notes in the ledger who runs the pods. */
    | { readonly kind: "record-runtime"; readonly runtime: "host" | "external" }
    /** Copies all manifests there are to another directory, unless they are there already. */
    | { readonly kind: "keep-manifests"; readonly fromDir: string; readonly toDir: string }
    /** Moves those back that are missing, and forgets the others. */
    | { readonly kind: "restore-manifests"; readonly fromDir: string; readonly toDir: string }
    /** Until whoever reads its directory has ended what it says; a copy of it is kept. */
    | { readonly kind: "remove-manifest"; readonly path: string; readonly copyPath: string }
    /** A program of the machine that starts or stops the kubelet. */
    | { readonly kind: "run-command"; readonly command: readonly string[] }
    /** Until no kubelet reads the directory. */
    | { readonly kind: "wait-no-kubelet"; readonly manifestDir: string; readonly timeoutMs: number }
    | {
        readonly kind: "wait-component";
        readonly component: ControlPlaneComponent;
        /** Of the pod that has to answer: an earlier version of it does not count. Undefined: any that runs. */
        readonly podUid: string | undefined;
        readonly url: string;
        /** Whose credentials it is asked with, where that file is. Undefined: it tells anybody. */
        readonly kubeconfigPath: string | undefined;
        /** Certificates, keys and kubeconfigs that it runs with: an older run of it is restarted. */
        readonly loads: readonly string[];
        /** Who runs it: only of a runner of ours can be asked why it does not answer. */
        readonly runtime: "host" | "external";
        readonly timeoutMs: number;
      }
    /** Until the runner calls the components ready. */
    | {
        readonly kind: "wait-ready";
        readonly components: readonly ControlPlaneComponent[];
        readonly timeoutMs: number;
      }
    | {
        readonly kind: "api-object";
        readonly object: KubeObject;
        /** The path of a field that an object that is there keeps. */
        readonly keep: readonly string[] | undefined;
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
    | {
        readonly kind: "publish-ca";
        readonly form: PublishedCa;
        readonly caCertPath: string;
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
    | {
        /** The token's value is in the context, or is made when the step is applied. */
        readonly kind: "bootstrap-token";
        readonly index: number;
        readonly settings: Omit<BootstrapTokenSettings, "token">;
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
    | {
        /** Encrypted with the key in the context. */
        readonly kind: "upload-certs";
        readonly files: readonly { readonly name: string; readonly path: string }[];
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
    | {
        /** Once a kubelet has a certificate of its own there, its kubeconfig names that. */
        readonly kind: "rotate-kubelet-cert";
        readonly path: string;
        readonly certPath: string;
      }
    | {
        readonly kind: "wait-object";
        /** API path that must answer 200. */
        readonly path: string;
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
    | {
        readonly kind: "mark-node";
        readonly nodeName: string;
        /** Null takes a label away. */
        readonly labels: Readonly<Record<string, string | null>>;
        readonly taints: readonly {
          readonly key: string;
          readonly value?: string;
          readonly effect: string;
        }[];
        /** Keys of taints that go. */
        readonly withoutTaints?: readonly string[];
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
  );

export type StepKind = Step["kind"];

/** Steps, and the phases they belong to in the order in which they are shown. */
export interface Plan {
  readonly kubernetesVersion: string;
  readonly phases: readonly { readonly name: string; readonly short: string }[];
  readonly steps: readonly Step[];
  /** Directories of ours below which running programs make what they need: containers, sockets, our log. */
  readonly trees: readonly string[];
  /** Such directories that may have been in use before: what they held stays, and so does what was added. */
  readonly sharedTrees: readonly string[];
}
