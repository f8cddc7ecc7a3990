import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import type { HttpGetAction } from "../../../../src/pod/types.ts";
import { requestHttp } from "../../../../src/runner/probes/request-http.ts";
import { createNet } from "../../../../src/system/net.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

test.each([
  ["/a/../%2e%2e/b", "/a/../%2e%2e/b"],
  ["/?a=b c&é", "/?a=b c&é"],
])("the path %j goes out as %s", async (path, asked) => {
  const { port, requests } = await serve();
  await get(port, { path });
  expect(requests[0]?.split("\r\n")[0]).toBe(`GET ${asked} HTTP/1.1`);
});

/** Source: what Go 1.26 sends for the same, after the kubelet's newProbeRequest. */
test.each<[string, [string, string][], (port: number) => string[]]>([
  ["none", [], (port) => [`Host: 127.0.0.1:${port}`, "User-Agent: kube-probe/1.37", "Accept: */*"]],
  [
    "one that is given twice, and bytes",
    [
      ["X-A", "1"],
      ["x-a", "é€"],
      ["User-Agent", "a"],
      ["user-agent", "b"],
      ["host", "a.example"],
      ["Host", "b"],
    ],
    () => ["X-A: 1", "X-A: é€", "User-Agent: a", "Host: a.example", "Accept: */*"],
  ],
  [
    "empty ones",
    [
      ["X-Empty", ""],
      ["accept", ""],
      ["user-agent", ""],
      ["Host", ""],
    ],
    (port) => [`Host: 127.0.0.1:${port}`, "X-Empty: "],
  ],
  [
    "those of a body",
    [
      ["content-length", "5"],
      ["Transfer-Encoding", "chunked"],
      ["Trailer", "x"],
      ["Accept", "a/b"],
      ["User-Agent", "a"],
    ],
    (port) => [`Host: 127.0.0.1:${port}`, "Accept: a/b", "User-Agent: a"],
  ],
])("headers go out as the kubelet's do: %s", async (_, headers, sent) => {
  const { port, requests } = await serve();
  await get(port, { httpHeaders: headers.map(([name, value]) => ({ name, value })) });
  const lines = requests[0]?.trimEnd().split("\r\n").slice(1);
  const own = lines?.filter((line) => !line.startsWith("Connection:")).map((line) => line.trim());
  expect(own?.sort()).toEqual(
    sent(port)
      .map((line) => line.trim())
      .sort(),
  );
});

test.each([
  ["/next", "a.example"],
  ["http://127.0.0.1:PORT/next", "127.0.0.1:PORT"],
])("a redirect to %s asks for the host %s", async (location, host) => {
  const { port, requests } = await serve((socket, own) => {
    const to = location.replace("PORT", String(own));
    const isFirst = requests.length === 1;
    socket.write(isFirst ? `HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n` : OK);
  });
  await get(port, { httpHeaders: [{ name: "Host", value: "a.example" }] });
  expect(requests[1]).toContain("GET /next HTTP/1.1");
  expect(requests[1]).toContain(`Host: ${host.replace("PORT", String(port))}\r\n`);
});

test.each([
  ["localhost", "localhost"],
  ["127.0.0.1", "none"],
])("a server at %s is asked over TLS as %s, whatever the Host header says", async (host, name) => {
  const spec = {
    subject: { commonName: "other.example", organizations: [] },
    ...{ isCa: false, usages: ["serverAuth"] as const, dnsNames: ["other.example"], ipAddresses: [] },
    ...{ algorithm: "ECDSA-P256" as const, validityMs: 1000 },
  };
  const { certPem: cert, keyPem: key } = await issueCertificate({ spec, nowMs: Date.now() - 86_400_000 });
  const names: unknown[] = [];
  const server = createSecureServer({ cert, key }, (request, response) => {
    // The socket of a TLS server tells the name; it is false without one.
    names.push(("servername" in request.socket && request.socket.servername) || "none");
    response.end();
  });
  const port = await listen(server);
  const httpHeaders = [{ name: "Host", value: "other.example" }];
  await get(port, { scheme: "HTTPS", httpHeaders }, host);
  expect(names).toEqual([name]);
});

test("a path without a host, and a header that is none, are no request", async () => {
  const { port } = await serve();
  await expect(get(port, { path: "a:b" })).rejects.toThrow("the path a:b leads to no host");
  await expect(get(port, { httpHeaders: [{ name: "x a", value: "" }] })).rejects.toThrow("token");
});

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

async function get(port: number, change: Partial<HttpGetAction>, host = "127.0.0.1") {
  const net = createNet();
  const agent = net.createAgent({ tls: { insecure: true } });
  const action: HttpGetAction = { port, path: "/", scheme: "HTTP", ...change };
  const signal = AbortSignal.timeout(5000);
  const request = { action, host, port, userAgent: "kube-probe/1.37", agent, signal };
  return requestHttp({ net }, request).finally(() => agent.close());
}

async function serve(answer: (socket: Socket, port: number) => void = (socket) => socket.write(OK)) {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket.on("data", (bytes) => {
      requests.push(bytes.toString("utf8"));
      answer(socket, socket.localPort ?? 0);
    });
  });
  return { port: await listen(server), requests };
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server on a TCP port has an address of this kind.
  return (server.address() as AddressInfo).port;
}
