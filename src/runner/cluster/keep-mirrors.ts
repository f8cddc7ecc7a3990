import { describeResponse, isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { ApiResponse, KubeObject } from "../../api/types.ts";
import type { PodReport } from "../../control/protocol.ts";
import { isObject } from "../../core/json.ts";
import type { Pod } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import type { PodStore } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import {
  computeMirrorActions,
  fingerprintOf,
  isMirror,
  keyOf,
  type MirrorAction,
  type MirrorOriginal,
  versionOf,
} from "./compute-mirror-actions.ts";
import { type Loop, startLoop } from "./level-loop.ts";
import { createMirror, deletePod, patchPodStatus } from "./mirror-requests.ts";
import { createRetryGate } from "./retry-gate.ts";
import type { ObjectWatch } from "./watch-objects.ts";

/** Everything is looked at again this often. Source: kubelet status_manager.go syncPeriod. */
const FULL_PASS_MS = 10_000;
/** A refused mirror is tried again; ours, for the kubelet tries at each sync of the pod. */
const REFUSED = { firstMs: 100, maxMs: 60_000, forgetMs: 600_000 };
/** An edit is undone at once; something that edits again and again is not fought for ever. */
const EDITED = { firstMs: 1_000, maxMs: 300_000, forgetMs: 600_000 };

/** Until the API server knows what it has; ours. */
const UNKNOWN = { firstMs: 100, maxMs: 5_000, forgetMs: 60_000 };

/** What the mirror job works with. */
export interface MirrorContext {
  readonly link: ApiLink;
  readonly nodeName: string;
  readonly nodeUid: () => string | undefined;
  /** Called when the API server knows no such Node. */
  readonly onNodeMissing: () => void;
  readonly store: PodStore;
  readonly watch: Pick<ObjectWatch, "list" | "put" | "drop">;
}

/** Keeps one mirror pod in the API for each static pod, with its status, as the kubelet does; see MirrorAction. */
export function keepMirrors(system: Pick<System, "clock" | "log">, context: MirrorContext): Loop {
  const nowMs = (): number => system.clock.monotonicMs();
  const refused = createRetryGate({ nowMs, ...REFUSED });
  const edited = createRetryGate({ nowMs, ...EDITED });
  const unknown = createRetryGate({ nowMs, ...UNKNOWN });
  const problems = createProblemBook(system, context.store);
  let originals: ReadonlyMap<string, MirrorOriginal> = new Map();

  const takeOver = (response: ApiResponse): void => {
    // A successful answer of the pods API is a Pod.
    if (isObject(response.body)) context.watch.put(response.body as unknown as KubeObject);
  };
  const create = async (pod: Pod, signal: AbortSignal): Promise<void> => {
    const key = keyOf(pod.metadata);
    const uid = context.nodeUid();
    if (uid === undefined || !refused.isOpen(key)) return;
    const node = { name: context.nodeName, uid };
    const { response } = await createMirror(context.link, { pod, node, signal });
    if (response === undefined) return;
    if (isSuccess(response)) {
      refused.forget(key);
      takeOver(response);
      // Its status comes next.
      return loop.wake();
    }
    refused.shut(key);
    // The Node was deleted, or is too new for the server's cache, whose words are client-go listers/core/v1 node.go's.
    if (readField(response.body, "details", "kind") === "node") context.onNodeMissing();
    else problems.set(pod, describeResponse(response));
  };
  const remove = async (action: Action<"delete">, signal: AbortSignal): Promise<void> => {
    const key = keyOf(action.live.metadata);
    if (!unknown.isOpen(key) || (action.edited && !edited.isOpen(key))) return;
    if (action.edited) edited.shut(key);
    const { response } = await deletePod(context.link, { live: action.live, signal });
    if (response === undefined) return;
    // Of a pod that has gone the watch tells; an API server that has just begun may not know one that is there.
    // Source: plugin/pkg/admission/noderestriction admission.go admitPod (asks its cache).
    if (response.status === 404) return unknown.shut(key);
    if (!isSuccess(response)) return problems.warn(key, describeResponse(response));
    context.watch.drop(action.live);
    loop.wake();
  };
  const act = async (action: MirrorAction, signal: AbortSignal): Promise<void> => {
    if (action.kind === "create") return create(action.pod, signal);
    if (action.kind === "delete") return remove(action, signal);
    const { response } = await patchPodStatus(context.link, { ...action, signal });
    if (response === undefined) return;
    if (isSuccess(response)) takeOver(response);
    else problems.warn(keyOf(action.live.metadata), describeResponse(response));
  };
  const pass = async (signal: AbortSignal): Promise<number> => {
    const nodeUid = context.nodeUid();
    const [live, reports] = [context.watch.list(), context.store.list()];
    if (nodeUid === undefined || live === undefined) return FULL_PASS_MS;
    originals = rememberOriginals(originals, { live, reports });
    problems.clearFor(live);
    const actions = computeMirrorActions({ nodeUid, reports, live, originals });
    await Promise.all(actions.map((action) => act(action, signal)));
    return Math.min(FULL_PASS_MS, ...[refused, edited, unknown].map((gate) => gate.nextOpeningMs()));
  };
  const loop = startLoop(system, { name: "mirrors", pass });
  return loop;
}

type Action<K extends MirrorAction["kind"]> = Extract<MirrorAction, { readonly kind: K }>;

/** What each mirror was when it was first seen; those that are gone are forgotten. */
function rememberOriginals(
  before: ReadonlyMap<string, MirrorOriginal>,
  seen: { readonly live: readonly KubeObject[]; readonly reports: readonly PodReport[] },
): Map<string, MirrorOriginal> {
  const pods = new Map(seen.reports.map(({ pod }) => [keyOf(pod.metadata), pod]));
  return new Map(
    seen.live.filter(isMirror).map((mirror) => {
      const uid = mirror.metadata.uid ?? "";
      const pod = pods.get(keyOf(mirror.metadata));
      const fresh = (): MirrorOriginal => {
        return { fingerprint: fingerprintOf(mirror), version: pod && versionOf(pod) };
      };
      return [uid, before.get(uid) ?? fresh()];
    }),
  );
}

/**
 * An API server that has just begun makes its own priority classes a moment later.
 * Source: plugin/pkg/admission/priority admission.go, pkg/registry/scheduling/rest AddSystemPriorityClasses.
 */
function isPassing(problem: string): boolean {
  return problem.includes("no PriorityClass with name system-");
}

interface ProblemBook {
  /** Logs why a pod of the API cannot be changed. */
  warn(key: string, problem: string): void;
  set(pod: Pod, problem: string): void;
  /** Forgets the problems of pods that have a mirror now. */
  clearFor(live: readonly KubeObject[]): void;
}

/** Tells the store and the log why a pod has no mirror, each reason once. */
function createProblemBook(system: Pick<System, "log">, store: PodStore): ProblemBook {
  const known = new Map<string, string>();
  const warned = new Map<string, string>();
  return {
    warn: (key, problem) => {
      if (warned.get(key) !== problem)
        system.log.warn("the API refuses to change a pod", { pod: key, problem });
      warned.set(key, problem);
    },
    set: (pod, problem) => {
      const { namespace, name } = pod.metadata;
      if (known.get(keyOf(pod.metadata)) === problem) return;
      known.set(keyOf(pod.metadata), problem);
      system.log[isPassing(problem) ? "info" : "warn"]("the API refuses the mirror pod; the pod runs on", {
        pod: keyOf(pod.metadata),
        problem,
      });
      store.setMirrorProblem(namespace, name, problem);
    },
    clearFor: (live) => {
      for (const { metadata } of live.filter(isMirror)) {
        if (known.delete(keyOf(metadata)))
          store.setMirrorProblem(metadata.namespace ?? "", metadata.name, undefined);
      }
    },
  };
}
