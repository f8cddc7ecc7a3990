import { X509Certificate } from "node:crypto";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { request } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createApiClient } from "../../../../src/api/create-api-client.ts";
import type { ContainerReport, PodReport } from "../../../../src/control/protocol.ts";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import type { CertificateSpec, KeyPair } from "../../../../src/pki/types.ts";
import type { PodStatus } from "../../../../src/pod/types.ts";
import { createApiLink } from "../../../../src/runner/cluster/api-link.ts";
import { type KubeletServer, startKubeletServer } from "../../../../src/runner/cluster/kubelet-server.ts";
import type { KubeletConfiguration } from "../../../../src/runner/types.ts";
import type { Runtime } from "../../../../src/runtime/types.ts";
import { createSystem } from "../../../../src/system/create-system.ts";
import type { HttpRequest } from "../../../../src/system/net.ts";
import type { System } from "../../../../src/system/system.ts";
import {
  buildKubeletConfiguration,
  buildPod,
  buildReport,
  buildRunnerOptions,
  createFakePodStore,
} from "../../../support/cluster-values.ts";
import { type FakeApiServer, startFakeApiServer } from "../../../support/fake-api-server.ts";
import { createSpdyClient } from "../../../support/spdy-client.ts";

const LINE = "2026-11-22T17:00:00.000000000Z stdout F ";

let ca: KeyPair;
let serving: KeyPair;
let client: KeyPair;
let dir: string;
let apiServer: FakeApiServer;
let server: KubeletServer;
let store: ReturnType<typeof createFakePodStore>;
let logged: string[];

const log = (message: string): void => void logged.push(message);
const machine = createSystem({ log: { error: log, warn: log, info: log, debug: log } });
/** The machine, but what is looked at every ten seconds is looked at at once. */
const system: System = {
  ...machine,
  clock: {
    ...machine.clock,
    after: (ms, callback) => machine.clock.after(Math.min(ms, 20), callback),
  },
};

function issue(change: Partial<CertificateSpec>, signer?: KeyPair): Promise<KeyPair> {
  const spec: CertificateSpec = {
    subject: { commonName: "leaf", organizations: [] },
    isCa: false,
    usages: ["clientAuth"],
    dnsNames: [],
    ipAddresses: [],
    algorithm: "ECDSA-P256",
    validityMs: 3_600_000,
    ...change,
  };
  return issueCertificate({ spec, nowMs: Date.now(), ...(signer === undefined ? {} : { signer }) });
}

const issueServing = () => issue({ usages: ["serverAuth"], ipAddresses: ["127.0.0.1"] }, ca);

beforeAll(async () => {
  ca = await issue({ subject: { commonName: "ca", organizations: [] }, isCa: true, usages: [] });
  serving = await issueServing();
  client = await issue({ subject: { commonName: "apiserver", organizations: ["a", "b"] } }, ca);
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-kubelet-"));
  logged = [];
  await writeFile(join(dir, "ca.crt"), ca.certPem);
  await writeServing(serving);
  apiServer = await startFakeApiServer();
  store = createFakePodStore();
});

afterEach(async () => {
  await server.close();
  await apiServer.stop();
  await rm(dir, { recursive: true });
});

async function writeServing(pair: KeyPair): Promise<void> {
  await writeFile(join(dir, "k.crt"), pair.certPem);
  await writeFile(join(dir, "k.key"), pair.keyPem);
}

/** What the API server says of who asks and what they may. */
function answerReviews(verdict: { readonly allowed: (subresource: string) => boolean }): void {
  apiServer.intercept = ({ path, body }) => {
    const spec = (body as { spec?: Record<string, Record<string, string>> } | undefined)?.spec;
    if (path.endsWith("/tokenreviews")) {
      const known = String(spec?.["token"]) === "good";
      return {
        status: 201,
        body: { status: { authenticated: known, user: { username: "bob", groups: ["g"] } } },
      };
    }
    const allowed = verdict.allowed(spec?.["resourceAttributes"]?.["subresource"] ?? "");
    return { status: 201, body: { status: { allowed } } };
  };
}

