import type { Duplex } from "node:stream";
import { constants, createDeflate, createInflate } from "node:zlib";
import { SPDY_DICTIONARY } from "../../src/runner/cluster/streaming/spdy-dictionary.ts";

/** The client's side of a SPDY/3.1 connection, as far as tests need it. */
export interface SpdyClient {
  /** Opens a stream and gives its id. */
  open(headers: Readonly<Record<string, string>>): Promise<number>;
  write(id: number, text: string): void;
  end(id: number): void;
  reset(id: number): void;
  ping(id: number): void;
  raw(bytes: Buffer): void;
  /** What came on a stream so far. */
  text(id: number): string;
  /** What happened, in order: `reply 1`, `end 1`, `reset 3`, `ping 5`, `go-away 3`, `closed`. */
  readonly events: string[];
}

const NAMES: Readonly<Record<number, string>> = { 2: "reply", 3: "reset", 6: "ping", 7: "go-away" };

/** A client over a connection that has been upgraded. */
export function createSpdyClient(socket: Duplex): SpdyClient {
  const events: string[] = [];
  const texts = new Map<number, string>();
  const options = { dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH };
  const [deflate, inflate] = [createDeflate(options), createInflate(options)];
  inflate.on("error", () => events.push("bad headers"));
  let bytes = Buffer.alloc(0);
  let lastId = -1;

  const take = (head: Buffer, payload: Buffer): void => {
    if (head.readUInt16BE(0) === 0x8003) {
      const type = head.readUInt16BE(2);
      if (type === 2) inflate.write(payload.subarray(4));
      events.push(`${NAMES[type] ?? type} ${payload.readUInt32BE(0)}`);
      return;
    }
    const id = head.readUInt32BE(0);
    texts.set(id, (texts.get(id) ?? "") + payload.toString());
    if (head.readUInt8(4) === 1) events.push(`end ${id}`);
  };
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 8 && bytes.length >= 8 + bytes.readUIntBE(5, 3)) {
      const end = 8 + bytes.readUIntBE(5, 3);
      take(bytes.subarray(0, 8), bytes.subarray(8, end));
      bytes = bytes.subarray(end);
    }
  });
  socket.on("close", () => events.push("closed"));
  socket.on("error", () => undefined);

  const frame = (first: number, flags: number, payload: Buffer): void => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(first);
    head.writeUInt8(flags, 4);
    head.writeUIntBE(payload.length, 5, 3);
    socket.write(Buffer.concat([head, payload]));
  };
  return {
    open: async (headers) => {
      lastId += 2;
      const fields = Object.entries(headers).flat().map(withLength);
      const block = Buffer.concat([uint32(Object.keys(headers).length), ...fields]);
      const packed = new Promise<Buffer>((resolve) => deflate.once("data", resolve));
      deflate.write(block);
      const id = lastId;
      frame(0x80030001, 0, Buffer.concat([uint32(id), uint32(0), Buffer.alloc(2), await packed]));
      return id;
    },
    write: (id, text) => frame(id, 0, Buffer.from(text)),
    end: (id) => frame(id, 1, Buffer.alloc(0)),
    reset: (id) => frame(0x80030003, 0, Buffer.concat([uint32(id), uint32(5)])),
    ping: (id) => frame(0x80030006, 0, uint32(id)),
    raw: (raw) => void socket.write(raw),
    text: (id) => texts.get(id) ?? "",
    events,
  };
}

function withLength(text: string): Buffer {
  return Buffer.concat([uint32(Buffer.byteLength(text)), Buffer.from(text)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
