import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createKubeletHandler } from "../../src/runner/cluster/kubelet-routes.ts";
import { createUpgradeHandler } from "../../src/runner/cluster/streaming/handle-upgrade.ts";
import { readSizes } from "../../src/runner/cluster/streaming/read-sizes.ts";
import { serveSpdy } from "../../src/runner/cluster/streaming/spdy-connection.ts";
import { serveControl } from "../../src/runner/control-server.ts";
import { buildPod, buildReport, buildRunnerOptions, createFakePodStore } from "../support/cluster-values.ts";
import { createFakeSystem } from "../support/fake-system.ts";
import { bytesLike, tryFor } from "../support/fuzz.ts";
import { createTempTree } from "../support/temp-tree.ts";

/** Ours: an answer takes milliseconds. */
const ANSWER_MS = 2_000;

/** What is sent to a server, and whether it has to be answered. */
interface Message {
  readonly raw: Buffer;
  readonly isWhole: boolean;
}

/**
 * Sends bytes and reads until the other side ends: one that does not hangs. Of a message that may not be whole it says
 * that no more comes.
 */
async function exchange(
  where: { readonly path: string } | { readonly port: number },
  { raw, isWhole }: Message,
): Promise<string> {
  const socket = connect({ host: "127.0.0.1", ...where });
  socket.on("error", () => undefined);
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  socket.write(raw);
  if (!isWhole) socket.end();
  const signal = AbortSignal.timeout(ANSWER_MS);
  await once(socket, "close", { signal }).catch(() => {
    socket.destroy();
    throw new Error(`the connection is still open ${ANSWER_MS} ms after ${JSON.stringify(String(raw))}`);
  });
  return text;
}

const STACK = /\n\s+at |node_modules|\.ts:\d|file:\/\//;

