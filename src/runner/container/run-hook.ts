import { messageOf, systemErrorCode } from "../../core/errors.ts";
import type { Container, Handler, HttpGetAction, Pod } from "../../pod/types.ts";
import type { Runtime } from "../../runtime/types.ts";
import type { HttpAgent } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import { requestHttp } from "../probes/request-http.ts";
import { resolvePort } from "../probes/run-probe.ts";
import { withinTime } from "../probes/within-time.ts";

/** How a postStart or preStop hook went. */
export type HookResult =
  | { readonly kind: "done"; readonly warning?: string }
  | { readonly kind: "failed"; readonly message: string };

/** One run of a hook. */
export interface HookRequest {
  readonly handler: Handler;
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  /** Undefined: it may take as long as it likes. */
  readonly timeoutMs: number | undefined;
  /** Ends the wait; what runs in the container goes with the container. */
  readonly signal: AbortSignal;
}

/** Carries out hooks; kept connections belong to it. */
export interface HookRunner {
  run(request: HookRequest): Promise<HookResult>;
  close(): void;
}

interface HookTools {
  readonly runtime: Pick<Runtime, "exec">;
  readonly nodeIp: string;
  readonly agent: HttpAgent;
  readonly userAgent: string;
}

/**
 * Runs exec, httpGet and sleep hooks; a tcpSocket hook is accepted in a manifest and fails here.
 * Source: kubelet lifecycle/handlers.go Run.
 */
export function createHookRunner(
  system: Pick<System, "net" | "clock">,
  options: {
    readonly runtime: Pick<Runtime, "exec">;
    readonly nodeIp: string;
    /** Of the kubelet: `v1.37.2`. */
    readonly kubeletVersion: string;
  },
): HookRunner {
  const agent = system.net.createAgent({ tls: { insecure: true } });
  const minor = /^v?(\d+\.\d+)/.exec(options.kubeletVersion)?.[1] ?? "";
  const tools = { ...options, agent, userAgent: `kube-lifecycle/${minor}` };
  return {
    run: (request) => runHook(system, { ...tools, ...request }),
    close: () => agent.close(),
  };
}

async function runHook(
  system: Pick<System, "net" | "clock">,
  request: HookRequest & HookTools,
): Promise<HookResult> {
  const { handler, signal } = request;
  try {
    if (handler.exec !== undefined) return await runExec(request, handler.exec.command ?? []);
    const { httpGet } = handler;
    if (httpGet !== undefined)
      return await withinTime(request, (ending) =>
        runHttp(system, { request: { ...request, signal: ending }, action: httpGet }),
      );
    if (handler.sleep === undefined) return { kind: "failed", message: INVALID_HANDLER };
    await system.clock.sleep(handler.sleep.seconds * 1000, signal);
    return { kind: "done" };
  } catch (error) {
    return { kind: "failed", message: messageOf(error) };
  }
}

/** A manifest may have a tcpSocket hook, and the kubelet does not run it. */
const INVALID_HANDLER = "Cannot run handler: invalid handler (no hook but exec, httpGet and sleep is run)";

/** The command is not expanded: `$(NAME)` stays as it is. */
async function runExec(request: HookRequest & HookTools, command: readonly string[]): Promise<HookResult> {
  const timeoutMs = request.timeoutMs ?? Number.POSITIVE_INFINITY;
  const { exitCode, output, timedOut } = await request.runtime.exec(request.containerId, {
    command,
    timeoutMs,
  });
  if (exitCode === 0 && !timedOut) return { kind: "done" };
  const end = timedOut ? `no end within ${timeoutMs} ms` : `exited with ${exitCode}`;
  const { metadata } = request.pod;
  const pod = `${metadata.name}_${metadata.namespace}(${metadata.uid})`;
  const message = `Exec lifecycle hook ([${command.join(" ")}]) for Container "${request.container.name}" in Pod "${pod}" failed - error: ${end}, message: ${JSON.stringify(output)}`;
  return { kind: "failed", message };
}

/** What a TLS client says of a server that speaks plain HTTP. */
const NOT_TLS = ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];

/** Any answer is a success, whatever comes of its body. An HTTPS hook that is answered in plain HTTP is asked once more so. */
async function runHttp(
  system: Pick<System, "net">,
  { request, action }: { readonly request: HookRequest & HookTools; readonly action: HttpGetAction },
): Promise<HookResult> {
  const port = resolvePort(request.container, action.port);
  if (port === undefined) {
    return { kind: "failed", message: `the container has no port named ${action.port}` };
  }
  const host = action.host === undefined || action.host === "" ? request.nodeIp : action.host;
  const ask = (asked: HttpGetAction): Promise<unknown> =>
    requestHttp(system, { ...request, action: asked, host, port });
  try {
    await ask(action);
    return { kind: "done" };
  } catch (error) {
    if (action.scheme !== "HTTPS" || !NOT_TLS.includes(systemErrorCode(error) ?? "")) throw error;
    const others = action.httpHeaders?.filter(({ name }) => name.toLowerCase() !== "authorization") ?? [];
    await ask({ ...action, scheme: "HTTP", httpHeaders: others });
    const warning = `request to HTTPS lifecycle hook ${host}:${port} got HTTP response, retry with HTTP succeeded`;
    return { kind: "done", warning };
  }
}
