import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { createApiClient } from "../../src/api/create-api-client.ts";
import type { ContainerReport, PodReport } from "../../src/control/protocol.ts";
import { issueCertificate } from "../../src/pki/issue.ts";
import type { CertificateSpec, KeyPair } from "../../src/pki/types.ts";
import type { PodStatus } from "../../src/pod/types.ts";
import { createApiLink } from "../../src/runner/cluster/api-link.ts";
import { type KubeletServer, startKubeletServer } from "../../src/runner/cluster/kubelet-server.ts";
import type { KubeletConfiguration } from "../../src/runner/types.ts";
import type { Runtime } from "../../src/runtime/types.ts";
import { createSystem } from "../../src/system/create-system.ts";
import type { HttpRequest } from "../../src/system/net.ts";
import type { System } from "../../src/system/system.ts";
import {
  buildKubeletConfiguration,
  buildPod,
  buildReport,
  buildRunnerOptions,
  createFakePodStore,
} from "./cluster-values.ts";
import { type FakeApiServer, startFakeApiServer } from "./fake-api-server.ts";

/** What a line of a container's log begins with. */
export const LINE = "2026-11-22T17:00:00.000000000Z stdout F ";

/** A certificate for an hour; without a signer it signs itself. */
export function issue(change: Partial<CertificateSpec>, signer?: KeyPair): Promise<KeyPair> {
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

/**
 * For a file of tests: the kubelet API over TLS on a free port, with a fake API server behind it that is asked who may.
 * Call it once, at the top of the file.
 */
export function createKubeletServerTrial() {
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
  const issueServing = () => issue({ usages: ["serverAuth"], ipAddresses: ["127.0.0.1"] }, ca);
  const writeServing = async (pair: KeyPair): Promise<void> => {
    await writeFile(join(dir, "k.crt"), pair.certPem);
    await writeFile(join(dir, "k.key"), pair.keyPem);
  };

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

  return {
    system,
    dir: () => dir,
    server: () => server,
    apiServer: () => apiServer,
    logged: () => logged,
    serving: () => serving,
    issueServing,
    writeServing,
    setPods: (...pods: readonly PodReport[]) => store.set(pods),
    /** What the API server's client shows, and trusts. */
    tls: () => ({ ca: ca.certPem, cert: client.certPem, key: client.keyPem }),
    withoutCertificate: (token?: string): Partial<HttpRequest> => ({
      tls: { ca: ca.certPem },
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    }),
    /** What the API server says of who asks and what they may. */
    answerReviews: ({ allowed }: { readonly allowed: (subresource: string) => boolean }): void => {
      apiServer.intercept = ({ path, body }) => {
        const spec = (body as { spec?: Record<string, Record<string, string>> } | undefined)?.spec;
        if (path.endsWith("/tokenreviews")) {
          const authenticated = String(spec?.["token"]) === "good";
          const user = { username: "bob", groups: ["g"] };
          return { status: 201, body: { status: { authenticated, user } } };
        }
        const subresource = spec?.["resourceAttributes"]?.["subresource"] ?? "";
        return { status: 201, body: { status: { allowed: allowed(subresource) } } };
      };
    },
    start: async (
      change: Partial<KubeletConfiguration> = {},
      runtime: Partial<Runtime> = {},
    ): Promise<void> => {
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
    },
    get: async (path: string, change: Partial<HttpRequest> = {}) => {
      const tls = { ca: ca.certPem, cert: client.certPem, key: client.keyPem };
      const url = `https://127.0.0.1:${server.ports().api}${path}`;
      const response = await system.net.request({ url, tls, ...change });
      return { status: response.status, text: response.body.toString() };
    },
    /** A pod whose container runs and writes to a log, changed as asked. */
    buildLogging: (change: Partial<ContainerReport> = {}, running = true): PodReport =>
      buildLogging({ logPath: join(dir, "0.log"), ...change }, running),
  };
}

function buildLogging(change: Partial<ContainerReport>, running: boolean): PodReport {
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
    logPath: undefined,
    previousLogPath: undefined,
    lastProbeFailure: undefined,
    stopping: false,
    nextStartAt: undefined,
    ...change,
  };
  return buildReport(buildPod({ status }), { containers: [container] });
}
