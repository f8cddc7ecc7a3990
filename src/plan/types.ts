import type { KubeObject } from "../api/types.ts";
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
}

/**
 * One change to the machine or one wait. Holds no secret and no function; every kind is idempotent when applied.
 * `apply/` has one file a kind.
 */
export type Step = StepBase &
  (
    | { readonly kind: "directory"; readonly path: string; readonly mode: number }
    | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly content: string }
    | {
        readonly kind: "certificate";
        readonly certPath: string;
        readonly keyPath: string;
        /** Undefined: signs itself. */
        readonly signer: { readonly certPath: string; readonly keyPath: string } | undefined;
        readonly spec: CertificateSpec;
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
      }
    | {
        readonly kind: "copy-kubeconfig";
        readonly from: string;
        readonly path: string;
        readonly uid: number;
        readonly gid: number;
      }
    | { readonly kind: "start-runner" }
    | {
        readonly kind: "wait-component";
        readonly component: ControlPlaneComponent;
        /** Of the pod that has to answer: an earlier version of it does not count. */
        readonly podUid: string;
        readonly url: string;
        /** Certificates, keys and kubeconfigs that it runs with: an older run of it is restarted. */
        readonly loads: readonly string[];
        readonly timeoutMs: number;
      }
    /** Until the runner calls all four components ready. */
    | { readonly kind: "wait-ready"; readonly timeoutMs: number }
    | {
        readonly kind: "api-object";
        readonly object: KubeObject;
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
      }
    | {
        readonly kind: "publish-root-ca";
        readonly namespace: string;
        readonly caCertPath: string;
        readonly kubeconfigPath: string;
        readonly timeoutMs: number;
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
        readonly labels: Readonly<Record<string, string>>;
        readonly taints: readonly {
          readonly key: string;
          readonly value?: string;
          readonly effect: string;
        }[];
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
