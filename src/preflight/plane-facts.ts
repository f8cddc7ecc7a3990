import type { RefusedManifest } from "../control/protocol.ts";
import type { Problem } from "../core/errors.ts";

/** How one component does. */
export interface ComponentFact {
  readonly name: string;
  readonly ready: boolean;
  /** What is wrong, and what to do; undefined while it is ready. */
  readonly problem:
    | {
        readonly summary: string;
        readonly cause: string;
        readonly fix: string;
        /** The line of its log that matters. */
        readonly logLine?: string;
      }
    | undefined;
  /** A file that it loaded when it started and that was changed since; undefined: it runs with the present ones. */
  readonly outdatedFile: string | undefined;
}

/** A file that is not run as it is. */
export interface RefusedFact extends RefusedManifest {
  /** Init has written it. */
  readonly isOwn: boolean;
}

/** A pod, or a container of it, that does not run or is not ready: how it ended, why, and what to do. */
export interface PodFaultFact {
  readonly pod: string;
  readonly container: string | undefined;
  readonly summary: string;
  readonly cause: string;
  readonly fix: string;
  /** The line of its log that matters. */
  readonly logLine: string | undefined;
}

/** Something about a file that a check of the file itself has found. */
export interface FaultFact {
  /** What the reader calls it: `apiserver`. */
  readonly name: string;
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

/** A command that began to change a root and was killed before its end. */
export type CutOff = "init" | "reset";

/** What a control plane that init has made shows of itself. */
export interface PlaneFacts {
  /** What a reset has left is no control plane to be judged. */
  readonly cutOff?: CutOff | undefined;
  /** Why no runner answers; undefined: one does. */
  readonly runnerProblem: Problem | undefined;
  readonly ledgerProblem: Problem | undefined;
  /** The ledger or its copy, when only the other one can be read. */
  readonly damagedLedger: string | undefined;
  /** Why a runner could not begin with its configuration. */
  readonly runnerConfigProblem: Pick<FaultFact, "what" | "why" | "fix"> | undefined;
  /** In the order in which init starts them. */
  readonly components: readonly ComponentFact[];
  readonly refused: readonly RefusedFact[];
  /** Of pods beside the components. */
  readonly podFaults: readonly PodFaultFact[];
  /** Manifests that init was going to write and that are not there. */
  readonly missingManifests: readonly { readonly component: string; readonly path: string }[];
  /** The manifest directory when it is not there. */
  readonly missingDir: string | undefined;
  /** Other files that init made and that are not there. */
  readonly missingFiles: readonly string[];
  readonly certificateFaults: readonly FaultFact[];
  /** Certificates that end within a month, by path. */
  readonly ending: readonly { readonly path: string; readonly daysLeft: number }[];
  readonly apiServer: {
    readonly url: string;
    /** Why it does not answer that it is ready; undefined: it does. */
    readonly problem: string | undefined;
    /** What is wrong with the file that one asks it with: then it was not asked. */
    readonly unasked?: Pick<FaultFact, "what" | "why">;
    /** The checks of `/readyz` that fail. */
    readonly failedChecks: readonly string[];
  };
  /** What etcd has lost of this control plane. */
  readonly lostData: Pick<FaultFact, "what" | "why" | "fix"> | undefined;
  /** Undefined: etcd's disk is fast enough, or etcd does not tell. */
  readonly slowDisk: Pick<FaultFact, "what" | "why" | "fix"> | undefined;
  /** Why the Node is not as it should be. */
  readonly nodeProblem: string | undefined;
}
