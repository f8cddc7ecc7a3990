import type { PodReport, RunnerEvent, RunnerInfo } from "../../src/control/protocol.ts";
import type { HttpRequest, Net } from "../../src/system/net.ts";
import { systemError } from "./fake-system.ts";

/** What a runner says of itself. */
export function buildRunnerInfo(root: string, change: Partial<RunnerInfo> = {}): RunnerInfo {
  return {
    apiVersion: "slipway.dev/v1",
    kind: "RunnerInfo",
    root,
    instanceId: "1",
    pid: 4711,
    version: "0.1.0",
    startedAt: "2026-11-22T16:00:00Z",
    nodeName: "n1",
    manifestPath: `${root}/etc/kubernetes/manifests`,
    manifestUrl: undefined,
    refused: [],
    cluster: { mode: "cluster", nodeRegistered: true, lastError: undefined },
    ...change,
  };
}

/** A network on which only a runner's control socket answers; posted paths are noted in `posts`. */
export function createRunnerNet(options: {
  readonly info: RunnerInfo;
  readonly pods?: () => readonly PodReport[];
  readonly events?: readonly RunnerEvent[];
  readonly posts?: string[];
}): Pick<Net, "request"> {
  const answers: Readonly<Record<string, () => unknown>> = {
    "/v1/info": () => options.info,
    "/v1/pods": options.pods ?? (() => []),
    "/v1/events": () => options.events ?? [],
  };
  return {
    request: async ({ url, method, socketPath }: HttpRequest) => {
      if (socketPath === undefined) throw systemError("ECONNREFUSED");
      const { pathname } = new URL(url);
      if (method === "POST") options.posts?.push(pathname);
      const body = method === "POST" ? {} : answers[pathname]?.();
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
    },
  };
}
