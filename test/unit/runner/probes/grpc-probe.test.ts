import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { runGrpcProbe } from "../../../../src/runner/probes/grpc-probe.ts";
import { createNet } from "../../../../src/system/net.ts";

const servers: (Http2Server | Server)[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test("a service that serves is a success, asked for by name as the kubelet asks", async () => {
  const asked: unknown[] = [];
  const port = await serve((stream, request) => {
    asked.push(request);
    answer(stream, { message: [0x08, 0x01] });
  });
  const service = "s".repeat(200);
  expect(await probe(port, { service })).toEqual({ kind: "success" });
  expect(asked).toEqual([
    {
      path: "/grpc.health.v1.Health/Check",
      agent: "kube-probe/1.37",
      type: "application/grpc",
      body: Buffer.concat([Buffer.from([0, 0, 0, 0, 203, 0x0a, 0xc8, 0x01]), Buffer.from(service)]),
    },
  ]);
});

test.each([
  ["does not serve", { message: [0x08, 0x02] }, 'service unhealthy (responded with "NOT_SERVING")'],
  ["says nothing", { message: [] }, 'service unhealthy (responded with "UNKNOWN")'],
  [
    "knows no such service",
    { code: 5, said: "unknown%20service" },
    "error: health rpc probe failed: code 5: unknown service",
  ],
  [
    "has no health service",
    { code: 12, said: "unknown service grpc.health.v1.Health" },
    "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health",
  ],
  ["took too long itself", { code: 4 }, "timeout: health rpc did not complete within 1s"],
])("a server that %s is a failure", async (_, response, message) => {
  const port = await serve((stream) => answer(stream, response));
  expect(await probe(port)).toEqual({ kind: "failure", message });
});

test("a server that does not answer in time is a failure", async () => {
  const port = await serve(() => undefined);
  expect(await probe(port, { timeoutMs: 50 })).toEqual({
    kind: "failure",
    message: "timeout: health rpc did not complete within 0.05s",
  });
});

test("a port on which nobody listens fails at once", async () => {
  expect(await probe(1)).toEqual({
    kind: "failure",
    message: 'error: failed to connect service at "127.0.0.1:1": connect ECONNREFUSED 127.0.0.1:1',
  });
});

test("a server that speaks something else is a failure", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("SSH-2.0-nothing\r\n");
  });
  servers.push(server);
  const port = await portOf(server);
  expect(await probe(port)).toMatchObject({ kind: "failure" });
});

test("a plain HTTP/2 server without gRPC is a failure that says so", async () => {
  const port = await serve((stream) => {
    stream.respond({ ":status": 404 });
    stream.end();
  });
  expect(await probe(port)).toEqual({
    kind: "failure",
    message: "error: health rpc probe failed: no gRPC answer, but HTTP status 404",
  });
});

test("a probe ends with its container", async () => {
  const ended = new AbortController();
  const port = await serve(() => ended.abort(new Error("the container ended")));
  expect(await probe(port, { signal: ended.signal, timeoutMs: 5000 })).toMatchObject({ kind: "failure" });
});

function probe(port: number, change: Partial<Parameters<typeof runGrpcProbe>[1]> = {}) {
  const signal = new AbortController().signal;
  return runGrpcProbe(
    { net: createNet() },
    {
      service: "",
      host: "127.0.0.1",
      port,
      timeoutMs: 1000,
      userAgent: "kube-probe/1.37",
      signal,
      ...change,
    },
  );
}

function answer(
  stream: ServerHttp2Stream,
  response: { readonly message?: readonly number[]; readonly code?: number; readonly said?: string },
): void {
  const { message, code = 0, said = "" } = response;
  if (message === undefined) {
    const head = {
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": code,
      "grpc-message": said,
    };
    stream.respond(head, { endStream: true });
    return;
  }
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": code }));
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
}

async function serve(onCall: (stream: ServerHttp2Stream, request: unknown) => void): Promise<number> {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () =>
      onCall(stream, {
        path: headers[":path"],
        agent: headers["user-agent"],
        type: headers["content-type"],
        body: Buffer.concat(chunks),
      }),
    );
  });
  servers.push(server);
  return portOf(server);
}

function portOf(server: Http2Server | Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
}