async function start(
  change: Partial<KubeletConfiguration> = {},
  runtime: Partial<Runtime> = {},
): Promise<void> {
  const kubelet = buildKubeletConfiguration({
    enableServer: true,
    port: 0,
    clientCAFile: join(dir, "ca.crt"),
    tlsCertFile: join(dir, "k.crt"),
    tlsPrivateKeyFile: join(dir, "k.key"),
    ...change,
  });
  const api = createApiClient(system, { credentials: apiServer.credentials });
  const link = createApiLink(system, api);
  const options = buildRunnerOptions({ kubelet });
  server = startKubeletServer(system, {
    options: { ...options, runtime: { ...options.runtime, ...runtime } },
    store,
    link,
  });
  await vi.waitFor(() => expect(server.ports().api ?? logged[0]).toBeDefined());
}

async function get(path: string, change: Partial<HttpRequest> = {}) {
  const tls = { ca: ca.certPem, cert: client.certPem, key: client.keyPem };
  const url = `https://127.0.0.1:${server.ports().api}${path}`;
  const response = await system.net.request({ url, tls, ...change });
  return { status: response.status, text: response.body.toString() };
}

const withoutCertificate = (token?: string): Partial<HttpRequest> => ({
  tls: { ca: ca.certPem },
  ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
});

test("nobody is let in who cannot say who they are", async () => {
  answerReviews({ allowed: () => true });
  await start();
  expect(await get("/pods", withoutCertificate())).toEqual({ status: 401, text: "Unauthorized" });
  expect(await get("/pods", withoutCertificate("bad"))).toMatchObject({ status: 401 });
});

test("a client certificate of another CA counts as none", async () => {
  answerReviews({ allowed: () => true });
  await start();
  const { certPem, keyPem } = await issue({ subject: { commonName: "x", organizations: [] } });
  const tls = { ca: ca.certPem, cert: certPem, key: keyPem };
  expect(await get("/pods", { tls })).toMatchObject({ status: 401 });
});

test("the names in the client certificate are what the API server is asked about, once", async () => {
  answerReviews({ allowed: (subresource) => subresource === "proxy" });
  await start();
  expect(await get("/pods")).toMatchObject({ status: 200 });
  expect(await get("/pods")).toMatchObject({ status: 200 });
  const specs = apiServer.requests.map(({ body }) => (body as { readonly spec: unknown }).spec);
  const attributes = { group: "", version: "v1", resource: "nodes", verb: "get", name: "n1" };
  const user = { user: "apiserver", groups: ["a", "b", "system:authenticated"] };
  expect(specs).toEqual([
    { ...user, resourceAttributes: { ...attributes, subresource: "pods" } },
    { ...user, resourceAttributes: { ...attributes, subresource: "proxy" } },
  ]);
});

test("who may not is told who they are and what they lack", async () => {
  answerReviews({ allowed: () => false });
  await start();
  expect(await get("/pods", withoutCertificate("good"))).toEqual({
    status: 403,
    text: "Forbidden (user=bob, verb=get, resource=nodes, subresource(s)=[pods proxy])",
  });
});

test("an API server that cannot be asked is an error, not a permission", async () => {
  await start();
  await apiServer.stop();
  expect(await get("/pods")).toMatchObject({
    status: 500,
    text: expect.stringContaining("could not be asked"),
  });
  await apiServer.start();
});

test("pods are listed under their static UID", async () => {
  store.set([buildReport(buildPod())]);
  await start({ authorizationMode: "AlwaysAllow" });
  const { text } = await get("/pods");
  expect(JSON.parse(text)).toMatchObject({
    kind: "PodList",
    items: [{ metadata: { name: "web-n1", uid: "hash-1" }, status: { phase: "Running" } }],
  });
});

test("what is not served says so, and what is not known is not found", async () => {
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get("/exec/a/b/c", { method: "POST" })).toMatchObject({
    status: 400,
    text: expect.stringContaining("upgrade"),
  });
  expect(await get("/nothing")).toMatchObject({ status: 404 });
  expect(await get("/pods", { method: "POST" })).toMatchObject({ status: 405 });
  expect(await get("/containerLogs/%zz/a/b")).toMatchObject({ status: 400 });
  expect(await get("/healthz/ping")).toEqual({ status: 200, text: "ok" });
});

