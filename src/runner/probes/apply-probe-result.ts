/** How one probe went. `error`: it could not be carried out, which says nothing of the container. */
export type ProbeOutcome =
  | { readonly kind: "success"; readonly warning?: string }
  | { readonly kind: "failure"; readonly message: string }
  | { readonly kind: "error"; readonly message: string };

/** What a series of probes amounts to so far. */
export interface ProbeState {
  readonly result: "unknown" | "success" | "failure";
  /** The last outcome that counted, and how many times in a row. */
  readonly last: "success" | "failure" | undefined;
  readonly streak: number;
}

export const INITIAL_PROBE_STATE: ProbeState = { result: "unknown", last: undefined, streak: 0 };

/**
 * The state after one more outcome: as many equal ones in a row as the threshold says change the result.
 * Source: kubelet prober/worker.go doProbe.
 */
export function applyProbeResult(
  state: ProbeState,
  options: {
    readonly outcome: "success" | "failure";
    readonly successThreshold: number;
    readonly failureThreshold: number;
  },
): ProbeState {
  const { outcome } = options;
  const streak = state.last === outcome ? state.streak + 1 : 1;
  const threshold = outcome === "success" ? options.successThreshold : options.failureThreshold;
  return { result: streak >= threshold ? outcome : state.result, last: outcome, streak };
}
