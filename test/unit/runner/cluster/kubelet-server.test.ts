import { X509Certificate } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test, vi } from "vitest";
import { buildPod, buildReport } from "../../../support/cluster-values.ts";
import { buildContainerSpec } from "../../../support/container-spec.ts";
import { createKubeletServerTrial, issue } from "../../../support/kubelet-server-trial.ts";

const trial = createKubeletServerTrial();
const { system, dir, server, apiServer, logged, serving, issueServing, writeServing } = trial;
const { setPods, withoutCertificate, answerReviews, start, get, buildLogging } = trial;

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
  const tls = { ...trial.tls(), cert: certPem, key: keyPem };
  expect(await get("/pods", { tls })).toMatchObject({ status: 401 });
});

test("the names in the client certificate are what the API server is asked about, once", async () => {
  answerReviews({ allowed: (subresource) => subresource === "proxy" });
  await start();
  expect(await get("/pods")).toMatchObject({ status: 200 });
  expect(await get("/pods")).toMatchObject({ status: 200 });
  const specs = apiServer().requests.map(({ body }) => (body as { readonly spec: unknown }).spec);
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
  await apiServer().stop();
  expect(await get("/pods")).toMatchObject({
    status: 500,
    text: expect.stringContaining("could not be asked"),
  });
  await apiServer().start();
});

test("pods are listed under their static UID", async () => {
  setPods(buildReport(buildPod()));
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
  setPods(buildLogging());
  const { uid } = buildLogging().pod.metadata;
  const resources = { container: { memoryBytes: 9000 }, pod: {} };
  const spec = buildContainerSpec({ podUid: uid, containerName: "web", resources });
  const state = { kind: "running", pid: 1, startedAtMs: 0 } as const;
  const usage = { cpuSeconds: 1.5, memoryBytes: 7000, workingSetBytes: 4096, residentBytes: 2048 };
  await start(
    { authorizationMode: "AlwaysAllow" },
    {
      list: async () => [{ id: "1", spec, imageId: "", state }],
      usages: async () => new Map([["1", usage]]),
    },
  );
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
        containers: [
          {
            name: "web",
            startTime: "1970-01-01T00:00:00Z",
            cpu: { usageCoreNanoSeconds: 1_500_000_000 },
            memory: { usageBytes: 7000, workingSetBytes: 4096, rssBytes: 2048, availableBytes: 4904 },
          },
        ],
        memory: { workingSetBytes: 4096 },
      },
    ],
  });
});

test("a container that uses more than a limit which nobody enforces has nothing left, not less", async () => {
  setPods(buildLogging());
  const spec = buildContainerSpec({
    podUid: buildLogging().pod.metadata.uid,
    resources: { container: { memoryBytes: 1000 }, pod: {} },
  });
  const usage = { cpuSeconds: 1, memoryBytes: 7000, workingSetBytes: 4096, residentBytes: 2048 };
  await start(
    { authorizationMode: "AlwaysAllow" },
    {
      list: async () => [{ id: "1", spec, imageId: "", state: { kind: "running", pid: 1, startedAtMs: 0 } }],
      usages: async () => new Map([["1", usage]]),
    },
  );
  expect((await get("/stats/summary")).text).toContain('"availableBytes":0}');
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

test("the machine's logs are asked for as nodes/log, unless they are switched off", async () => {
  answerReviews({ allowed: (subresource) => subresource === "log" });
  await start();
  expect(await get("/logs/no-such-file-as-this")).toMatchObject({ status: 404 });
  expect(await get("/logs/x", { method: "POST" })).toMatchObject({ status: 405 });
  expect(await get("/logs/x", withoutCertificate())).toMatchObject({ status: 401 });
  await server().close();
  await start({ enableSystemLogHandler: false });
  expect(await get("/logs/")).toEqual({ status: 405, text: "logs endpoint is disabled." });
});

test("a missing certificate is waited for, which is told once", async () => {
  await rm(join(dir(), "k.crt"));
  await start();
  expect(server().ports().api).toBeUndefined();
  await writeServing(serving());
  await vi.waitFor(() => expect(server().ports().api).toBeDefined());
  expect(logged()).toEqual(["the kubelet API waits for its certificate"]);
});

test("a taken port is logged once, and served when it is free", async () => {
  const holder = createTcpServer();
  await new Promise<void>((resolve) => void holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  await start({ port });
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(logged()).toEqual(["the kubelet API is not served"]);
  await new Promise((resolve) => void holder.close(resolve));
  await vi.waitFor(() => expect(server().ports().api).toBe(port));
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
    const options = { host: "127.0.0.1", port: server().ports().api ?? 0, rejectUnauthorized: false };
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
  await vi.waitFor(() => expect(server().ports().healthz).toBe(port));
  const response = await system.net.request({ url: `http://127.0.0.1:${port}/healthz` });
  expect(response.body.toString()).toBe("ok");
});