/** A path or a text that may be anything that fits into a request's line. */
const word = fc.oneof(
  fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
  fc.constantFrom("%", "%ff", "..", "//", "?", "", "__proto__", "constructor"),
);
const request = fc
  .tuple(
    fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "X"),
    fc.oneof(
      fc.array(word, { maxLength: 6 }).map((words) => `/${words.join("/")}`),
      word,
    ),
    fc.array(
      fc.tuple(
        fc.constantFrom(
          "upgrade",
          "connection",
          "content-length",
          "x-stream-protocol-version",
          "authorization",
        ),
        word,
      ),
    ),
    fc.string({ maxLength: 60 }),
  )
  .map(([method, path, headers, body]) =>
    Buffer.from(
      `${method} ${path.replaceAll(/[\r\n ]/g, "")} HTTP/1.1\r\nhost: x\r\n${headers
        .map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, "")}\r\n`)
        .join("")}\r\n${body}`,
    ),
  );

/** One that has to be answered. */
const wholeRequest = fc
  .tuple(
    fc.constantFrom("GET", "POST", "PUT", "DELETE"),
    fc.oneof(
      fc.array(word, { maxLength: 6 }).map((words) => `/${words.join("/")}`),
      fc.constantFrom(
        "/v1/info",
        "/v1/pods/a/b/restart",
        "/v1/stop",
        "/pods",
        "/exec/default/web/web?command=a",
      ),
    ),
  )
  .map(([method, path]) => {
    const line = `${method} ${path.replaceAll(/[^\x21-\x7e]/g, "")} HTTP/1.1`;
    return Buffer.from(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  });

function messages(known: readonly string[]): fc.Arbitrary<Message> {
  const whole = wholeRequest.map((raw) => ({ raw, isWhole: true }));
  return fc.oneof(
    whole,
    bytesLike(known).map((raw) => ({ raw, isWhole: false })),
    request.map((raw) => ({ raw, isWhole: false })),
  );
}

function first(known: readonly string[]): Message {
  return { raw: Buffer.from(known[0] ?? ""), isWhole: false };
}

test("any message on the control socket is answered or dropped, and the next one is answered", async () => {
  const socketPath = join(createTempTree({}), "control.sock");
  let stops = 0;
  const server = await serveControl(createFakeSystem({ host: { uid: process.getuid?.() ?? 0 } }), {
    socketPath,
    handlers: {
      info: () => ({ kind: "RunnerInfo" }) as never,
      pods: async () => [],
      events: () => [],
      restart: async () => undefined,
      reload: () => undefined,
      stop: async () => {
        stops += 1;
      },
    },
  });
  const known = [
    "GET /v1/info HTTP/1.1\r\nhost: x\r\n\r\n",
    'POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 14\r\n\r\n{"pods": "no"}',
    "POST /v1/pods/a/%41/restart HTTP/1.1\r\nhost: x\r\n\r\n",
  ];
  const isTaken = async (message: Message): Promise<void> => {
    const text = await exchange({ path: socketPath }, message);
    if (message.isWhole) expect(text).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(text).not.toMatch(STACK);
    expect(text).not.toContain("INTERNAL");
  };
  const whole = [
    "POST /v1/pods/a/%ff/restart HTTP/1.1\r\nhost: x\r\n\r\n",
    "POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n{",
  ];
  for (const text of whole) await isTaken({ raw: Buffer.from(text), isWhole: true });
  expect(stops).toBe(0);
  await tryFor(messages(known), isTaken);
  expect(await exchange({ path: socketPath }, first(known))).toContain("RunnerInfo");
  await server.close();
});

test("any request to the kubelet API is answered or dropped, without a fault in the runner's log", async () => {
  const system = createFakeSystem();
  const store = createFakePodStore();
  store.set([buildReport(buildPod())]);
  const routes = {
    options: buildRunnerOptions(),
    store,
    authenticate: async () => ({ user: "u", groups: [] }),
    authorize: async () => "allowed" as const,
  };
  const server = createServer(createKubeletHandler(system, routes as never));
  const upgrade = createUpgradeHandler(system, routes as never);
  server.on("upgrade", (message: IncomingMessage, socket: Duplex, head: Buffer) =>
    upgrade(message, socket, head),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  const known = [
    "GET /pods HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET /containerLogs/default/web/web?tailLines=1&sinceTime=x&limitBytes=-1 HTTP/1.1\r\nhost: x\r\n\r\n",
    "POST /exec/default/web/web?command=a&stdin=1 HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: SPDY/3.1\r\nx-stream-protocol-version: v4.channel.k8s.io\r\n\r\n",
    "POST /portForward/default/web HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: SPDY/3.1\r\nx-stream-protocol-version: portforward.k8s.io\r\n\r\n\x80\x03\x00\x01\x01\x00\x00\x10",
  ];
  await tryFor(messages(known), async (message) => {
    const text = await exchange({ port }, message);
    if (message.isWhole) expect(text).toMatch(/^HTTP\/1\.1 \d{3} /);
    expect(text).not.toMatch(STACK);
    expect(system.logged.filter(({ level }) => level === "error")).toEqual([]);
  });
  expect(await exchange({ port }, first(known))).toContain('"kind":"PodList"');
  server.close();
  server.closeAllConnections();
});

/** A control frame of SPDY with a length that need not be true. */
const frame = fc
  .tuple(
    fc.integer({ min: 0, max: 11 }),
    fc.integer({ min: 0, max: 255 }),
    fc.uint8Array({ maxLength: 60 }),
    fc.option(fc.nat(0xffffff)),
  )
  .map(([type, flags, payload, length]) => {
    const head = Buffer.alloc(8);
    head.writeUInt16BE(0x8003, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt8(flags, 4);
    head.writeUIntBE(length ?? payload.length, 5, 3);
    return Buffer.concat([head, payload]);
  });

test("any frames on an upgraded connection end it or are taken, and nothing is left open", () =>
  tryFor(
    fc.array(fc.oneof(frame, bytesLike(["\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x01"])), {
      maxLength: 20,
    }),
    async (frames) => {
      const [near, far] = duplexPair();
      far.on("error", () => undefined);
      far.resume();
      const connection = serveSpdy(near, ({ stream }) => stream.resume());
      for (const bytes of frames) far.write(bytes);
      far.end();
      await connection.closed;
      expect(near.destroyed).toBe(true);
    },
  ));

test("a client that never ends what it says of its terminal is not remembered without bound", async () => {
  const [near, far] = duplexPair();
  const before = process.memoryUsage().heapUsed;
  const sizes = readSizes(near);
  for (let count = 0; count < 2000; count += 1) {
    if (!far.write(Buffer.alloc(16 * 1024, "{"))) await once(far, "drain");
  }
  far.write('}{"Width":80,"Height":24}');
  expect(await sizes.first).toEqual({ rows: 24, columns: 80 });
  global.gc?.();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(24 * 1024 * 1024);
  far.destroy();
});
