import { SlipwayError } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { covers } from "./covers.ts";
import { createRefusal, isSuccess, readReason } from "./describe-response.ts";
import { type Attempt, pollUntil, type WaitClock } from "./poll-until.ts";
import { type Answer, requestOrReason } from "./request-or-reason.ts";
import type { ApiClient, KubeObject } from "./types.ts";

/** What `applyObject` had to do. */
export type Applied = "created" | "updated" | "unchanged";

const RETRY_INTERVAL_MS = 100;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Creates an object, or replaces the one that is there when it lacks something of ours. A broken exchange, 429, 5xx,
 * a conflict, and the 403 and 404 of a server that has not made its own roles and namespaces yet are tried again
 * until `timeoutMs` is over. Raises SLIPWAY_API_REQUEST with the server's message.
 */
export function applyObject(
  system: { readonly clock: WaitClock },
  options: {
    readonly client: ApiClient;
    readonly object: KubeObject;
    /** The path of a field that an object which is there keeps as it is. */
    readonly keep?: readonly string[];
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  },
): Promise<Applied> {
  const { client, object } = options;
  const ask = (method: "GET" | "POST" | "PUT", body?: KubeObject): Promise<Answer> =>
    requestOrReason(client, {
      method,
      path: method === "POST" ? collectionPath(object) : objectPath(object),
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...(body === undefined ? {} : { body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  return pollUntil(system.clock, {
    ...options,
    intervalMs: RETRY_INTERVAL_MS,
    attempt: () => createOrReplace({ object, keep: options.keep }, ask),
    onTimeout: (saw) =>
      new SlipwayError({
        code: "SLIPWAY_API_REQUEST",
        what: `cannot apply ${describeObject(object)} at ${client.server}`,
        why: saw,
        fix: "see what the API server logged (slipway logs kube-apiserver), then run the command again",
      }),
  });
}

/** The path of an object. Every kind that we apply has a plural in plain `s`. */
export function objectPath(object: KubeObject): string {
  return `${collectionPath(object)}/${encodeURIComponent(object.metadata.name)}`;
}

async function createOrReplace(
  { object, keep }: { readonly object: KubeObject; readonly keep: readonly string[] | undefined },
  ask: (method: "GET" | "POST" | "PUT", body?: KubeObject) => Promise<Answer>,
): Promise<Attempt<Applied>> {
  const created = await ask("POST", object);
  const reason = created.response === undefined ? undefined : readReason(created.response);
  if (reason !== "AlreadyExists" && !mayBeTaken(object, reason))
    return conclude(object, { answer: created, applied: "created" });
  const found = await ask("GET");
  if (reason !== "AlreadyExists" && found.response?.status === 404)
    return conclude(object, { answer: created, applied: "created" });
  if (found.response === undefined || !isSuccess(found.response))
    return conclude(object, { answer: found, applied: "unchanged" });
  const live = found.response.body;
  const wanted = keep === undefined ? object : keepField(object, { live, path: keep });
  if (covers(live, wanted)) return { done: true, value: "unchanged" };
  const answer = await ask("PUT", withResourceVersion(wanted, live));
  return conclude(object, { answer, applied: "updated" });
}

/**
 * A second Service of a name is called invalid, for the first one has its address. Source: kubeadm phases/addons/dns
 * createDNSService.
 */
function mayBeTaken({ kind }: KubeObject, reason: string | undefined): boolean {
  return kind === "Service" && reason === "Invalid";
}

function conclude(
  object: KubeObject,
  outcome: { readonly answer: Answer; readonly applied: Applied },
): Attempt<Applied> {
  const { response, reason } = outcome.answer;
  if (response !== undefined && isSuccess(response)) return { done: true, value: outcome.applied };
  if (response === undefined || response.status >= 500 || TRANSIENT_STATUSES.includes(response.status))
    return { done: false, saw: reason };
  throw createRefusal(`apply ${describeObject(object)}`, response);
}

/** A young server answers 403 (no roles yet) and 404 (no kube-system yet); 409 is another writer, 429 too much load. */
const TRANSIENT_STATUSES: readonly number[] = [403, 404, 409, 429];

/** The fields with one of them as the live object has it. */
function keepField<T extends Readonly<Record<string, unknown>>>(
  fields: T,
  { live, path }: { readonly live: unknown; readonly path: readonly string[] },
): T {
  const [head, ...rest] = path;
  const value = isObject(live) && head !== undefined ? live[head] : undefined;
  if (head === undefined || value === undefined) return fields;
  const own = fields[head];
  const kept = rest.length === 0 || !isObject(own) ? value : keepField(own, { live: value, path: rest });
  return { ...fields, [head]: kept };
}

function withResourceVersion(object: KubeObject, live: unknown): KubeObject {
  const metadata = isObject(live) && isObject(live["metadata"]) ? live["metadata"] : {};
  const { resourceVersion } = metadata;
  if (typeof resourceVersion !== "string") return object;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function collectionPath(object: KubeObject): string {
  const group = object.apiVersion.includes("/") ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const { namespace } = object.metadata;
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${group}${scope}/${object.kind.toLowerCase()}s`;
}

function describeObject(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
