import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import {
  type SpdyConnection,
  type SpdyStream,
  serveSpdy,
} from "../../../../../src/runner/cluster/streaming/spdy-connection.ts";
import { SPDY_DICTIONARY } from "../../../../../src/runner/cluster/streaming/spdy-dictionary.ts";
import { formatData, readFrame } from "../../../../../src/runner/cluster/streaming/spdy-frames.ts";
import { createSpdyClient, type SpdyClient } from "../../../../support/spdy-client.ts";

let client: SpdyClient;
let opened: SpdyStream[];
let connection: SpdyConnection;

beforeEach(() => {
  const [near, far] = duplexPair();
  client = createSpdyClient(far);
  opened = [];
  connection = serveSpdy(near, (stream) => opened.push(stream));
});

/** The stream that the client opens. */
async function open(headers: Readonly<Record<string, string>> = { streamtype: "data" }) {
  const id = await client.open(headers);
  await vi.waitFor(() => expect(client.events).toContain(`reply ${id}`));
  const stream = opened.at(-1)?.stream;
  if (stream === undefined) throw new Error("no stream was told");
  return { id, stream };
}

/** What a stream gives until its end; it can still be written. */
async function readAll(stream: Duplex): Promise<string> {
  let all = "";
  stream.on("data", (chunk: Buffer) => {
    all += chunk.toString();
  });
  await once(stream, "end");
  return all;
}

test("the dictionary is that of SPDY/3", () => {
  expect(SPDY_DICTIONARY.length).toBe(1423);
});

test("streams are told with their headers, block after block of one compression", async () => {
  await open({ streamtype: "error", port: "80", requestid: "0" });
  await open({ streamtype: "data", port: "80", requestid: "0" });
  expect(opened.map(({ headers }) => headers)).toEqual([
    { streamtype: "error", port: "80", requestid: "0" },
    { streamtype: "data", port: "80", requestid: "0" },
  ]);
  expect(client.events).toEqual(["reply 1", "reply 3"]);
});

test("what is written on one side comes out on the other, each stream on its own", async () => {
  const [first, second] = [await open(), await open()];
  client.write(second.id, "to ");
  client.write(first.id, "one");
  client.write(second.id, "two");
  client.end(first.id);
  client.end(second.id);
  expect(await readAll(first.stream)).toBe("one");
  expect(await readAll(second.stream)).toBe("to two");
  second.stream.end("from two");
  await vi.waitFor(() => expect(client.events).toContain("end 3"));
  expect([client.text(1), client.text(3)]).toEqual(["", "from two"]);
});

test("a reader that is slow holds up the sender and loses nothing", async () => {
  const { id, stream } = await open();
  const piece = "x".repeat(20_000);
  for (let count = 0; count < 50; count += 1) client.write(id, piece);
  client.end(id);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.readableLength).toBeLessThan(100_000);
  expect(await readAll(stream)).toBe(piece.repeat(50));
});

test("a stream that is given up on either side is gone on both", async () => {
  const [first, second] = [await open(), await open()];
  client.reset(first.id);
  await vi.waitFor(() => expect(first.stream.destroyed).toBe(true));
  second.stream.destroy();
  await vi.waitFor(() => expect(client.events).toContain("reset 3"));
  client.write(second.id, "late");
  client.ping(7);
  await vi.waitFor(() => expect(client.events).toContain("ping 7"));
});

test("the end is said before the connection closes, and closes the streams", async () => {
  const { stream } = await open();
  stream.write("last words");
  connection.end();
  await vi.waitFor(() => expect(client.events).toContain("go-away 1"));
  expect(client.text(1)).toBe("last words");
});

test("a peer that speaks something else is cut off, and its streams with it", async () => {
  const { stream } = await open();
  client.raw(Buffer.from([0x80, 9, 0, 1, 0, 0, 0, 0]));
  await connection.closed;
  expect(stream.destroyed).toBe(true);
});

test("any bytes are a frame, more to come, or an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const read = readFrame(Buffer.from(bytes));
        expect(read === undefined || read.sizeBytes <= bytes.length).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});

test("a frame is read once it is whole", () => {
  fc.assert(
    fc.property(
      fc.nat(0x7fffffff),
      fc.uint8Array({ maxLength: 50 }),
      fc.boolean(),
      (streamId, raw, isLast) => {
        const data = Buffer.from(raw);
        const bytes = formatData(streamId, { data, isLast });
        for (let cut = 0; cut < bytes.length; cut += 1)
          expect(readFrame(bytes.subarray(0, cut))).toBeUndefined();
        const frame = { kind: "data", streamId, isLast, data };
        expect(readFrame(bytes)).toEqual({ frame, sizeBytes: bytes.length });
      },
    ),
  );
});
