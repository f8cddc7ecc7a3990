import type { Container, Pod } from "../../pod/types.ts";
import { isSidecar, type RunEnd, restartsAll } from "./restart-policy.ts";
import { isFinished, selectStartable } from "./select-startable.ts";

/**
 * Why a running container has to end. `stop`: its pod is to go or has done its work; `restart`: a user asked;
 * `restartAll`: a rule of another container starts the pod anew.
 */
export type KillReason = "stop" | "liveness" | "startup" | "postStart" | "restart" | "restartAll";

/** One container of a pod as it is. */
export interface ContainerView {
  readonly name: string;
  readonly state:
    | { readonly kind: "absent" }
    | { readonly kind: "running"; readonly stop: StopView | undefined }
    | ({ readonly kind: "exited" } & RunEnd);
  /** Its postStart hook runs: nothing else of the pod starts meanwhile. */
  readonly starting: boolean;
  /** Running, its postStart hook is done, and its startup probe has passed. */
  readonly started: boolean;
  /** The earliest moment of the next start. */
  readonly notBeforeMs: number;
  /** Why this run must end; undefined while it may go on. */
  readonly killFor: Exclude<KillReason, "stop" | "restartAll"> | undefined;
  /** Someone asked for a restart: policy and back-off do not count. */
  readonly restartAsked: boolean;
}

/** How far the end of a run has come. */
export interface StopView {
  /** Its preStop hook has ended, or it has none. */
  readonly hookDone: boolean;
  readonly signalled: boolean;
  /** When its grace is over. */
  readonly deadlineMs: number;
}

/** A pod as it is and as it should be. */
export interface PodView {
  readonly pod: Pod;
  readonly wanted: "run" | "stop";
  readonly nowMs: number;
  /** When activeDeadlineSeconds are over. */
  readonly deadlineMs: number | undefined;
  /** One for each container of the spec, by name. */
  readonly containers: ReadonlyMap<string, ContainerView>;
}

/** What to do now to bring a pod nearer to what it should be. */
export interface PodActions {
  /** Runs whose end begins, or is to come sooner: the preStop hook, where there is one. */
  readonly kill: readonly { readonly name: string; readonly reason: KillReason }[];
  /** Runs that get the stop signal: their hook is done and it is their turn. */
  readonly signal: readonly string[];
  /** Nothing runs any more and all containers begin anew. */
  readonly reset: boolean;
  /** One at a time: the next start may depend on how this one went. */
  readonly start: string | undefined;
  /** When to look again if nothing happens before. */
  readonly wakeAtMs: number | undefined;
  /** activeDeadlineSeconds are over. */
  readonly expired: boolean;
  /** Nothing of the pod starts any more. */
  readonly over: boolean;
  /** A rule restarts all containers. */
  readonly restartingAll: boolean;
  /** The pod is to go and nothing of it runs. */
  readonly ended: boolean;
}

/**
 * The difference between a pod as it is and as it should be. A container that runs is never among the starts.
 *
 *     run ──rule──▶ restarting all ──nothing runs──▶ run
 *     run ──deadline, last regular container done, init failed for good──▶ over ──wanted "stop", nothing runs──▶ ended
 *
 * Source: kubelet kuberuntime_manager.go computePodActions, kuberuntime_termination_order.go.
 */
export function computeActions(view: PodView): PodActions {
  const running = [...view.containers.values()].flatMap(toRunning);
  const expired = view.deadlineMs !== undefined && view.deadlineMs <= view.nowMs;
  const over = view.wanted === "stop" || expired || isFinished(view);
  const restartingAll = !over && isRestartingAll(view);
  const mayStart = !over && !restartingAll && ![...view.containers.values()].some(({ starting }) => starting);
  const startable = mayStart ? selectStartable(view) : [];
  const due = startable.find((container) => container.notBeforeMs <= view.nowMs);
  const signal = running.filter((run) => isDueForSignal(run, { view, running, ordered: over }));
  return {
    kill: selectKills(view, { running, all: over ? "stop" : restartingAll ? "restartAll" : undefined }),
    signal: signal.map(({ name }) => name),
    reset: restartingAll && running.length === 0,
    start: due?.name,
    wakeAtMs: earliest(
      [
        ...startable.map(({ notBeforeMs }) => notBeforeMs),
        ...running.map(({ stop }) => (stop?.signalled === false ? stop.deadlineMs : undefined)),
        over ? undefined : view.deadlineMs,
      ],
      view.nowMs,
    ),
    expired,
    over,
    restartingAll,
    ended: view.wanted === "stop" && running.length === 0,
  };
}

interface Running {
  readonly name: string;
  readonly stop: StopView | undefined;
  readonly killFor: ContainerView["killFor"];
}

function toRunning({ name, state, killFor }: ContainerView): readonly Running[] {
  return state.kind === "running" ? [{ name, stop: state.stop, killFor }] : [];
}

function selectKills(
  view: PodView,
  options: { readonly running: readonly Running[]; readonly all: "stop" | "restartAll" | undefined },
): PodActions["kill"] {
  const latestMs = view.nowMs + view.pod.spec.terminationGracePeriodSeconds * 1000;
  return options.running.flatMap(({ name, stop, killFor }) => {
    const reason = options.all ?? killFor;
    if (reason === undefined) return [];
    // A later request may only shorten the grace. Source: pod_workers.go calculateEffectiveGracePeriod.
    const isSooner = stop !== undefined && options.all === "stop" && stop.deadlineMs > latestMs;
    return stop === undefined || isSooner ? [{ name, reason }] : [];
  });
}

function isRestartingAll(view: PodView): boolean {
  const all = [...(view.pod.spec.initContainers ?? []), ...view.pod.spec.containers];
  return all.some((container) => {
    const state = view.containers.get(container.name)?.state;
    return state?.kind === "exited" && restartsAll(container, state);
  });
}

/** When the pod ends, a sidecar waits for the regular containers and for the sidecars that started after it. */
function isDueForSignal(
  run: Running,
  options: { readonly view: PodView; readonly running: readonly Running[]; readonly ordered: boolean },
): boolean {
  const { view, running } = options;
  if (run.stop === undefined || run.stop.signalled) return false;
  if (run.stop.deadlineMs <= view.nowMs) return true;
  if (!run.stop.hookDone) return false;
  if (!options.ordered) return true;
  const init = view.pod.spec.initContainers ?? [];
  const index = init.findIndex(({ name }) => name === run.name);
  const own = init[index];
  if (own === undefined || !isSidecar(own)) return true;
  const before: readonly Container[] = [
    ...view.pod.spec.containers,
    ...init.slice(index + 1).filter(isSidecar),
  ];
  return !running.some(({ name }) => before.some((container) => container.name === name));
}

function earliest(times: readonly (number | undefined)[], nowMs: number): number | undefined {
  const later = times.filter((time) => time !== undefined && time > nowMs) as readonly number[];
  return later.length === 0 ? undefined : Math.min(...later);
}
