import { formatElapsed } from "../core/duration.ts";
import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { covers } from "./covers.ts";
import { createRefusal, isSuccess } from "./describe-response.ts";
import { type Attempt, pollUntil, type WaitClock } from "./poll-until.ts";
import { readField } from "./read-field.ts";
import { requestOrReason } from "./request-or-reason.ts";
import type { ApiClient } from "./types.ts";

/** A taint of a Node. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** What a Node is marked with. */
interface NodeMarks {
  readonly nodeName: string;
  /** Null takes a label away. */
  readonly labels: Readonly<Record<string, string | null>>;
  readonly taints: readonly Taint[];
  /** Keys of taints that go. */
  readonly withoutTaints?: readonly string[];
  readonly signal?: AbortSignal;
}

const POLL_INTERVAL_MS = 50;

/**
 * Gives a Node labels, and taints besides those it keeps, once the Node exists with its host name label.
 * Raises SLIPWAY_WAIT_TIMEOUT when it does not appear in time, SLIPWAY_API_REQUEST when the change is refused.
 * Source: kubeadm phases/markcontrolplane, util/apiclient PatchNodeOnce.
 */
export function markNode(
  system: { readonly clock: WaitClock },
  options: NodeMarks & { readonly client: ApiClient; readonly timeoutMs: number },
): Promise<"updated" | "unchanged"> {
  return pollUntil(system.clock, {
    ...options,
    intervalMs: POLL_INTERVAL_MS,
    attempt: () => tryMarkNode(options.client, options),
    onTimeout: (saw) =>
      new SlipwayError({
        code: "SLIPWAY_WAIT_TIMEOUT",
        what: `Node ${options.nodeName} could not be marked within ${formatElapsed(options.timeoutMs)}`,
        why: saw,
        fix: "see whether the runner could register it: slipway runner status",
      }),
  });
}

async function tryMarkNode(client: ApiClient, options: NodeMarks): Promise<Attempt<"updated" | "unchanged">> {
  const path = `/api/v1/nodes/${encodeURIComponent(options.nodeName)}`;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const found = await requestOrReason(client, { method: "GET", path, ...signal });
  if (found.response === undefined || !isSuccess(found.response)) return { done: false, saw: found.reason };
  const patch = buildPatch(found.response.body, options);
  if (patch === undefined) return { done: false, saw: "the Node has no host name label yet" };
  if (covers(found.response.body, patch)) return { done: true, value: "unchanged" };
  const patched = await requestOrReason(client, {
    method: "PATCH",
    path,
    body: patch,
    contentType: "application/strategic-merge-patch+json",
    ...signal,
  });
  const { response } = patched;
  if (response === undefined || response.status >= 500 || response.status === 409 || response.status === 429)
    return { done: false, saw: patched.reason };
  if (!isSuccess(response)) throw createRefusal(`mark Node ${options.nodeName}`, response);
  return { done: true, value: "updated" };
}

/** Taints are one list to the API server, so the patch names the version that they were read from. */
function buildPatch(node: unknown, { labels, taints, withoutTaints = [] }: NodeMarks): object | undefined {
  const metadata = readField(node, "metadata");
  if (!isObject(metadata) || readField(metadata["labels"], "kubernetes.io/hostname") === undefined)
    return undefined;
  const present = readField(node, "spec", "taints");
  const before: readonly unknown[] = Array.isArray(present) ? present : [];
  const others = before.filter(
    (old) =>
      !withoutTaints.includes(String(readField(old, "key"))) &&
      !taints.some(
        (taint) => taint.key === readField(old, "key") && taint.effect === readField(old, "effect"),
      ),
  );
  const all = [...taints, ...others];
  return {
    metadata: { resourceVersion: metadata["resourceVersion"], labels },
    ...(all.length + before.length === 0 ? {} : { spec: { taints: all } }),
  };
}
