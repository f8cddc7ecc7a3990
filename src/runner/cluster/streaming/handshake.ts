import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** An upgrade that the client asks for, before it is granted. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client has sent already behind its request. */
  readonly head: Buffer;
}

/**
 * Grants an upgrade to SPDY/3.1 with the first protocol of the client's that is ours. False: it was refused.
 * Source: streaming pkg/httpstream Handshake, spdy/upgrade.go.
 */
export function acceptSpdy({ request, socket, head }: UpgradeRequest, protocol: string): boolean {
  const upgrade = String(request.headers.upgrade ?? "").toLowerCase();
  if (upgrade !== "spdy/3.1") {
    refuseUpgrade(socket, { status: 400, text: "unable to upgrade: only SPDY/3.1 is spoken here" });
    return false;
  }
  const offered = String(request.headers["x-stream-protocol-version"] ?? "").split(/\s*,\s*/);
  if (!offered.includes(protocol)) {
    const text = `unable to upgrade: client supports [${offered.join(" ")}], server accepts [${protocol}]`;
    refuseUpgrade(socket, { status: 403, text });
    return false;
  }
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n" +
      `X-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return true;
}

/** Answers a request for an upgrade as any other request, and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  answer: { readonly status: number; readonly text: string },
): void {
  socket.end(
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}\r\nConnection: close\r\n` +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${Buffer.byteLength(answer.text)}\r\n\r\n${answer.text}`,
  );
}
