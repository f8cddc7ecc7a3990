import { isObject } from "../../core/json.ts";
import type { Pod } from "../../pod/types.ts";
import { parseOwnJson } from "../../runtime/own-json.ts";
import type { ContainerSpec, RuntimeContainer } from "../../runtime/types.ts";
import type { DesiredPod } from "../types.ts";

/** What a container carries so that a later runner can finish what this one began. */
const KEYS = {
  pod: "slipway.dev/pod",
  podHash: "slipway.dev/pod-hash",
  origin: "slipway.dev/origin",
  podStartedAtMs: "slipway.dev/pod-started-at-ms",
  restartsInARow: "slipway.dev/restarts-in-a-row",
} as const;

/** A pod as one runner knows it: its content's hash tells two versions apart that share a UID. */
export interface KnownPod {
  readonly desired: DesiredPod;
  readonly hash: string;
  readonly startedAtMs: number;
}

/** The annotations of a new container. */
export function encodeAnnotations(
  known: KnownPod,
  run: { readonly restartsInARow: number },
): ContainerSpec["annotations"] {
  return {
    [KEYS.pod]: JSON.stringify(known.desired.pod),
    [KEYS.podHash]: known.hash,
    [KEYS.origin]: known.desired.origin,
    [KEYS.podStartedAtMs]: String(known.startedAtMs),
    [KEYS.restartsInARow]: String(run.restartsInARow),
  };
}

/** The pod a container was started for; undefined when it does not say so in a way that can be read. */
function decodePod(container: RuntimeContainer): KnownPod | undefined {
  const { annotations } = container.spec;
  const [pod, hash, origin] = [annotations[KEYS.pod], annotations[KEYS.podHash], annotations[KEYS.origin]];
  if (pod === undefined || hash === undefined || origin === undefined) return undefined;
  const startedAtMs = Number(annotations[KEYS.podStartedAtMs] ?? container.state.startedAtMs);
  const decoded = parseOwnJson(pod);
  if (!isObject(decoded) || !isObject(decoded["metadata"]) || !isObject(decoded["spec"])) return undefined;
  // Only encodeAnnotations writes this key, and it writes a whole Pod.
  return { desired: { pod: decoded as unknown as Pod, origin }, hash, startedAtMs };
}

/** The hash of the pod a container was started for. */
export function podHashOf(container: RuntimeContainer): string | undefined {
  return container.spec.annotations[KEYS.podHash];
}

/** How many restarts in a row led to this run. */
export function restartsInARowOf(container: RuntimeContainer): number {
  return Number(container.spec.annotations[KEYS.restartsInARow] ?? 0);
}

/** The containers of each pod that has any, in the order in which the pods came to be. */
export function groupByPod(
  containers: readonly RuntimeContainer[],
): readonly { readonly known: KnownPod; readonly containers: readonly RuntimeContainer[] }[] {
  const groups = new Map<string, { readonly known: KnownPod; readonly containers: RuntimeContainer[] }>();
  for (const container of containers) {
    const known = decodePod(container);
    if (known === undefined) continue;
    const group = groups.get(known.hash);
    if (group === undefined) groups.set(known.hash, { known, containers: [container] });
    else group.containers.push(container);
  }
  return [...groups.values()];
}

/** Those that do not say which pod they belong to: nobody would ever stop them. */
export function selectUnowned(containers: readonly RuntimeContainer[]): readonly RuntimeContainer[] {
  return containers.filter((container) => decodePod(container) === undefined);
}
