import { messageOf } from "../../core/errors.ts";
import type { Container, Probe } from "../../pod/types.ts";
import type { Runtime } from "../../runtime/types.ts";
import type { HttpAgent } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import { expandVariables, literalEnv } from "../container/expand-variables.ts";
import type { ProbeOutcome } from "./apply-probe-result.ts";
import { runGrpcProbe } from "./grpc-probe.ts";
import { runHttpProbe } from "./http-probe.ts";

/** Carries out probes; kept connections belong to it. */
export interface ProbeRunner {
  run(request: {
    readonly probe: Probe;
    readonly container: Container;
    readonly containerId: string;
    readonly signal: AbortSignal;
  }): Promise<ProbeOutcome>;
  close(): void;
}

/**
 * A runner of http, tcp, gRPC and exec probes. A host that is not named is the node's address, for the pods are on the host's
 * network. Source: kubelet prober/prober.go runProbe.
 */
export function createProbeRunner(
  system: Pick<System, "net">,
  options: {
    readonly runtime: Pick<Runtime, "exec">;
    readonly nodeIp: string;
    /** Of the kubelet: `v1.37.2`. */
    readonly kubeletVersion: string;
  },
): ProbeRunner {
  const agent = system.net.createAgent({ tls: { insecure: true } });
  const minor = /^v?(\d+\.\d+)/.exec(options.kubeletVersion)?.[1] ?? "";
  const userAgent = `kube-probe/${minor}`;
  return {
    run: (request) => runProbe(system, { ...options, ...request, agent, userAgent }),
    close: () => agent.close(),
  };
}

/** The number behind a port of a probe; undefined when no port of the container has that name. */
export function resolvePort(container: Container, port: number | string): number | undefined {
  if (typeof port === "number") return port;
  if (/^\d+$/.test(port)) return Number(port);
  return container.ports?.find((candidate) => candidate.name === port)?.containerPort;
}

async function runProbe(
  system: Pick<System, "net">,
  request: {
    readonly probe: Probe;
    readonly container: Container;
    readonly containerId: string;
    readonly signal: AbortSignal;
    readonly runtime: Pick<Runtime, "exec">;
    readonly nodeIp: string;
    readonly agent: HttpAgent;
    readonly userAgent: string;
  },
): Promise<ProbeOutcome> {
  const { probe, container, nodeIp } = request;
  const timeoutMs = probe.timeoutSeconds * 1000;
  const { httpGet, tcpSocket, exec, grpc } = probe;
  if (exec !== undefined) return runExecProbe({ ...request, command: exec.command ?? [], timeoutMs });
  if (grpc !== undefined) {
    const { port, service = "" } = grpc;
    return runGrpcProbe(system, { ...request, host: nodeIp, port, service, timeoutMs });
  }
  const target = httpGet ?? tcpSocket;
  if (target === undefined) return { kind: "error", message: "this kind of probe is not supported" };
  const port = resolvePort(container, target.port);
  if (port === undefined) return { kind: "error", message: `the container has no port named ${target.port}` };
  const host = target.host === undefined || target.host === "" ? nodeIp : target.host;
  if (httpGet !== undefined)
    return runHttpProbe(system, { ...request, action: httpGet, host, port, timeoutMs });
  try {
    await system.net.probeConnect({ host, port, timeoutMs });
    return { kind: "success" };
  } catch (error) {
    return { kind: "failure", message: messageOf(error) };
  }
}

/** Source: pkg/probe/exec/exec.go; the command is expanded with literal values only. */
async function runExecProbe(request: {
  readonly runtime: Pick<Runtime, "exec">;
  readonly container: Container;
  readonly containerId: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}): Promise<ProbeOutcome> {
  const env = literalEnv(request.container);
  const command = request.command.map((word) => expandVariables(word, env));
  try {
    const result = await request.runtime.exec(request.containerId, { command, timeoutMs: request.timeoutMs });
    if (result.timedOut) return { kind: "failure", message: `no end within ${request.timeoutMs} ms` };
    if (result.exitCode === 0) return { kind: "success" };
    const said = result.output.trim().slice(0, 200);
    return { kind: "failure", message: `exit code ${result.exitCode}${said === "" ? "" : `: ${said}`}` };
  } catch (error) {
    return { kind: "error", message: messageOf(error) };
  }
}
