import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { Answer } from "../../api/request-or-reason.ts";
import type { System } from "../../system/system.ts";
import type { ApiLink } from "./api-link.ts";
import { type Loop, startLoop } from "./level-loop.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
/** Part of the lease's duration after which it is renewed. Source: kubelet nodeLeaseRenewIntervalFraction. */
const RENEW_FRACTION = 0.25;
/** Ours: a lost renewal is made up for long before the lease ends. */
const RETRY_MS = 1_000;

/** Keeps the Node's Lease renewed while the Node is registered. Source: component-helpers apimachinery/lease. */
export function keepLease(
  system: Pick<System, "clock" | "log">,
  options: {
    readonly link: ApiLink;
    readonly nodeName: string;
    readonly durationSeconds: number;
    readonly nodeUid: () => string | undefined;
  },
): Loop {
  const { link, nodeName, durationSeconds } = options;
  const renewMs = durationSeconds * 1000 * RENEW_FRACTION;
  const path = `${LEASES}/${encodeURIComponent(nodeName)}`;
  let resourceVersion: string | undefined;

  const put = async (version: string, write: Write): Promise<Answer> =>
    link.ask({ method: "PUT", path, body: buildLease({ ...write.facts, version }), signal: write.signal });
  const createOrTakeOver = async (write: Write): Promise<Answer> => {
    const body = buildLease({ ...write.facts, version: undefined });
    const created = await link.ask({ method: "POST", path: LEASES, body, signal: write.signal });
    if (created.response?.status !== 409) return created;
    const found = await link.ask({ method: "GET", path, signal: write.signal });
    const version = readVersion(found);
    return version === undefined ? found : put(version, write);
  };
  const pass = async (signal: AbortSignal): Promise<number> => {
    const uid = options.nodeUid();
    if (uid === undefined) return renewMs;
    const write = { facts: { nodeName, uid, durationSeconds, nowMs: system.clock.nowMs() }, signal };
    const answer = await (resourceVersion === undefined
      ? createOrTakeOver(write)
      : put(resourceVersion, write));
    // A lease that others changed or removed is taken over in the next try.
    resourceVersion = readVersion(answer);
    return resourceVersion === undefined ? RETRY_MS : renewMs;
  };
  return startLoop(system, { name: "lease", pass });
}

interface LeaseFacts {
  readonly nodeName: string;
  readonly uid: string;
  readonly durationSeconds: number;
  readonly nowMs: number;
}

interface Write {
  readonly facts: LeaseFacts;
  readonly signal: AbortSignal;
}

function readVersion({ response }: Answer): string | undefined {
  if (response === undefined || !isSuccess(response)) return undefined;
  const version = readField(response.body, "metadata", "resourceVersion");
  return typeof version === "string" ? version : undefined;
}

function buildLease(facts: LeaseFacts & { readonly version: string | undefined }): object {
  const { nodeName, uid, version } = facts;
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: nodeName,
      namespace: "kube-node-lease",
      ...(version === undefined ? {} : { resourceVersion: version }),
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid }],
    },
    spec: {
      holderIdentity: nodeName,
      leaseDurationSeconds: facts.durationSeconds,
      // MicroTime: six digits.
      renewTime: new Date(facts.nowMs).toISOString().replace("Z", "000Z"),
    },
  };
}