test("what is used is shown under the kubelet's names", async () => {
  const containers = [
    { ...buildLogging().containers[0], name: "web", pid: process.pid },
  ] as ContainerReport[];
  store.set([{ ...buildLogging(), containers }]);
  await start({ authorizationMode: "AlwaysAllow" });
  const metrics = (await get("/metrics")).text;
  expect(metrics).toContain('kubelet_node_name{node="n1"} 1\n');
  expect(metrics).toContain("kubelet_running_pods 1\n");
  expect(metrics).toContain(
    'kube_pod_container_status_restarts_total{namespace="kube-system",pod="web-n1",container="web"} 0\n',
  );
  expect(metrics).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
  for (const line of metrics.trimEnd().split("\n"))
    expect(line).toMatch(/^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? [\d.e+]+)$/);
  const summary: unknown = JSON.parse((await get("/stats/summary")).text);
  expect(summary).toMatchObject({
    node: { nodeName: "n1", fs: { capacityBytes: expect.any(Number) } },
    pods: [
      {
        podRef: { name: "web-n1", namespace: "kube-system" },
        containers: [{ name: "web", memory: { rssBytes: expect.any(Number) } }],
      },
    ],
  });
});

test("the configuration is shown, but no header of the manifest's source", async () => {
  await start({ authorizationMode: "AlwaysAllow", staticPodURLHeader: { Authorization: ["Bearer x"] } });
  const { text } = await get("/configz");
  expect(JSON.parse(text)).toMatchObject({
    kubeletconfig: {
      fileCheckFrequency: "20s",
      authorization: { mode: "AlwaysAllow" },
      staticPodURLHeader: { Authorization: ["<masked>"] },
    },
  });
  expect(text).not.toContain("Bearer");
});

/** A pod whose container runs and writes to a log, changed as asked. */
function buildLogging(change: Partial<ContainerReport> = {}, running = true): PodReport {
  const startedAt = "2026-11-22T17:00:00Z";
  const state = running ? { running: { startedAt } } : { waiting: { reason: "ErrImagePull" } };
  const web = { name: "web", state, lastState: {}, ready: true, restartCount: 0, image: "i", imageID: "i" };
  const status: PodStatus = {
    phase: "Running",
    containerStatuses: [{ ...web, ...(running ? { containerID: "slipway://1" } : {}) }],
  };
  const container: ContainerReport = {
    name: "web",
    pid: 1,
    logPath: join(dir, "0.log"),
    previousLogPath: undefined,
    lastProbeFailure: undefined,
    stopping: false,
    nextStartAt: undefined,
    ...change,
  };
  return buildReport(buildPod({ status }), { containers: [container] });
}

const LOGS = "/containerLogs/kube-system/web-n1/web";

test("a container's log is served as the query asks", async () => {
  await writeFile(join(dir, "0.log"), `${LINE}one\n${LINE}two\n`);
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get(LOGS)).toEqual({ status: 200, text: "one\ntwo\n" });
  expect(await get(`${LOGS}?tailLines=1&timestamps=true`)).toMatchObject({
    text: "2026-11-22T17:00:00.000000000Z two\n",
  });
});

test("a log that is not there is answered as the kubelet does", async () => {
  store.set([buildLogging({ logPath: undefined }, false)]);
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get("/containerLogs/kube-system/none/web")).toEqual({
    status: 404,
    text: 'pod "none" does not exist',
  });
  expect(await get("/containerLogs/kube-system/web-n1/none")).toEqual({
    status: 404,
    text: 'container "none" not found in pod "web-n1"',
  });
  expect(await get(LOGS)).toEqual({
    status: 400,
    text: 'container "web" in pod "web-n1" is waiting to start: ErrImagePull',
  });
  expect(await get(`${LOGS}?previous=true`)).toEqual({
    status: 400,
    text: 'previous terminated container "web" in pod "web-n1" not found',
  });
  expect(await get(`${LOGS}?tailLines=-1`)).toMatchObject({ status: 422 });
});

