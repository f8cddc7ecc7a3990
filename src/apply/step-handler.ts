import type { ApiClient } from "../api/types.ts";
import type { ClusterPaths } from "../core/paths.ts";
import type { Step, StepKind } from "../plan/types.ts";
import type { System } from "../system/system.ts";
import type { StandbyRunner } from "./standby-runner.ts";

/** A step of one kind. */
export type StepOf<K extends StepKind> = Extract<Step, { readonly kind: K }>;

/** What is there already of what a step makes. */
export type Observation =
  | { readonly kind: "done" }
  | { readonly kind: "absent" }
  /** Something else is there; `what` says how it differs, for people. */
  | { readonly kind: "differs"; readonly what: string };

/** What steps need beside themselves. */
export interface ApplyContext {
  readonly paths: ClusterPaths;
  /** Whether a path was made by us, so that it may be replaced. */
  isOurs(path: string): boolean;
  /** No init has come to its end here yet, so that no other node can have joined. */
  readonly isNewCluster: boolean;
  /** The process that becomes the runner; one and the same each time. */
  readonly standbyRunner: () => Promise<StandbyRunner>;
  /** The client for a kubeconfig, shared by all steps. */
  readonly apiClient: (kubeconfigPath: string) => Promise<ApiClient>;
  /** What must not stand in a plan: the tokens with a value of their own, and what uploads are encrypted with. */
  readonly secrets: { readonly tokens: readonly (string | undefined)[]; readonly certificateKey: string };
  /** Tells a bootstrap token that nodes can join with. */
  readonly onToken: (token: string) => void;
  /** Tells what a step waits for; called often. */
  readonly onWait: (step: Step, detail: string) => void;
  readonly signal: AbortSignal;
}

/** One kind of step. Both are idempotent: `apply` on something that is done changes nothing. */
export interface StepHandler<K extends StepKind> {
  /**
   * What is there. Raises when something that is not ours stands in the way. Steps that only wait, or that ask a
   * running API server, are `absent`.
   */
  observe(
    system: System,
    options: { readonly step: StepOf<K>; readonly context: ApplyContext },
  ): Promise<Observation>;
  /** Resolves with `unchanged` when it found nothing to do after all. */
  apply(
    system: System,
    options: { readonly step: StepOf<K>; readonly context: ApplyContext },
  ): Promise<"unchanged" | undefined>;
}

/** The observation of a step that has nothing on the disk. */
export const ABSENT: Observation = { kind: "absent" };
export const DONE: Observation = { kind: "done" };
