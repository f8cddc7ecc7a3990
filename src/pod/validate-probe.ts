import { isPortName } from "../core/names.ts";
import type { Container, Handler, Probe } from "./types.ts";

/** One thing that is wrong: `spec.containers[0].name: …`. */
export type Problem = string;

const HANDLERS = ["exec", "httpGet", "tcpSocket", "sleep", "grpc"] as const;

/** Problems of the probes and hooks of one container. Source: validation.go validateProbe, validateLifecycle. */
export function validateHandlers(container: Container, path: string): readonly Problem[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [
    ...validateRestartingProbe(livenessProbe, `${path}.livenessProbe`),
    ...validateProbe(readinessProbe, `${path}.readinessProbe`),
    ...(readinessProbe?.terminationGracePeriodSeconds === undefined
      ? []
      : [`${path}.readinessProbe.terminationGracePeriodSeconds: a readiness probe may not set it`]),
    ...validateRestartingProbe(startupProbe, `${path}.startupProbe`),
    ...validateHandler(lifecycle?.postStart, `${path}.lifecycle.postStart`),
    ...validateHandler(lifecycle?.preStop, `${path}.lifecycle.preStop`),
  ];
}

function validateRestartingProbe(probe: Probe | undefined, path: string): readonly Problem[] {
  const problems = validateProbe(probe, path);
  if (probe === undefined || probe.successThreshold === 1) return problems;
  return [...problems, `${path}.successThreshold: it must be 1`];
}

function validateProbe(probe: Probe | undefined, path: string): readonly Problem[] {
  if (probe === undefined) return [];
  const counts = [
    "initialDelaySeconds",
    "periodSeconds",
    "timeoutSeconds",
    "successThreshold",
    "failureThreshold",
  ] as const;
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(probe, path),
    ...counts
      .filter((name) => (probe[name] ?? 0) < 0)
      .map((name) => `${path}.${name}: it may not be negative`),
    ...(grace !== undefined && grace <= 0
      ? [`${path}.terminationGracePeriodSeconds: it must be greater than 0`]
      : []),
  ];
}

function validateHandler(handler: Handler | undefined, path: string): readonly Problem[] {
  if (handler === undefined) return [];
  const kinds = HANDLERS.filter((name) => handler[name] !== undefined);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? "none is set" : `${kinds.join(" and ")} are set`;
    return [`${path}: exactly one of exec, httpGet, tcpSocket, sleep and grpc is needed, but ${found}`];
  }
  const port = handler.httpGet?.port ?? handler.tcpSocket?.port ?? handler.grpc?.port;
  return [
    ...(handler.exec !== undefined && (handler.exec.command ?? []).length === 0
      ? [`${path}.exec.command: it is required`]
      : []),
    ...(port === undefined || isPortReference(port)
      ? []
      : [`${path}.${kinds[0]}.port: ${port} is neither a port (1 to 65535) nor a port's name`]),
  ];
}

function isPortReference(port: number | string): boolean {
  return typeof port === "number" ? port >= 1 && port <= 65_535 : isPortName(port);
}
