import type { Container, Pod } from "../pod/types.ts";

/** Why a running container has to end. `stop`: its pod is to go. */
export type KillReason = "stop" | "liveness" | "startup" | "restart";

/** One container of a pod as it is. */
export interface ContainerView {
  readonly name: string;
  readonly state:
    | { readonly kind: "absent" }
    | { readonly kind: "running"; readonly stopping: boolean }
    | { readonly kind: "exited"; readonly exitCode: number };
  /** Running, and its startup probe has passed. */
  readonly started: boolean;
  /** The earliest moment of the next start. */
  readonly notBeforeMs: number;
  /** Why this run must end; undefined while it may go on. */
  readonly killFor: Exclude<KillReason, "stop"> | undefined;
  /** Someone asked for a restart: policy and back-off do not count. */
  readonly restartAsked: boolean;
}

/** A pod as it is and as it should be. */
export interface PodView {
  readonly pod: Pod;
  readonly wanted: "run" | "stop";
  readonly nowMs: number;
  /** One for each container of the spec, by name. */
  readonly containers: ReadonlyMap<string, ContainerView>;
}

/** What to do now to bring a pod nearer to what it should be. */
export interface PodActions {
  readonly kill: readonly { readonly name: string; readonly reason: KillReason }[];
  /** One at a time: the next start may depend on how this one went. */
  readonly start: string | undefined;
  /** When to look again if nothing happens before. */
  readonly wakeAtMs: number | undefined;
  /** The pod is to go and nothing of it runs. */
  readonly ended: boolean;
}

/**
 * The difference between a pod as it is and as it should be. A container that runs is never among the starts.
 * Source: kubelet kuberuntime_manager.go computePodActions, computeInitContainerActions.
 */
export function computeActions(view: PodView): PodActions {
  const running = [...view.containers.values()].filter((container) => container.state.kind === "running");
  const alive = running.filter(
    (container) => container.state.kind === "running" && !container.state.stopping,
  );
  if (view.wanted === "stop") {
    const kill = alive.map(({ name }) => ({ name, reason: "stop" as const }));
    return { kill, start: undefined, wakeAtMs: undefined, ended: running.length === 0 };
  }
  const kill = alive.flatMap(({ name, killFor }) =>
    killFor === undefined ? [] : [{ name, reason: killFor }],
  );
  const startable = selectStartable(view);
  const due = startable.find((container) => container.notBeforeMs <= view.nowMs);
  const later = startable.filter((container) => container.notBeforeMs > view.nowMs);
  return {
    kill,
    start: due?.name,
    wakeAtMs: later.length === 0 ? undefined : Math.min(...later.map((container) => container.notBeforeMs)),
    ended: false,
  };
}

/** Whether a container that ended with this code starts again. Source: pkg/api/v1/pod/util.go ContainerShouldRestart. */
export function shouldRestart(options: {
  readonly pod: Pod;
  readonly container: Container;
  readonly exitCode: number;
}): boolean {
  const policy = options.container.restartPolicy ?? options.pod.spec.restartPolicy;
  return policy === "Always" || (policy === "OnFailure" && options.exitCode !== 0);
}

/** An init container that stays: the next one waits for its start, not for its end. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/** Containers that should run and do not, in the order in which they start; not before their time. */
function selectStartable(view: PodView): readonly ContainerView[] {
  const init = selectInit(view);
  if (init !== "done") return init;
  const sidecars = (view.pod.spec.initContainers ?? []).filter(isSidecar);
  return [...sidecars, ...view.pod.spec.containers].flatMap((container) => {
    const seen = view.containers.get(container.name);
    return seen !== undefined && isOutstanding(view, { container, seen }) ? [seen] : [];
  });
}

/** The init container whose turn it is, or that all of them are done. */
function selectInit(view: PodView): readonly ContainerView[] | "done" {
  const regular = view.pod.spec.containers.map((container) => view.containers.get(container.name));
  if (regular.some((seen) => seen !== undefined && seen.state.kind !== "absent")) return "done";
  for (const container of view.pod.spec.initContainers ?? []) {
    const seen = view.containers.get(container.name);
    if (seen === undefined) return [];
    if (isSidecar(container) ? seen.started : hasSucceeded(seen)) continue;
    return isOutstanding(view, { container, seen }) ? [seen] : [];
  }
  return "done";
}

function hasSucceeded(seen: ContainerView): boolean {
  return seen.state.kind === "exited" && seen.state.exitCode === 0;
}

function isOutstanding(
  view: PodView,
  options: { readonly container: Container; readonly seen: ContainerView },
): boolean {
  const { container, seen } = options;
  if (seen.state.kind === "absent") return true;
  if (seen.state.kind === "running") return false;
  return seen.restartAsked || shouldRestart({ pod: view.pod, container, exitCode: seen.state.exitCode });
}
