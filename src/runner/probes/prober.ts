import { toOneLine } from "../../core/one-line.ts";
import type { Container, Probe } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import type { ProbeOutcome } from "./apply-probe-result.ts";
import { createProbeLoop, type ProbeKind, type ProbeLoop } from "./probe-loop.ts";

/**
 * The probes of one run of a container.
 *
 *     startup ──success──▶ liveness and readiness        (without a startup probe: at once)
 */
export interface Prober {
  /** The startup probe has passed, or there is none. */
  isStarted(): boolean;
  isReady(): boolean;
  /** A startup or readiness probe has found it ready at some time. */
  wasReady(): boolean;
  /** The probe that has condemned this run. */
  failed(): "liveness" | "startup" | undefined;
  /** `readiness: connection refused`, until that probe succeeds: of one probe, or of whichever fails. */
  lastFailure(kind?: ProbeKind): string | undefined;
  close(): void;
}

/** What a prober is made from. */
export interface ProberOptions {
  readonly container: Container;
  readonly startedAtMs: number;
  /** What an earlier runner had found out about this run. Source: kubelet prober/worker.go (initial values). */
  readonly known: { readonly started: boolean; readonly ready: boolean };
  readonly run: (probe: Probe, signal: AbortSignal) => Promise<ProbeOutcome>;
  /** `error`: the probe could not be carried out. */
  readonly onFailure: (kind: ProbeKind, outcome: Exclude<ProbeOutcome, { readonly kind: "success" }>) => void;
  readonly onWarning: (kind: ProbeKind, message: string) => void;
  /** Something that the prober's methods tell has changed. */
  readonly onChange: () => void;
}

/** Starts the probes of a container that runs. Source: kubelet prober/prober_manager.go, worker.go. */
export function createProber(system: Pick<System, "clock">, options: ProberOptions): Prober {
  const { container, startedAtMs } = options;
  const probes: Readonly<Record<ProbeKind, Probe | undefined>> = {
    startup: container.startupProbe,
    readiness: container.readinessProbe,
    liveness: container.livenessProbe,
  };
  const loops = new Map<ProbeKind, ProbeLoop>();
  const failures = new Map<ProbeKind, string>();
  const resultOf = (kind: ProbeKind): string => loops.get(kind)?.state().result ?? "unknown";
  const isStarted = (): boolean =>
    probes.startup === undefined || options.known.started || resultOf("startup") === "success";
  const isReady = (): boolean =>
    isStarted() && (probes.readiness === undefined || resultOf("readiness") === "success");
  const failed = (): "liveness" | "startup" | undefined =>
    (["startup", "liveness"] as const).find((kind) => resultOf(kind) === "failure");
  const lastFailure = (kind?: ProbeKind): string | undefined =>
    kind === undefined ? [...failures.values()].at(-1) : failures.get(kind);
  const canBeReady = isProbed(container);
  let wasReady = canBeReady && options.known.ready;
  let lastTold = "";

  const take = (kind: ProbeKind, outcome: ProbeOutcome): void => {
    report(options, { kind, outcome, failures });
    if (kind === "startup" && isStarted()) start("liveness", "readiness");
    wasReady ||= canBeReady && isReady();
    const told = JSON.stringify([isStarted(), isReady(), failed(), lastFailure()]);
    if (told === lastTold) return;
    lastTold = told;
    options.onChange();
  };
  const start = (...kinds: readonly ProbeKind[]): void => {
    for (const kind of kinds) {
      const probe = probes[kind];
      if (probe === undefined) continue;
      const run = (signal: AbortSignal): Promise<ProbeOutcome> => options.run(probe, signal);
      const onOutcome = (outcome: ProbeOutcome): void => take(kind, outcome);
      const isKnownGood = kind === "readiness" && options.known.ready;
      loops.set(kind, createProbeLoop(system, { kind, probe, startedAtMs, isKnownGood, run, onOutcome }));
    }
  };
  const close = (): void => {
    for (const loop of loops.values()) loop.close();
  };

  if (isStarted()) start("liveness", "readiness");
  else start("startup");
  return { isStarted, isReady, wasReady: () => wasReady, failed, lastFailure, close };
}

/** Whether a probe tells when a container is ready: without one it counts as ready from the start. */
export function isProbed({ startupProbe, readinessProbe }: Container): boolean {
  return startupProbe !== undefined || readinessProbe !== undefined;
}

function report(
  options: ProberOptions,
  event: {
    readonly kind: ProbeKind;
    readonly outcome: ProbeOutcome;
    readonly failures: Map<ProbeKind, string>;
  },
): void {
  const { kind, outcome, failures } = event;
  if (outcome.kind === "success") {
    failures.delete(kind);
    if (outcome.warning !== undefined) options.onWarning(kind, outcome.warning);
    return;
  }
  failures.set(kind, `${kind}: ${toOneLine(outcome.message)}`);
  options.onFailure(kind, outcome);
}
