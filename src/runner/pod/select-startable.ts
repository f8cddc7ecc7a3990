import type { Container } from "../../pod/types.ts";
import type { ContainerView, PodView } from "./compute-actions.ts";
import { isSidecar, shouldRestart } from "./restart-policy.ts";

/** Containers that should run and do not, in the order in which they start; not before their time. */
export function selectStartable(view: PodView): readonly ContainerView[] {
  const init = selectInit(view);
  if (init.kind === "pending") return init.startable;
  const sidecars = (view.pod.spec.initContainers ?? []).filter(isSidecar);
  return [...sidecars, ...view.pod.spec.containers].flatMap((container) =>
    selectOutstanding(view, container),
  );
}

/** Whether nothing is left to do: init failed for good, or every regular container has ended for good. */
export function isFinished(view: PodView): boolean {
  const isOver = (container: Container): boolean => {
    const seen = view.containers.get(container.name);
    return seen?.state.kind === "exited" && selectOutstanding(view, container).length === 0;
  };
  const failed = (view.pod.spec.initContainers ?? []).some(
    (container) => isOver(container) && !hasSucceeded(view.containers.get(container.name)),
  );
  return (failed && !hasRegularRun(view)) || view.pod.spec.containers.every(isOver);
}

/**
 * The init container whose turn it is, after those that stay and have to be back, or that all of them are done. What
 * comes before the furthest one that has a record is taken as done, for records may have been removed.
 * Source: kuberuntime_container.go computeInitContainerActions.
 */
function selectInit(
  view: PodView,
): { readonly kind: "done" } | { readonly kind: "pending"; readonly startable: readonly ContainerView[] } {
  const init = view.pod.spec.initContainers ?? [];
  const seenAt = (index: number): ContainerView | undefined => view.containers.get(init[index]?.name ?? "");
  if (hasRegularRun(view)) return { kind: "done" };
  const furthest = init.findLastIndex((_, index) => seenAt(index)?.state.kind !== "absent");
  const isDone = furthest < 0 || isInitialized(init[furthest], seenAt(furthest));
  const current = init[isDone ? furthest + 1 : furthest];
  if (current === undefined) return { kind: "done" };
  const earlier = init.slice(0, isDone ? furthest + 1 : furthest).filter(isSidecar);
  return {
    kind: "pending",
    startable: [...earlier, current].flatMap((container) => selectOutstanding(view, container)),
  };
}

function isInitialized(container: Container | undefined, seen: ContainerView | undefined): boolean {
  if (container === undefined) return true;
  return isSidecar(container) ? seen?.started === true : hasSucceeded(seen);
}

function hasRegularRun(view: PodView): boolean {
  return view.pod.spec.containers.some(({ name }) => {
    const state = view.containers.get(name)?.state;
    return state !== undefined && state.kind !== "absent";
  });
}

function hasSucceeded(seen: ContainerView | undefined): boolean {
  return seen?.state.kind === "exited" && seen.state.exitCode === 0;
}

/** The container itself when it does not run but should. */
function selectOutstanding(view: PodView, container: Container): readonly ContainerView[] {
  const seen = view.containers.get(container.name);
  if (seen === undefined || seen.state.kind === "running") return [];
  const isWanted =
    seen.state.kind === "absent" ||
    seen.restartAsked ||
    shouldRestart({ pod: view.pod, container, end: seen.state });
  return isWanted ? [seen] : [];
}
