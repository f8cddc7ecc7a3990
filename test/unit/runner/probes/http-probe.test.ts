import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type HttpProbe, runHttpProbe } from "../../../../src/runner/probes/http-probe.ts";
import { createNet } from "../../../../src/system/net.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
const timers: NodeJS.Timeout[] = [];

afterEach(async () => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

test("a body that drips is given up after the time, three times, and says nothing of the container", async () => {
  const { port, requests, open } = await serve((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    timers.push(setInterval(() => socket.write("x"), 10));
  });
  expect(await probe(port, { timeoutMs: 300 })).toEqual({
    kind: "error",
    message: "the body of the answer does not come: no answer within 300 ms",
  });
  expect(requests).toHaveLength(3);
  await expect.poll(open).toBe(0);
});

test("a body that is cut off is asked for again, and the next answer counts", async () => {
  const { port, requests } = await serve((socket) => {
    if (requests.length === 2) socket.end(OK);
    else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
  });
  expect(await probe(port)).toEqual({ kind: "success" });
  expect(requests).toHaveLength(2);
});

test("all redirects together have the time of one probe", async () => {
  const { port, requests } = await serve((socket) => {
    const redirect = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    timers.push(setTimeout(() => socket.write(redirect), 40));
  });
  expect(await probe(port, { timeoutMs: 100 })).toEqual({
    kind: "failure",
    message: "no answer within 100 ms",
  });
  expect(requests.length).toBeLessThan(4);
});

test("the body of a redirect that is followed does not matter, but for its time", async () => {
  const { port, requests } = await serve((socket) => {
    if (requests.length === 2) socket.end(OK);
    else socket.end("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000\r\n\r\nx");
  });
  expect(await probe(port)).toEqual({ kind: "success" });
  const dripping = await serve((socket) =>
    socket.write("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000\r\n\r\nx"),
  );
  expect(await probe(dripping.port, { timeoutMs: 200 })).toMatchObject({ kind: "failure" });
  expect(dripping.requests).toHaveLength(1);
});

test("an answer whose lines end in LF alone counts, and so does one with garbage behind it", async () => {
  const answers = [
    "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    `${OK.replace("OK", "OK\r\nConnection: close")}garbage`,
  ];
  const { port } = await serve((socket) => socket.end(answers.shift() ?? ""));
  expect(await probe(port)).toEqual({ kind: "success" });
  expect(await probe(port)).toEqual({ kind: "success" });
});

test("ten requests that all redirect are a failure", async () => {
  const { port, requests } = await serve((socket) =>
    socket.write("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
  );
  expect(await probe(port)).toEqual({ kind: "failure", message: "stopped after 10 redirects" });
  expect(requests).toHaveLength(10);
});

test("a probe that is no longer wanted ends at once, and is not tried again", async () => {
  const { port, requests, open } = await serve((socket) =>
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx"),
  );
  const closing = new AbortController();
  const outcome = probe(port, { signal: closing.signal });
  await expect.poll(() => requests.length).toBe(1);
  closing.abort(new Error("closed"));
  expect(await outcome).not.toMatchObject({ kind: "success" });
  expect(requests).toHaveLength(1);
  await expect.poll(open).toBe(0);
});

async function probe(port: number, change: Partial<HttpProbe> = {}) {
  const net = createNet();
  const agent = net.createAgent({ tls: { insecure: true } });
  const outcome = await runHttpProbe(
    { net },
    {
      action: { port, path: "/", scheme: "HTTP" },
      ...{ host: "127.0.0.1", port, userAgent: "kube-probe/1.37", agent },
      ...{ timeoutMs: 5000, signal: new AbortController().signal },
      ...change,
    },
  );
  agent.close();
  return outcome;
}

/** A server that answers each request, as text, with whatever bytes `answer` writes. */
async function serve(answer: (socket: Socket) => void) {
  const requests: string[] = [];
  const own = new Set<Socket>();
  const server = createServer((socket) => {
    for (const set of [own, sockets]) set.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => [own, sockets].map((set) => set.delete(socket)));
    socket.on("data", (bytes) => {
      requests.push(bytes.toString("utf8"));
      answer(socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server on a TCP port has an address of this kind.
  return { port: (server.address() as AddressInfo).port, requests, open: () => own.size };
}
