import { readField } from "../../api/read-field.ts";
import type { KubeObject } from "../../api/types.ts";
import type { PodReport } from "../../control/protocol.ts";
import { ANNOTATIONS } from "../../core/constants.ts";
import { canonicalJson } from "../../core/json.ts";
import { hashPod } from "../../pod/default-pod.ts";
import type { Pod } from "../../pod/types.ts";
import { hashOf } from "./build-mirror.ts";
import { buildMirrorStatus } from "./build-mirror-status.ts";
import { showsStatus } from "./shows-status.ts";

/** One thing to do so that the API shows the static pods as they are. */
export type MirrorAction =
  | { readonly kind: "create"; readonly pod: Pod }
  /** At once, whatever its grace. `edited`: somebody changed it, so it will be made anew. */
  | { readonly kind: "delete"; readonly live: KubeObject; readonly edited: boolean }
  | {
      readonly kind: "status";
      readonly live: KubeObject;
      readonly status: Readonly<Record<string, unknown>>;
    };

/** What is wanted, and what the API has. */
export interface MirrorView {
  readonly nodeUid: string;
  readonly reports: readonly PodReport[];
  /** Every pod that the API has bound to this node. */
  readonly live: readonly KubeObject[];
  /** What each mirror was when it was made, by UID. */
  readonly originals: ReadonlyMap<string, MirrorOriginal>;
}

/** A mirror as it was made. */
export interface MirrorOriginal {
  /** From `fingerprintOf`. */
  readonly fingerprint: string;
  /** The pod that it was made for, from `versionOf`; undefined when there was none. */
  readonly version: string | undefined;
}

/**
 * A mirror is right when it carries the pod's hash, belongs to this Node, is not being deleted and looks as it was
 * made; any other is deleted, and made anew in a later pass, when the API no longer has it. Other pods bound here
 * are told that they cannot run, and their deletion is completed. A pod that is being stopped gets no new mirror.
 */
export function computeMirrorActions(view: MirrorView): readonly MirrorAction[] {
  const reports = new Map(view.reports.map((report) => [keyOf(report.pod.metadata), report]));
  const present = new Set(view.live.map((live) => keyOf(live.metadata)));
  const missing = view.reports.filter(
    (report) => !report.terminating && !present.has(keyOf(report.pod.metadata)),
  );
  return [
    ...view.live.flatMap((live) =>
      isMirror(live)
        ? actOnMirror(live, { report: reports.get(keyOf(live.metadata)), view })
        : actOnStranger(live),
    ),
    ...missing.map(({ pod }): MirrorAction => ({ kind: "create", pod })),
  ];
}

/** What makes a mirror look as it does; the status is not part of it. */
export function fingerprintOf(live: KubeObject): string {
  const { labels, annotations } = live.metadata;
  return canonicalJson({ labels, annotations, spec: live["spec"] });
}

/** The UID of a pod tells its versions apart, but not one of the manifest's own, which outlives every edit. */
export function versionOf(pod: Pod): string {
  const { uid } = pod.metadata;
  return /^[0-9a-f]{32}$/.test(uid) ? uid : hashPod(pod);
}

/** Namespace and name, which link a static pod to its mirror. */
export function keyOf(metadata: { readonly namespace?: string; readonly name: string }): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** Whether a pod of the API is a mirror. */
export function isMirror(live: KubeObject): boolean {
  return live.metadata.annotations?.[ANNOTATIONS.configMirror] !== undefined;
}

function actOnMirror(
  live: KubeObject,
  context: { readonly report: PodReport | undefined; readonly view: MirrorView },
): readonly MirrorAction[] {
  const { report, view } = context;
  if (report === undefined) return [{ kind: "delete", live, edited: false }];
  if (!belongsTo(live, { pod: report.pod, nodeUid: view.nodeUid }))
    return [{ kind: "delete", live, edited: false }];
  const original = view.originals.get(live.metadata.uid ?? "");
  if (original?.version !== undefined && original.version !== versionOf(report.pod))
    return [{ kind: "delete", live, edited: false }];
  if (original !== undefined && original.fingerprint !== fingerprintOf(live))
    return [{ kind: "delete", live, edited: true }];
  const status = buildMirrorStatus(report.pod, live);
  return status === undefined || showsStatus(live["status"], status)
    ? []
    : [{ kind: "status", live, status }];
}

function belongsTo(live: KubeObject, wanted: { readonly pod: Pod; readonly nodeUid: string }): boolean {
  return (
    live.metadata.deletionTimestamp === undefined &&
    live.metadata.annotations?.[ANNOTATIONS.configMirror] === hashOf(wanted.pod) &&
    live.metadata.ownerReferences?.[0]?.["uid"] === wanted.nodeUid
  );
}

/** Source: the words are ours; the kubelet would run the pod. */
const STRANGER_STATUS = {
  phase: "Pending",
  reason: "StaticPodsOnly",
  message: "this node runs processes of the host and only static pods; no other pod can run here",
} as const;

function actOnStranger(live: KubeObject): readonly MirrorAction[] {
  if (live.metadata.deletionTimestamp !== undefined) return [{ kind: "delete", live, edited: false }];
  const phase = readField(live, "status", "phase");
  const over = phase === "Succeeded" || phase === "Failed";
  if (over || showsStatus(live["status"], STRANGER_STATUS)) return [];
  return [{ kind: "status", live, status: STRANGER_STATUS }];
}
