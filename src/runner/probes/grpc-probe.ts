import { messageOf, systemErrorCode } from "../../core/errors.ts";
import { encodeFirstField, frameMessage, unframeMessage } from "../../core/grpc-message.ts";
import { formatHostPort } from "../../core/host-port.ts";
import type { Http2Answer } from "../../system/call-http2.ts";
import type { System } from "../../system/system.ts";
import type { ProbeOutcome } from "./apply-probe-result.ts";

/** A gRPC probe with everything looked up. */
export interface GrpcProbe {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** Source: grpc/codes; only the names of errors that a health service gives are needed. */
const UNIMPLEMENTED = 12;
const DEADLINE_EXCEEDED = 4;

/** Source: grpc/health/v1/health.proto ServingStatus. */
const SERVING_STATUS = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/**
 * One `grpc.health.v1.Health/Check` without TLS; SERVING is a success. The two messages have one field each.
 * Source: pkg/probe/grpc/grpc.go Probe (texts); gRPC over HTTP2 (framing).
 */
export async function runGrpcProbe(system: Pick<System, "net">, probe: GrpcProbe): Promise<ProbeOutcome> {
  const address = formatHostPort(probe.host, probe.port);
  try {
    const answer = await system.net.callHttp2({
      ...probe,
      path: "/grpc.health.v1.Health/Check",
      headers: { "content-type": "application/grpc", te: "trailers", "user-agent": probe.userAgent },
      body: frameMessage(encodeFirstField(Buffer.from(probe.service))),
    });
    return judge(answer, probe);
  } catch (error) {
    return { kind: "failure", message: describeError(error, { probe, address }) };
  }
}

function judge({ headers, body }: Http2Answer, probe: GrpcProbe): ProbeOutcome {
  const code = Number(headers["grpc-status"] ?? Number.NaN);
  const said = decodeURIComponent(String(headers["grpc-message"] ?? ""));
  if (Number.isNaN(code)) {
    const message = `error: health rpc probe failed: no gRPC answer, but HTTP status ${headers[":status"]}`;
    return { kind: "failure", message };
  }
  if (code === UNIMPLEMENTED) {
    const message = `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${said}`;
    return { kind: "failure", message };
  }
  if (code === DEADLINE_EXCEEDED) return { kind: "failure", message: describeTimeout(probe) };
  if (code !== 0) {
    return { kind: "failure", message: `error: health rpc probe failed: code ${code}: ${said}` };
  }
  const status = decodeStatus(body);
  if (status === "SERVING") return { kind: "success" };
  return { kind: "failure", message: `service unhealthy (responded with "${status}")` };
}

function describeError(
  error: unknown,
  { probe, address }: { readonly probe: GrpcProbe; readonly address: string },
): string {
  const code = systemErrorCode(error);
  if (code === "ERR_CALL_TIMEOUT") return describeTimeout(probe);
  if (code === "ERR_CONNECT_TIMEOUT")
    return `timeout: failed to connect service "${address}" within ${probe.timeoutMs / 1000}s`;
  return `error: failed to connect service at "${address}": ${messageOf(error)}`;
}

function describeTimeout({ timeoutMs }: GrpcProbe): string {
  return `timeout: health rpc did not complete within ${timeoutMs / 1000}s`;
}

/** HealthCheckResponse{status = 1}: an empty message means UNKNOWN. */
function decodeStatus(frame: Buffer): string {
  const message = unframeMessage(frame);
  const value = message[0] === 0x08 ? (message[1] ?? 0) : 0;
  return SERVING_STATUS[value] ?? String(value);
}
