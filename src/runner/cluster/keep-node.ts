import { covers } from "../../api/covers.ts";
import { isSuccess, readReason } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { Answer } from "../../api/request-or-reason.ts";
import type { KubeObject } from "../../api/types.ts";
import { messageOf } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import type { RunnerOptions } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import { createBackOff } from "./back-off.ts";
import { buildNode, buildNodeMetadata, buildNodeStatus, type NodeFacts } from "./build-node.ts";
import { startLoop } from "./level-loop.ts";
import { readMachine } from "./read-machine.ts";
import { showsStatus } from "./shows-status.ts";

/** The job that keeps this machine's Node. */
export interface NodeKeeper {
  /** The Node's UID; undefined until it is registered, and again when somebody has deleted it. */
  uid(): string | undefined;
  /** Why the Node is not as it should be. */
  problem(): string | undefined;
  wake(): void;
  close(): Promise<void>;
  /** Closes, and tells the API server that the machine goes down, if it answers. Never rejects: pods are stopped next. */
  leave(): Promise<void>;
}

/** Source: kubelet kubelet_node_status.go registerWithAPIServer. */
const REGISTER_RETRY = { firstMs: 100, maxMs: 7_000 };
/** Pods are stopped meanwhile at the latest; ours. */
const LEAVE_TIMEOUT_MS = 2_000;

/**
 * Registers the Node, puts its own labels right, and pushes its status on change or when a report is due. A Node that
 * is deleted is registered again. `onRegistered` is called each time that the UID changes to a new one.
 */
export function keepNode(
  system: Pick<System, "clock" | "log" | "fs" | "host">,
  options: {
    readonly link: ApiLink;
    readonly runner: RunnerOptions;
    readonly onRegistered: () => void;
    /** Called with the Node's labels at each look: a user may have added some. */
    readonly onLabels: (labels: Readonly<Record<string, string>>) => void;
  },
): NodeKeeper {
  const { runner, link } = options;
  const backOff = createBackOff(REGISTER_RETRY);
  let uid: string | undefined;
  let problem: string | undefined;
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  let known: KubeObject | undefined;

  const readFacts = async (): Promise<NodeFacts> => {
    const machine = await readMachine(system, { stateDir: runner.paths.stateDir });
    return { options: runner, machine, nowMs: system.clock.nowMs() };
  };

  const fail = (reason: string): number => {
    if (problem !== reason && link.problem() === undefined)
      system.log.warn("the Node cannot be kept", { node: runner.nodeName, error: reason });
    problem = reason;
    return backOff.nextMs();
  };
  const pass = async (signal: AbortSignal): Promise<number> => {
    const facts = await readFacts();
    const found = await findOrRegister(link, { facts, signal });
    if (found.node === undefined) {
      // A server that does not answer says nothing of the Node.
      if (link.problem() === undefined) uid = undefined;
      return fail(found.reason);
    }
    known = found.node;
    options.onLabels(found.node.metadata.labels ?? {});
    const reportDue = facts.nowMs - reportedAtMs >= runner.kubelet.nodeStatusReportFrequencyMs;
    const updated = await updateNode(link, { facts, node: found.node, reportDue, signal });
    if (updated.problem !== undefined) return fail(updated.problem);
    if (updated.reported) reportedAtMs = facts.nowMs;
    backOff.reset();
    problem = undefined;
    if (uid !== found.node.metadata.uid) {
      uid = found.node.metadata.uid;
      system.log.info("the Node is registered", { node: runner.nodeName });
      options.onRegistered();
    }
    return runner.kubelet.nodeStatusUpdateFrequencyMs;
  };
  const loop = startLoop(system, { name: "node", pass });

  return {
    uid: () => uid,
    problem: () => problem,
    wake: () => {
      backOff.reset();
      loop.wake();
    },
    close: loop.close,
    leave: async () => {
      await loop.close();
      if (uid === undefined || link.problem() !== undefined) return;
      try {
        await tellLeaving(link, { facts: await readFacts(), known });
      } catch (error) {
        system.log.warn("the API server is not told that the machine goes down", { error: messageOf(error) });
      }
    },
  };
}

async function tellLeaving(
  link: ApiLink,
  { facts, known }: { readonly facts: NodeFacts; readonly known: KubeObject | undefined },
): Promise<void> {
  const body = { status: buildNodeStatus({ ...facts, leaving: true }, known) };
  const request = { path: `${nodePath(facts)}/status`, body, timeoutMs: LEAVE_TIMEOUT_MS };
  await link.ask({ method: "PATCH", contentType: STRATEGIC, ...request });
}

interface Found {
  readonly node: KubeObject | undefined;
  readonly reason: string;
}

async function findOrRegister(
  link: ApiLink,
  options: { readonly facts: NodeFacts; readonly signal: AbortSignal },
): Promise<Found> {
  const { facts, signal } = options;
  const found = await link.ask({ method: "GET", path: nodePath(facts), signal });
  if (found.response?.status !== 404 || !facts.options.kubelet.registerNode) return toFound(found);
  const created = await link.ask({ method: "POST", path: NODES, body: buildNode(facts), signal });
  const raced = created.response !== undefined && readReason(created.response) === "AlreadyExists";
  return raced ? toFound(await link.ask({ method: "GET", path: nodePath(facts), signal })) : toFound(created);
}

const NODES = "/api/v1/nodes";

function nodePath(facts: NodeFacts): string {
  return `${NODES}/${encodeURIComponent(facts.options.nodeName)}`;
}

function toFound(answer: Answer): Found {
  const { response, reason } = answer;
  if (response === undefined || !isSuccess(response) || !isObject(response.body))
    return { node: undefined, reason };
  // A successful answer of the nodes API is a Node.
  return { node: response.body as unknown as KubeObject, reason };
}

async function updateNode(
  link: ApiLink,
  options: {
    readonly facts: NodeFacts;
    readonly node: KubeObject;
    readonly reportDue: boolean;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly problem: string | undefined; readonly reported: boolean }> {
  const { facts, node, signal } = options;
  const metadata = buildNodeMetadata(facts);
  const patch = (path: string, body: unknown): Promise<Answer> =>
    link.ask({ method: "PATCH", path, body, contentType: STRATEGIC, signal });
  if (!covers(node.metadata, metadata)) {
    const problem = problemOf(await patch(nodePath(facts), { metadata }));
    if (problem !== undefined) return { problem, reported: false };
  }
  const status = buildNodeStatus(facts, node);
  if (!options.reportDue && showsStatus(readField(node, "status"), status))
    return { problem: undefined, reported: false };
  const problem = problemOf(await patch(`${nodePath(facts)}/status`, { status }));
  return { problem, reported: problem === undefined };
}

const STRATEGIC = "application/strategic-merge-patch+json";

function problemOf(answer: Answer): string | undefined {
  return answer.response !== undefined && isSuccess(answer.response) ? undefined : answer.reason;
}
