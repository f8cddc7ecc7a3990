import type { Pod } from "../pod/types.ts";

/**
 * What a running runner tells over its control socket: HTTP with JSON bodies on a Unix socket.
 *
 *     GET  /v1/info                 → RunnerInfo
 *     GET  /v1/pods                 → PodReport[]
 *     GET  /v1/events               → RunnerEvent[], oldest first
 *     POST /v1/pods/NAMESPACE/NAME/restart → {outcome}   stops all containers; they start again at once
 *     POST /v1/reload               → {}                 as SIGHUP
 *     POST /v1/stop {"pods":bool}   → {} when it is done; then the runner exits
 *
 * Errors are `{ "error": { code, what, why, fix } }` with a 4xx or 5xx status.
 */
export const CONTROL_API = "/v1";

export interface RunnerInfo {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "RunnerInfo";
  readonly root: string;
  /** A new one for each start of a runner. */
  readonly instanceId: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  /** Flags of a runner without a control plane, without secrets; another build may not tell them. */
  readonly startedWith?: readonly string[];
  readonly nodeName: string;
  readonly manifestPath: string | undefined;
  readonly manifestUrl: string | undefined;
  /** Why the manifests are not watched, but only looked at from time to time; absent: they are, or it is not told. */
  readonly inotifyProblem?: "EMFILE" | "ENOSPC" | undefined;
  /** Files that are not run, and why. */
  readonly refused: readonly RefusedManifest[];
  /** `standalone` without credentials. */
  readonly cluster: {
    readonly mode: "standalone" | "cluster";
    readonly nodeRegistered: boolean;
    readonly lastError: string | undefined;
  };
}

export interface RefusedManifest {
  readonly origin: string;
  readonly code: string;
  readonly message: string;
  /** Whether the pod that this file named before is still running. */
  readonly keepsLastGood: boolean;
}

/** One pod with its status as the API would show it. */
export interface PodReport {
  readonly pod: Pod;
  /** The file or URL it came from. */
  readonly origin: string;
  /** `true` while it is being stopped. */
  readonly terminating: boolean;
  readonly containers: readonly ContainerReport[];
  /** Why there is no mirror pod, when there should be one. */
  readonly mirrorProblem: string | undefined;
}

/** What a container's status in the API does not say. */
export interface ContainerReport {
  readonly name: string;
  readonly pid: number | undefined;
  /** It has been told to end and has not ended yet. */
  readonly stopping: boolean;
  readonly logPath: string | undefined;
  /** The previous attempt's log, when it is still there. */
  readonly previousLogPath: string | undefined;
  /** The last failed probe: `readiness: connection refused`. */
  readonly lastProbeFailure: string | undefined;
  /** What the probe said for which the run that ended last was killed: `liveness: connection refused`. */
  readonly condemnation?: string;
  /** When the next start is due, while it is in back-off: RFC 3339. */
  readonly nextStartAt: string | undefined;
}

/** What a wish to restart a pod has led to. `askedAgain`: it does not run, and was asked once more whether it may. */
export type RestartOutcome = "restarted" | "askedAgain";

export interface RunnerEvent {
  readonly at: string;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly pod: string | undefined;
  readonly namespace: string | undefined;
  readonly container: string | undefined;
  /** How many times, none of them more than ten minutes after the one before. */
  readonly count: number;
}
