import { createHash } from "node:crypto";
import { ANNOTATIONS } from "../core/constants.ts";
import { canonicalJson } from "../core/json.ts";
import type { Pod, PodManifest, PodSpec } from "./types.ts";

/**
 * The static pod that a manifest stands for on this node: UID, full name, namespace, node name and annotations as the
 * kubelet fills them in. Without a UID of its own the pod gets a hash of its defaulted content, the node and the origin,
 * so that comments and key order do not change it and anything else does.
 * Source: kubelet config/common.go applyDefaults; config/config.go (config.source, config.seen).
 */
export function defaultPod(options: {
  readonly manifest: PodManifest;
  readonly nodeName: string;
  /** The file's path or the URL. */
  readonly origin: string;
  readonly source: "file" | "http";
  /** When it was first seen: RFC 3339. */
  readonly seenAt: string;
}): Pod {
  const { manifest, nodeName, source, seenAt } = options;
  const uid = computePodUid(options);
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      name: `${manifest.metadata.name}-${nodeName.toLowerCase()}`,
      namespace: manifest.metadata.namespace || "default",
      uid,
      annotations: {
        ...manifest.metadata.annotations,
        [ANNOTATIONS.configHash]: uid,
        [ANNOTATIONS.configSource]: source,
        [ANNOTATIONS.configSeen]: seenAt,
      },
    },
    spec: { ...(source === "file" ? withToleration(manifest.spec) : manifest.spec), nodeName },
    status: { phase: "Pending" },
  };
}

/** The UID of a manifest's pod: its own, else a hash of what it says and where it says it. */
export function computePodUid(options: {
  readonly manifest: PodManifest;
  readonly nodeName: string;
  readonly origin: string;
  readonly source: "file" | "http";
}): string {
  const { manifest, nodeName, origin, source } = options;
  const place = source === "file" ? `host:${nodeName} file:${origin}` : `url:${origin}`;
  return manifest.metadata.uid || shortHash(`${canonicalJson(manifest)} ${place}`);
}

/**
 * Equal for two pods that differ in nothing a runner must act on: all but when they were seen and their status.
 * Source: kubelet config/config.go isAnnotationMapEqual (its local annotations do not count as a change).
 */
export function hashPod(pod: Pod): string {
  const { status: _status, ...rest } = pod;
  const { [ANNOTATIONS.configSeen]: _seen, ...annotations } = pod.metadata.annotations ?? {};
  return shortHash(canonicalJson({ ...rest, metadata: { ...pod.metadata, annotations } }));
}

/** `namespace/name`: what two pods on one node may not share. */
export function fullNameOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

/** The pod's name as its manifest has it: without the node's behind it, and whole where that is not there. */
export function shortNameOf(pod: {
  readonly metadata: Pick<Pod["metadata"], "name">;
  readonly spec: { readonly nodeName?: string | undefined };
}): string {
  const { name } = pod.metadata;
  const suffix = `-${pod.spec.nodeName?.toLowerCase()}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function withToleration(spec: PodSpec): PodSpec {
  const others = (spec.tolerations ?? []).filter(
    (entry) => !(entry.operator === "Exists" && entry.effect === "NoExecute" && entry.key === undefined),
  );
  return { ...spec, tolerations: [...others, { operator: "Exists", effect: "NoExecute" }] };
}
