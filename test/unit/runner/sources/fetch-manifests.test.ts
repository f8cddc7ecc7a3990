import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import type { CertificateSpec, KeyPair } from "../../../../src/pki/types.ts";
import { fetchManifests } from "../../../../src/runner/sources/fetch-manifests.ts";
import { createNet } from "../../../../src/system/net.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

let server: Server | undefined;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-fetch-"));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(dir, { recursive: true, force: true });
});

test("a body that is cut off in the middle is no answer", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("apiVersion: v1\n");
    setImmediate(() => response.destroy());
  });
  await expect(fetch(url)).rejects.toThrow(/cut|aborted|hang up/);
});

test("more headers than Node reads by itself are read, as by the kubelet", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "x-much": "a".repeat(100_000) });
    response.end("hello");
  });
  expect(await fetch(url)).toBe("hello");
});

test("a body of more than 10 MiB is no answer", async () => {
  const url = await serve((_request, response) => response.end(Buffer.alloc(10 * 1024 * 1024 + 1, "#")));
  await expect(fetch(url)).rejects.toThrow("the body is longer than");
});

test("nothing but status 200 is an answer", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(206);
    response.end("x");
  });
  await expect(fetch(url)).rejects.toThrow("it answers with status 206");
});

test("a body is asked for as gzip and unpacked, within the same limit", async () => {
  let body = gzipSync("hello");
  let asked: string | string[] | undefined;
  const url = await serve((request, response) => {
    asked = request.headers["accept-encoding"];
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(body);
  });
  expect(await fetch(url)).toBe("hello");
  expect(asked).toBe("gzip");
  body = gzipSync(Buffer.alloc(10 * 1024 * 1024 + 1, "#"));
  await expect(fetch(url)).rejects.toThrow("the body is longer than 10485760 bytes");
  body = Buffer.from("hello");
  await expect(fetch(url)).rejects.toThrow("its body is to be gzip: incorrect header check");
});

test("a body in another encoding is no answer", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "br" });
    response.end("x");
  });
  await expect(fetch(url)).rejects.toThrow("its body is encoded as br; have the server");
});

test("nobody listens: the reason is the system's", async () => {
  await expect(fetch("http://127.0.0.1:1/")).rejects.toThrow("ECONNREFUSED");
});

test("a certificate is checked against the roots that the machine, or SSL_CERT_FILE, trusts", async () => {
  const ca = await issue({ subject: { commonName: "ca", organizations: [] }, isCa: true });
  const pair = await issue({ usages: ["serverAuth"], ipAddresses: ["127.0.0.1"] }, ca);
  const url = await serve((_request, response) => response.end("hello"), pair);
  await expect(fetch(url)).rejects.toThrow(/certificate/);
  const SSL_CERT_FILE = join(dir, "ca.crt");
  await writeFile(SSL_CERT_FILE, ca.certPem);
  expect(await fetch(url, { SSL_CERT_FILE })).toBe("hello");
});

function issue(change: Partial<CertificateSpec>, signer?: KeyPair): Promise<KeyPair> {
  const spec: CertificateSpec = {
    subject: { commonName: "leaf", organizations: [] },
    isCa: false,
    usages: [],
    dnsNames: [],
    ipAddresses: [],
    algorithm: "ECDSA-P256",
    validityMs: 3_600_000,
    ...change,
  };
  return issueCertificate({ spec, nowMs: Date.now(), ...(signer === undefined ? {} : { signer }) });
}

async function serve(listener: RequestListener, pair?: KeyPair): Promise<string> {
  server =
    pair === undefined
      ? createServer(listener)
      : createTlsServer({ cert: pair.certPem, key: pair.keyPem }, listener);
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return `${pair === undefined ? "http" : "https"}://127.0.0.1:${port}/`;
}

function fetch(url: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const system = createFakeSystem({ net: createNet(), host: { env } });
  return fetchManifests(system, { url, headers: {}, signal: new AbortController().signal });
}