test("a log whose file is gone is a bad request, not a crash", async () => {
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await get(LOGS)).toMatchObject({ status: 400, text: expect.stringContaining("no longer there") });
});

test("the machine's logs are asked for as nodes/log, unless they are switched off", async () => {
  answerReviews({ allowed: (subresource) => subresource === "log" });
  await start();
  expect(await get("/logs/no-such-file-as-this")).toMatchObject({ status: 404 });
  expect(await get("/logs/x", { method: "POST" })).toMatchObject({ status: 405 });
  expect(await get("/logs/x", withoutCertificate())).toMatchObject({ status: 401 });
  await server.close();
  await start({ enableSystemLogHandler: false });
  expect(await get("/logs/")).toEqual({ status: 405, text: "logs endpoint is disabled." });
});

test("following a log ends when the container does", async () => {
  await writeFile(join(dir, "0.log"), `${LINE}one\n`);
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" });
  const following = get(`${LOGS}?follow=true`);
  await appendFile(join(dir, "0.log"), `${LINE}two\n`);
  store.set([buildLogging({}, false)]);
  expect(await following).toEqual({ status: 200, text: "one\ntwo\n" });
});

/** Asks for an upgrade as the API server does; the answer's head, and the connection when it was granted. */
function upgrade(path: string, protocol: string): Promise<{ status: number; socket: TLSSocket | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: "127.0.0.1",
      port: server.ports().api,
      path,
      method: "POST",
      ca: ca.certPem,
      cert: client.certPem,
      key: client.keyPem,
      headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol },
    });
    outgoing.on("upgrade", (response, socket) => {
      resolve({ status: response.statusCode ?? 0, socket: socket as TLSSocket });
    });
    outgoing.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, socket: undefined });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

const EXEC = "/exec/kube-system/web-n1/web";
const V4 = "v4.channel.k8s.io";

/** A command that says what it was given, and ends with 3 at the end of its input. */
function buildEchoRuntime(): Pick<Runtime, "openExec"> {
  return {
    openExec: async (id, { command }) => {
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
      stdout.write(`${id} ${command.join(" ")}\n`);
      stdin.pipe(stdout);
      stderr.end("complaint");
      const exited = new Promise<number>((resolve) => void stdin.on("end", () => resolve(3)));
      return { stdin, stdout, stderr, exited, resize: async () => undefined, hangUp: () => stdin.end() };
    },
  };
}

test("exec asks who it is and whether they may before it listens", async () => {
  answerReviews({ allowed: () => false });
  store.set([buildLogging()]);
  await start();
  expect(await upgrade(`${EXEC}?command=id&output=1`, V4)).toMatchObject({ status: 403 });
});

test("exec of what is not there or does not run, and protocols of the past, are refused", async () => {
  store.set([buildLogging({}, false)]);
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await upgrade("/exec/kube-system/none/web?output=1", V4)).toMatchObject({ status: 404 });
  expect(await upgrade("/exec/kube-system/web-n1/none?output=1", V4)).toMatchObject({ status: 500 });
  expect(await upgrade(`${EXEC}?output=1`, V4)).toMatchObject({ status: 500 });
  store.set([buildLogging()]);
  expect(await upgrade(`${EXEC}?output=1`, "channel.k8s.io")).toMatchObject({ status: 403 });
  expect(await upgrade("/portForward/kube-system/none", "portforward.k8s.io")).toMatchObject({ status: 404 });
});

test("exec carries input, output and the exit code", async () => {
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" }, buildEchoRuntime());
  const { socket } = await upgrade(`${EXEC}?command=a&command=b&input=1&output=1&error=1`, V4);
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  const open = (streamtype: string): Promise<number> => peer.open({ streamtype });
  const error = await open("error");
  const stdin = await open("stdin");
  const stdout = await open("stdout");
  const stderr = await open("stderr");
  peer.write(stdin, "typed");
  peer.end(stdin);
  await vi.waitFor(() => expect(peer.events).toContain("closed"));
  expect(peer.text(stdout)).toBe("1 a b\ntyped");
  expect(peer.text(stderr)).toBe("complaint");
  expect(JSON.parse(peer.text(error))).toMatchObject({
    status: "Failure",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  });
});

