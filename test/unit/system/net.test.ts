import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createNet } from "../../../src/system/net.ts";

const net = createNet();

async function serve(listener: RequestListener, socketPath?: string): Promise<string> {
  const server = createHttpServer(listener);
  const port = await listen(server, socketPath);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${port}/`;
}

function listen(server: Server, socketPath?: string): Promise<number> {
  return new Promise((resolve) => {
    const done = (): void => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    };
    if (socketPath === undefined) server.listen(0, "127.0.0.1", done);
    else server.listen(socketPath, done);
  });
}

test("a request brings status, headers and body", async () => {
  const url = await serve((request, response) => {
    response.writeHead(201, { "x-method": request.method ?? "", "x-mine": request.headers["x-mine"] ?? "" });
    request.pipe(response);
  });
  const response = await net.request({ url, method: "POST", headers: { "x-mine": "1" }, body: "hello" });
  expect(response.status).toBe(201);
  expect(response.headers).toMatchObject({ "x-method": "POST", "x-mine": "1" });
  expect(response.body.toString()).toBe("hello");
});

test("an error status is an answer, and a redirect is not followed", async () => {
  const url = await serve((_request, response) => response.writeHead(302, { location: "/x" }).end());
  expect(await net.request({ url })).toMatchObject({ status: 302, headers: { location: "/x" } });
});

test.each([
  ["lines that end in LF alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
  ["a folded header", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok"],
  [
    "Content-Length beside chunks",
    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
  ],
  ["5 MB of headers", `HTTP/1.1 200 OK\r\nX: ${"a".repeat(5e6)}\r\nContent-Length: 2\r\n\r\nok`],
])("only a lenient request reads an answer with %s", async (_, answer) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(answer));
  });
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${await listen(server)}/`;
  await expect(net.request({ url })).rejects.toThrow(/^Parse Error/);
  expect(String((await net.request({ url, lenient: true })).body)).toBe("ok");
});

test("a server that does not answer is given up, with the time in the message", async () => {
  const url = await serve(() => undefined);
  await expect(net.request({ url, timeoutMs: 29.5 })).rejects.toThrow("no answer within 30 ms");
  await expect(net.open({ url, timeoutMs: 30 })).rejects.toThrow("no answer within 30 ms");
});

test("the time also bounds a body that does not end", async () => {
  const url = await serve((_request, response) => {
    response.write("beginning");
  });
  await expect(net.request({ url, timeoutMs: 50 })).rejects.toThrow("no answer within 50 ms");
});

test("a stream's time ends with its head", async () => {
  const url = await serve((_request, response) => {
    response.write("one");
    setTimeout(() => response.end("two"), 60);
  });
  const { stream } = await net.open({ url, timeoutMs: 30 });
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  expect(text).toBe("onetwo");
});

test("a request that is called off rejects, before the answer and within the body", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/body") response.write("beginning");
  });
  await expect(net.request({ url, signal: AbortSignal.timeout(30) })).rejects.toThrow(/abort/i);
  await expect(net.request({ url: `${url}body`, signal: AbortSignal.timeout(30) })).rejects.toThrow(/abort/i);
  await expect(net.request({ url, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
});

test("a body may be as long as the limit and no longer", async () => {
  const url = await serve((_request, response) => response.end("x".repeat(1000)));
  expect((await net.request({ url, maxBodyBytes: 1000 })).body).toHaveLength(1000);
  await expect(net.request({ url, maxBodyBytes: 999 })).rejects.toThrow("the body is longer than 999 bytes");
});

test("a body that is cut is an error, with and without a length", async () => {
  const cut = async (head: Readonly<Record<string, string>>): Promise<unknown> => {
    const url = await serve((_request, response) => {
      response.writeHead(200, head);
      response.write("half", () => response.socket?.destroy());
    });
    return net.request({ url });
  };
  await expect(cut({ "content-length": "100" })).rejects.toThrow();
  await expect(cut({})).rejects.toThrow();
});

test("nobody listening is a system error", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const address = { host: "127.0.0.1", port };
  await expect(net.request({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
  await expect(net.probeConnect({ ...address, timeoutMs: 1000 })).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
  expect(await net.probeListen(address)).toBeUndefined();
});

test("a port that is taken is told as such, and the look leaves nothing behind", async () => {
  const server = createServer();
  const port = await listen(server);
  const address = { host: "127.0.0.1", port };
  expect(await net.probeListen(address)).toBe("EADDRINUSE");
  await net.probeConnect({ ...address, timeoutMs: 1000 });
  await new Promise((resolve) => server.close(resolve));
  expect(await net.probeListen(address)).toBeUndefined();
});

test("an address that is not this machine's cannot be listened on", async () => {
  expect(await net.probeListen({ host: "192.0.2.1", port: 0 })).toBe("EADDRNOTAVAIL");
});

test("a request goes over a Unix socket, too", async () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-net-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const socketPath = join(dir, "s");
  await serve((request, response) => response.end(request.headers.host), socketPath);
  expect((await net.request({ url: "http://name/x", socketPath })).body.toString()).toBe("name");
});

test("an agent keeps its connection for the next request, until it is closed", async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end();
  });
  const agent = net.createAgent();
  await net.request({ url, agent });
  await net.request({ url, agent });
  agent.close();
  expect(ports.size).toBe(1);
  await net.request({ url });
  expect(ports.size).toBe(2);
});

test("a name is held once, the next one learns of the holder, and a release frees it", async () => {
  const name = `slipway-test-${randomUUID()}`;
  const first = await net.claimName({ name, answer: "the first" });
  expect(first.kind).toBe("held");
  expect(await net.claimName({ name, answer: "the second" })).toEqual({ kind: "taken", holder: "the first" });
  if (first.kind === "held") await first.release();
  const third = await net.claimName({ name, answer: "the third" });
  expect(third.kind).toBe("held");
  if (third.kind === "held") await third.release();
});

test("a holder that says nothing is a holder without an answer", async () => {
  const name = `slipway-test-${randomUUID()}`;
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(`\0${name}`, resolve));
  onTestFinished(() => void server.close());
  expect(await net.claimName({ name, answer: "x" })).toEqual({ kind: "taken", holder: "" });
});

test("a name that somebody has bound and does not listen on is taken, and is not asked for without end", async () => {
  const name = `slipway-test-${randomUUID()}`;
  const binds = `const { Pipe, constants } = process.binding("pipe_wrap");
    const pipe = new Pipe(constants.SERVER);
    pipe.bind("\\0${name}");
    process.stdout.write("bound");
    setInterval(() => pipe, 1000);`;
  const child = spawn(process.execPath, ["-e", binds], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  expect(await net.claimName({ name, answer: "x" })).toEqual({ kind: "taken", holder: "" });
});

test("a claim is not undone by someone who connects and goes", async () => {
  const name = `slipway-test-${randomUUID()}`;
  const claim = await net.claimName({ name, answer: "a" });
  const rude = connect(`\0${name}`);
  await new Promise((resolve) => rude.once("connect", resolve));
  rude.destroy();
  expect(await net.claimName({ name, answer: "b" })).toEqual({ kind: "taken", holder: "a" });
  if (claim.kind === "held") await claim.release();
});
