import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import { createProbeRunner } from "../../../../src/runner/probes/run-probe.ts";
import { createNet } from "../../../../src/system/net.ts";
import { buildPod } from "../../../support/build-pod.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a status of 200 to 399 is a success, with the kubelet's headers", async () => {
  const seen: (string | undefined)[] = [];
  const port = await serve((request, response) => {
    seen.push(request.headers["user-agent"], request.headers.accept);
    response.writeHead(204).end();
  });
  expect(await probeHttp({ port })).toEqual({ kind: "success" });
  expect(seen).toEqual(["kube-probe/1.37", "*/*"]);
});

test.each([
  ["oh no\nmore", "oh no"],
  ["[+]ping ok\n[-]etcd failed: reason withheld\n[-]kms failed\n", "failed checks: etcd, kms"],
])("another status is a failure that tells the status and what %j says", async (body, said) => {
  const port = await serve((_, response) => response.writeHead(500).end(body));
  const message = `HTTP probe failed with statuscode: 500 (${said})`;
  expect(await probeHttp({ port })).toEqual({ kind: "failure", message });
});

test("no server is a failure", async () => {
  expect(await probeHttp({ port: 1 })).toMatchObject({
    kind: "failure",
    message: expect.stringContaining("ECONNREFUSED"),
  });
});

test("a server that does not answer is a failure after the timeout", async () => {
  const port = await serve(() => undefined);
  expect(await probeHttp({ port }, { timeoutSeconds: 0.05 })).toMatchObject({ kind: "failure" });
});

test("a named port is looked up in the container", async () => {
  const port = await serve((_, response) => response.end());
  expect(await probeHttp({ port: "probe" }, {}, [{ name: "probe", containerPort: port }])).toEqual({
    kind: "success",
  });
  expect(await probeHttp({ port: "other" })).toMatchObject({ kind: "error" });
});

test("a certificate that nobody vouches for is no failure", async () => {
  const spec = {
    subject: { commonName: "other.example", organizations: [] },
    ...{ isCa: false, usages: ["serverAuth"] as const, dnsNames: ["other.example"], ipAddresses: [] },
    ...{ algorithm: "ECDSA-P256" as const, validityMs: 1000 },
  };
  const { certPem: cert, keyPem: key } = await issueCertificate({ spec, nowMs: Date.now() - 86_400_000 });
  const port = await listen(createSecureServer({ cert, key }, (_, response) => response.end()));
  expect(await probeHttp({ port, scheme: "HTTPS" })).toEqual({ kind: "success" });
});

test("a redirect within the host is followed, one that leaves it is a success with a warning", async () => {
  const port = await serve((request, response) => {
    const location = request.url === "/in" ? "/end" : "http://example.com/";
    if (request.url === "/end") response.writeHead(503).end();
    else response.writeHead(302, { location }).end();
  });
  expect(await probeHttp({ port, path: "/in" })).toMatchObject({ kind: "failure" });
  expect(await probeHttp({ port, path: "/out" })).toMatchObject({
    kind: "success",
    warning: expect.stringContaining("example.com"),
  });
});

test("a long body is cut, not waited for", async () => {
  const port = await serve((_, response) => {
    response.writeHead(200);
    response.write(Buffer.alloc(200_000));
  });
  expect(await probeHttp({ port })).toEqual({ kind: "success" });
});

test("one connection serves many probes, and a server that closed it is asked again", async () => {
  let connections = 0;
  const port = await serve((_, response) => response.end("ok"));
  servers[0]?.on("connection", () => {
    connections += 1;
  });
  const probes = runner();
  for (let round = 0; round < 3; round += 1)
    expect(await run(probes, { httpGet: { port } })).toEqual({ kind: "success" });
  expect(connections).toBe(1);
  servers[0]?.closeAllConnections();
  expect(await run(probes, { httpGet: { port } })).toEqual({ kind: "success" });
  probes.close();
});

test("a TCP probe connects", async () => {
  const port = await serve(() => undefined);
  const probes = runner();
  expect(await run(probes, { tcpSocket: { port } })).toEqual({ kind: "success" });
  expect(await run(probes, { tcpSocket: { port: 1 } })).toMatchObject({ kind: "failure" });
  probes.close();
});

test("an exec probe succeeds with exit code 0 and knows literal variables only", async () => {
  const commands: (readonly string[])[] = [];
  const probes = runner((command) => {
    commands.push(command);
    return command.includes("fail") ? 3 : 0;
  });
  expect(await run(probes, { exec: { command: ["echo", "$(A)", "$(B)", "$$(A)"] } })).toEqual({
    kind: "success",
  });
  expect(commands).toEqual([["echo", "1", "$(B)", "$(A)"]]);
  expect(await run(probes, { exec: { command: ["fail"] } })).toEqual({
    kind: "failure",
    message: "exit code 3: said",
  });
  probes.close();
});

function runner(exec: (command: readonly string[]) => number = () => 0) {
  return createProbeRunner(
    { net: createNet() },
    {
      nodeIp: "127.0.0.1",
      kubeletVersion: "v1.37.2",
      runtime: {
        exec: (_, { command }) =>
          Promise.resolve({ exitCode: exec(command), output: "said\n", timedOut: false }),
      },
    },
  );
}

async function probeHttp(
  httpGet: { readonly port: number | string; readonly path?: string; readonly scheme?: "HTTPS" },
  change: { readonly timeoutSeconds?: number } = {},
  ports: readonly unknown[] = [],
) {
  const probes = runner();
  const outcome = await run(probes, { httpGet }, { ...change, ports });
  probes.close();
  return outcome;
}

function run(
  probes: ReturnType<typeof runner>,
  handler: Readonly<Record<string, unknown>>,
  change: { readonly timeoutSeconds?: number; readonly ports?: readonly unknown[] } = {},
) {
  const pod = buildPod({
    container: { livenessProbe: handler, ports: change.ports ?? [], env: [{ name: "A", value: "1" }] },
  });
  const container = pod.spec.containers[0];
  if (container?.livenessProbe === undefined) throw new Error("the pod has no probe");
  const probe = {
    ...container.livenessProbe,
    ...(change.timeoutSeconds === undefined ? {} : { timeoutSeconds: change.timeoutSeconds }),
  };
  return probes.run({ probe, container, containerId: "c", signal: new AbortController().signal });
}

function serve(listener: RequestListener): Promise<number> {
  return listen(createServer(listener));
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server on a TCP port has an address of this kind.
  return (server.address() as AddressInfo).port;
}
