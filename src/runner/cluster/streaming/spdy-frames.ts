/** The frames of SPDY/3.1 that a server of streams meets. Source: SPDY Protocol, draft 3.1, section 2. */
export type SpdyFrame =
  | { readonly kind: "data"; readonly streamId: number; readonly isLast: boolean; readonly data: Buffer }
  | {
      readonly kind: "syn-stream";
      readonly streamId: number;
      readonly isLast: boolean;
      readonly headerBlock: Buffer;
    }
  | { readonly kind: "rst-stream"; readonly streamId: number }
  | { readonly kind: "ping"; readonly id: number }
  | { readonly kind: "go-away" }
  /** SETTINGS and WINDOW_UPDATE: the peers of a kubelet control no flow. Source: moby/spdystream connection.go. */
  | { readonly kind: "ignored" };

const HEAD_BYTES = 8;
const CONTROL_BIT = 0x8000;
const VERSION = 3;
const FLAG_FIN = 1;
const TYPES = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 9 };
/** RST_STREAM's status for a stream that is no longer wanted. */
const CANCEL = 5;
/** Ours: a peer's header blocks have some hundred bytes. */
const MAX_CONTROL_BYTES = 64 * 1024;

/** The first frame of `bytes` and its length; undefined while it is not whole. Throws for what is no SPDY/3.1. */
export function readFrame(
  bytes: Buffer,
): { readonly frame: SpdyFrame; readonly sizeBytes: number } | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const length = bytes.readUIntBE(5, 3);
  const isControl = (bytes.readUInt16BE(0) & CONTROL_BIT) !== 0;
  if (isControl && length > MAX_CONTROL_BYTES) throw new Error(`a control frame of ${length} bytes`);
  if (bytes.length < HEAD_BYTES + length) return undefined;
  const payload = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
  const isLast = (bytes.readUInt8(4) & FLAG_FIN) !== 0;
  const frame: SpdyFrame = isControl
    ? readControl(bytes.readUInt32BE(0), { payload, isLast })
    : { kind: "data", streamId: bytes.readUInt32BE(0), isLast, data: payload };
  return { frame, sizeBytes: HEAD_BYTES + length };
}

function readControl(
  word: number,
  { payload, isLast }: { readonly payload: Buffer; readonly isLast: boolean },
): SpdyFrame {
  const version = (word >>> 16) & 0x7fff;
  const type = word & 0xffff;
  if (version !== VERSION) throw new Error(`a frame of SPDY version ${version}`);
  const first = (): number => {
    if (payload.length < 4) throw new Error(`a frame of type ${type} is cut`);
    return payload.readUInt32BE(0) & 0x7fffffff;
  };
  if (type === TYPES.synStream)
    return { kind: "syn-stream", streamId: first(), isLast, headerBlock: payload.subarray(10) };
  if (type === TYPES.rstStream) return { kind: "rst-stream", streamId: first() };
  if (type === TYPES.ping) return { kind: "ping", id: payload.readUInt32BE(0) };
  if (type === TYPES.goAway) return { kind: "go-away" };
  if (type === TYPES.settings || type === TYPES.windowUpdate) return { kind: "ignored" };
  // HEADERS and SYN_REPLY carry header blocks, which cannot be skipped; no peer of a kubelet sends them.
  throw new Error(`a frame of type ${type}`);
}

/** A piece of a stream, at most 2^24 - 1 bytes. */
export function formatData(
  streamId: number,
  { data, isLast }: { readonly data: Buffer; readonly isLast: boolean },
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(isLast ? FLAG_FIN : 0, 4);
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

/** Accepts a stream. */
export function formatSynReply(streamId: number, headerBlock: Buffer): Buffer {
  return formatControl(TYPES.synReply, Buffer.concat([uint32(streamId), headerBlock]));
}

/** Gives up a stream. */
export function formatRstStream(streamId: number): Buffer {
  return formatControl(TYPES.rstStream, Buffer.concat([uint32(streamId), uint32(CANCEL)]));
}

/** Answers a ping. */
export function formatPing(id: number): Buffer {
  return formatControl(TYPES.ping, uint32(id));
}

/** Says that the connection ends in order, and which stream was the last that was taken. */
export function formatGoAway(lastStreamId: number): Buffer {
  return formatControl(TYPES.goAway, Buffer.concat([uint32(lastStreamId), uint32(0)]));
}

function formatControl(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(CONTROL_BIT | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
