import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { PodReport } from "../../control/protocol.ts";
import { readContainerLog } from "../../control/read-container-log.ts";
import { systemErrorCode } from "../../core/errors.ts";
import type { ContainerStatus } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import type { PodStore } from "../types.ts";
import { type LogQuery, parseLogQuery } from "./parse-log-query.ts";
import { sendText } from "./send-text.ts";

/**
 * Answers `/containerLogs/<namespace>/<pod>/<container>`: 404 for a pod or container that is not known, 400 when it
 * has no log yet, 422 for a query that makes no sense. Source: kubelet server.go getContainerLogs,
 * kubelet_pods.go validateContainerLogStatus.
 */
export async function serveContainerLog(
  system: System,
  request: {
    readonly store: PodStore;
    readonly rest: readonly string[];
    readonly url: URL;
    readonly response: ServerResponse;
  },
): Promise<void> {
  const { store, response } = request;
  const [namespace = "", pod = "", container = ""] = request.rest;
  const parsed = parseLogQuery(request.url.searchParams, { nowMs: system.clock.nowMs() });
  if (parsed.kind === "wrong") return sendText(response, parsed);
  const report = store.get(namespace, pod);
  if (report === undefined) return sendText(response, { status: 404, text: `pod "${pod}" does not exist` });
  const { spec } = report.pod;
  const known = [...spec.containers, ...(spec.initContainers ?? [])].some((one) => one.name === container);
  if (!known)
    return sendText(response, { status: 404, text: `container "${container}" not found in pod "${pod}"` });
  const found = findLog(report, { container, query: parsed.query });
  if (found.path === undefined) return sendText(response, { status: 400, text: found.reason });
  const startedId = runningId(report, container);
  await streamLog(system, {
    ...parsed.query,
    path: found.path,
    response,
    // A container that was started again has another ID, and another log.
    hasEnded: () => startedId === undefined || runningId(store.get(namespace, pod), container) !== startedId,
  });
}

function findLog(
  report: PodReport,
  wanted: { readonly container: string; readonly query: LogQuery },
): { readonly path: string | undefined; readonly reason: string } {
  const { container, query } = wanted;
  const log = report.containers.find((one) => one.name === container);
  const where = `container "${container}" in pod "${report.pod.metadata.name}"`;
  if (query.previous) return { path: log?.previousLogPath, reason: `previous terminated ${where} not found` };
  const waiting = findStatus(report, container)?.state.waiting?.reason ?? "no logs yet";
  return {
    path: log?.logPath ?? log?.previousLogPath,
    reason: `${where} is waiting to start: ${waiting}`,
  };
}

async function streamLog(
  system: System,
  log: LogQuery & {
    readonly path: string;
    readonly response: ServerResponse;
    readonly hasEnded: () => boolean;
  },
): Promise<void> {
  const { response, tailLines, limitBytes, sinceMs } = log;
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  };
  try {
    await readContainerLog(system, {
      path: log.path,
      follow: log.follow,
      timestamps: log.timestamps,
      hasEnded: log.hasEnded,
      signal: gone.signal,
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(limitBytes === undefined ? {} : { limitBytes }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
      write: async (chunk) => {
        begin();
        if (!response.write(chunk)) await once(response, "drain", { signal: gone.signal });
      },
    });
  } catch (error) {
    if (gone.signal.aborted) return;
    if (systemErrorCode(error) !== "ENOENT" || response.headersSent) throw error;
    return sendText(response, { status: 400, text: `the log ${log.path} is no longer there` });
  }
  begin();
  response.end();
}

function findStatus(report: PodReport | undefined, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = report?.pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === container);
}

function runningId(report: PodReport | undefined, container: string): string | undefined {
  const status = findStatus(report, container);
  return status?.state.running === undefined ? undefined : status.containerID;
}
