import { Duplex } from "node:stream";
import {
  formatData,
  formatGoAway,
  formatPing,
  formatRstStream,
  formatSynReply,
  readFrame,
  type SpdyFrame,
} from "./spdy-frames.ts";
import { createSpdyHeaders, type SpdyHeaders } from "./spdy-headers.ts";

/** A stream that the peer has opened, with the headers that say what it is for. */
export interface SpdyStream {
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: Duplex;
}

/** The server's side of a SPDY/3.1 connection. */
export interface SpdyConnection {
  /** Says good-bye and ends the connection; what was written before is sent first. */
  end(): void;
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>;
}

/** Ours: a peer of a kubelet opens five streams, or two for each forwarded connection. */
const MAX_STREAMS = 1000;

/**
 * Serves streams over a connection that has been upgraded to SPDY/3.1; `onStream` is told each stream that the peer
 * opens, after it was accepted. A stream whose reader is slow holds up the whole connection, as in the peers' own
 * implementation. Source: moby/spdystream.
 */
export function serveSpdy(socket: Duplex, onStream: (stream: SpdyStream) => void): SpdyConnection {
  const peer: Peer = { streams: new Map(), headers: createSpdyHeaders(), lastStreamId: 0 };
  const send = (frame: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.write(frame, (error) => (error ? reject(error) : resolve()));
    });
  const run = async (): Promise<void> => {
    let bytes: Buffer = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      for (let next = readFrame(bytes); next !== undefined; next = readFrame(bytes)) {
        bytes = bytes.subarray(next.sizeBytes);
        await take(next.frame, { peer, send, onStream });
      }
    }
  };
  // A connection that breaks, and a peer that speaks something else, are the end of the streams and nothing more.
  const closed = run()
    .catch(() => undefined)
    .then(() => {
      socket.destroy();
      for (const { stream } of peer.streams.values()) stream.destroy();
      peer.headers.close();
    });
  return {
    end: () => {
      socket.write(formatGoAway(peer.lastStreamId));
      socket.end();
    },
    closed,
  };
}

interface Peer {
  readonly streams: Map<number, OpenStream>;
  readonly headers: SpdyHeaders;
  lastStreamId: number;
}

interface OpenStream {
  readonly stream: Duplex;
  /** Resolves when the reader wants more. */
  push(data: Buffer): Promise<void>;
}

interface Tools {
  readonly peer: Peer;
  readonly send: (frame: Buffer) => Promise<void>;
  readonly onStream: (stream: SpdyStream) => void;
}

async function take(frame: SpdyFrame, tools: Tools): Promise<void> {
  const { peer, send } = tools;
  if (frame.kind === "ping") return send(formatPing(frame.id));
  if (frame.kind === "ignored" || frame.kind === "go-away") return;
  if (frame.kind === "syn-stream") return accept(frame, tools);
  const open = peer.streams.get(frame.streamId);
  if (open === undefined) return;
  if (frame.kind === "rst-stream") {
    open.stream.destroy();
    return;
  }
  if (frame.data.length > 0) await open.push(frame.data);
  if (frame.isLast) open.stream.push(null);
}

async function accept(frame: SpdyFrame & { readonly kind: "syn-stream" }, tools: Tools): Promise<void> {
  const { peer, send } = tools;
  const { streamId } = frame;
  const headers = await peer.headers.read(frame.headerBlock);
  if (streamId <= peer.lastStreamId || peer.streams.size >= MAX_STREAMS)
    return send(formatRstStream(streamId));
  peer.lastStreamId = streamId;
  const open = openStream(streamId, tools);
  peer.streams.set(streamId, open);
  await send(formatSynReply(streamId, await peer.headers.empty()));
  if (frame.isLast) open.stream.push(null);
  tools.onStream({ headers, stream: open.stream });
}

function openStream(streamId: number, { peer, send }: Tools): OpenStream {
  let wantMore = (): void => undefined;
  let ended = false;
  const write = (piece: { readonly data: Buffer; readonly isLast: boolean }, done: Done): void => {
    send(formatData(streamId, piece)).then(() => done(), done);
  };
  const stream = new Duplex({
    read: () => wantMore(),
    write: (data: Buffer, _encoding, done) => write({ data, isLast: false }, done),
    final: (done) => {
      ended = true;
      write({ data: Buffer.alloc(0), isLast: true }, done);
    },
    destroy: (_error, done) => {
      peer.streams.delete(streamId);
      wantMore();
      if (!ended) send(formatRstStream(streamId)).catch(() => undefined);
      done(null);
    },
  });
  // What cannot be written any more has no reader; who wrote it hears of it by the stream's end.
  stream.on("error", () => undefined);
  return {
    stream,
    push: (data) =>
      new Promise((resolve) => {
        wantMore = resolve;
        if (stream.destroyed || stream.push(data)) resolve();
      }),
  };
}

type Done = (error?: Error | null) => void;