test("attach shows what comes from here on, until the container ends", async () => {
  await writeFile(join(dir, "0.log"), `${LINE}before\n`);
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" });
  const { socket } = await upgrade(`/attach/kube-system/web-n1/web?output=1`, V4);
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  const error = await peer.open({ streamtype: "error" });
  const stdout = await peer.open({ streamtype: "stdout" });
  await vi.waitFor(async () => {
    await appendFile(join(dir, "0.log"), `${LINE}after\n`);
    expect(peer.text(stdout)).toContain("after\n");
  });
  expect(peer.text(stdout)).not.toContain("before");
  store.set([buildLogging({}, false)]);
  await vi.waitFor(() => expect(peer.events).toContain("closed"));
  expect(JSON.parse(peer.text(error))).toMatchObject({ status: "Success" });
});

test("a forwarded port answers, and one where nobody listens says so", async () => {
  const echo = createTcpServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => void echo.listen(0, "127.0.0.1", resolve));
  const { port } = echo.address() as AddressInfo;
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" });
  const { socket } = await upgrade("/portForward/kube-system/web-n1", "portforward.k8s.io");
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  const open = (streamtype: string, requestid: string, to: number): Promise<number> =>
    peer.open({ streamtype, requestid, port: String(to) });
  const error = await open("error", "0", port);
  const data = await open("data", "0", port);
  peer.write(data, "ping");
  await vi.waitFor(() => expect(peer.text(data)).toBe("ping"));
  peer.end(data);
  await vi.waitFor(() =>
    expect(peer.events).toEqual(expect.arrayContaining([`end ${data}`, `end ${error}`])),
  );
  expect(peer.text(error)).toBe("");
  await new Promise((resolve) => void echo.close(resolve));
  const refused = await open("error", "1", port);
  await open("data", "1", port);
  await vi.waitFor(() => expect(peer.text(refused)).toContain("ECONNREFUSED"));
});

test("an open stream does not keep the server from closing", async () => {
  store.set([buildLogging()]);
  await start({ authorizationMode: "AlwaysAllow" });
  const { socket } = await upgrade(`${EXEC}?output=1`, V4);
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  await server.close();
  await vi.waitFor(() => expect(peer.events).toContain("closed"));
});

test("a missing certificate is waited for, which is told once", async () => {
  await rm(join(dir, "k.crt"));
  await start();
  expect(server.ports().api).toBeUndefined();
  await writeServing(serving);
  await vi.waitFor(() => expect(server.ports().api).toBeDefined());
  expect(logged).toEqual(["the kubelet API waits for its certificate"]);
});

test("a taken port is logged once, and served when it is free", async () => {
  const holder = createTcpServer();
  await new Promise<void>((resolve) => void holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  await start({ port });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(logged).toEqual(["the kubelet API is not served"]);
  await new Promise((resolve) => void holder.close(resolve));
  await vi.waitFor(() => expect(server.ports().api).toBe(port));
});

test("a renewed certificate is served to new connections", async () => {
  await start({ authorizationMode: "AlwaysAllow" });
  const renewed = await issueServing();
  await writeServing(renewed);
  const wanted = new X509Certificate(renewed.certPem).fingerprint256;
  await vi.waitFor(async () => expect(await readServedFingerprint()).toBe(wanted));
  expect(await get("/healthz")).toMatchObject({ status: 200 });
});

function readServedFingerprint(): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: server.ports().api ?? 0, rejectUnauthorized: false };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("the health check needs neither TLS nor a name", async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => void probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => void probe.close(resolve));
  await start({ healthzPort: port });
  await vi.waitFor(() => expect(server.ports().healthz).toBe(port));
  const response = await system.net.request({ url: `http://127.0.0.1:${port}/healthz` });
  expect(response.body.toString()).toBe("ok");
});
