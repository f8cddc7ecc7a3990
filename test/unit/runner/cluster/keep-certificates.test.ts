import { X509Certificate } from "node:crypto";
import { afterEach, beforeAll, expect, test } from "vitest";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import type { KeyPair } from "../../../../src/pki/types.ts";
import type { ApiLink } from "../../../../src/runner/cluster/api-link.ts";
import { keepCertificates } from "../../../../src/runner/cluster/keep-certificates.ts";
import type { CertificateRenewal } from "../../../../src/runner/types.ts";
import { buildKubeletConfiguration, buildRunnerOptions } from "../../../support/cluster-values.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";
import { createFakeSystem, type LoggedEvent } from "../../../support/fake-system.ts";

const MINUTE_MS = 60_000;

let pair: KeyPair;
let clock: FakeClock;
let close: () => Promise<void> = async () => undefined;

/** Valid for 100 minutes from the clock's beginning. */
beforeAll(async () => {
  pair = await issueCertificate({
    spec: {
      subject: { commonName: "system:node:n1", organizations: ["system:nodes"] },
      isCa: false,
      usages: ["clientAuth"],
      dnsNames: [],
      ipAddresses: [],
      algorithm: "ECDSA-P256",
      validityMs: 100 * MINUTE_MS,
    },
    nowMs: createFakeClock().nowMs(),
  });
});
afterEach(() => close());

/** What the certificates' keeper did, and the answers that it gets. */
interface Scene {
  readonly asked: string[];
  readonly done: string[];
  readonly logged: readonly LoggedEvent[];
}

/** Keeps the certificates; `answers` are what the API server says of the request, the last one for ever. */
function start(change: {
  readonly answers?: readonly object[];
  readonly hasCaKey?: boolean;
  readonly serving?: boolean | "lost";
}): Scene {
  clock = createFakeClock();
  const answers = [...(change.answers ?? [])];
  const asked: string[] = [];
  const done: string[] = [];
  let serves = change.serving;
  const ask: ApiLink["ask"] = async ({ method, path }) => {
    asked.push(`${method} ${path.split("/").at(-1)}`);
    const status = answers.length > 1 && method === "GET" ? answers.shift() : answers[0];
    const body = method === "POST" && status !== undefined ? CREATED : status;
    if (body === undefined) return { response: undefined, reason: "connection refused" };
    return { response: { status: 200, body, text: "" }, reason: "" };
  };
  const renewal: CertificateRenewal = {
    makeRequest: async () => ({ requestPem: "request", keyPem: "new key" }),
    replaceClient: async ({ certPem, keyPem }) => void done.push(`replaced with ${certPem}, ${keyPem}`),
    readServing: async () => (serves === true ? pair.certPem : undefined),
    signHere: async (which) => {
      if (change.hasCaKey !== true) return { kind: "refused", reason: "no CA key" };
      done.push(`signed ${which} here`);
      if (which === "serving") serves = true;
      return { kind: "signed" };
    },
  };
  const system = createFakeSystem({ clock });
  const link = { ask } as unknown as ApiLink;
  const credentials = async () => ({ server: "", ca: "", cert: pair.certPem, key: pair.keyPem });
  const runner = buildRunnerOptions({
    kubelet: buildKubeletConfiguration(change.serving === undefined ? {} : { tlsCertFile: "/serving.crt" }),
    ...(change.serving === undefined ? { credentials } : {}),
  });
  const onRenewed = (): void => void done.push("woken");
  const keeper = keepCertificates(system, { link, runner, renewal, onRenewed });
  close = keeper.close;
  return { asked, done, logged: system.logged };
}

const CREATED = { metadata: { name: "csr-x" } };
const ISSUED = { status: { certificate: Buffer.from("new certificate").toString("base64") } };

test("nothing is asked while less than 70 % of the certificate's life is over", async () => {
  const scene = start({ answers: [ISSUED] });
  await clock.advance(68 * MINUTE_MS);
  expect(scene).toEqual({ asked: [], done: [], logged: [] });
});

test("the client certificate is requested from the cluster before it ends", async () => {
  const scene = start({ answers: [{}, {}, ISSUED] });
  await clock.advance(91 * MINUTE_MS);
  const [request, ...polls] = scene.asked.slice(0, 4);
  expect(request).toBe("POST certificatesigningrequests");
  expect(polls).toEqual(["GET csr-x", "GET csr-x", "GET csr-x"]);
  expect(scene.done[0]).toBe("replaced with new certificate, new key");
  expect(scene.logged[0]).toMatchObject({ message: "certificate renewed" });
});

test("a request that is denied is told once and made again later", async () => {
  const denied = { status: { conditions: [{ type: "Denied", message: "not you" }] } };
  const scene = start({ answers: [denied] });
  await clock.advance(91 * MINUTE_MS);
  expect(scene.asked.length).toBeGreaterThan(4);
  expect(scene.logged).toEqual([
    expect.objectContaining({
      message: "certificate not renewed",
      fields: expect.objectContaining({ error: "the request csr-x is Denied: not you" }),
    }),
  ]);
  expect(scene.done).toEqual([]);
});

test("a client certificate that has ended, with which nobody could ask, is signed here", async () => {
  const scene = start({ hasCaKey: true });
  await clock.advance(130 * MINUTE_MS);
  expect(scene.done.slice(0, 2)).toEqual(["signed client here", "woken"]);
});

test("the serving certificate is signed with the CA of this machine, or it is said that it cannot be", async () => {
  const scene = start({ serving: true, hasCaKey: true });
  await clock.advance(91 * MINUTE_MS);
  expect(scene.done[0]).toBe("signed serving here");
  await close();
  const without = start({ serving: true });
  await clock.advance(91 * MINUTE_MS);
  expect(without.logged).toEqual([
    expect.objectContaining({
      fields: expect.objectContaining({
        certificate: "serving",
        ends: new Date(new X509Certificate(pair.certPem).validTo).toISOString(),
      }),
    }),
  ]);
});

test("a serving certificate that is lost is made again, when nobody else has put it back meanwhile", async () => {
  const scene = start({ serving: "lost", hasCaKey: true });
  await clock.advance(4_000);
  expect(scene.done).toEqual([]);
  await clock.advance(2_000);
  expect(scene.done).toEqual(["signed serving here"]);
  await clock.advance(10 * MINUTE_MS);
  expect(scene.done).toEqual(["signed serving here"]);
});

test("a serving certificate that is lost and cannot be made is told once", async () => {
  const scene = start({ serving: "lost" });
  await clock.advance(10 * MINUTE_MS);
  expect(scene.logged).toEqual([
    expect.objectContaining({ fields: { certificate: "serving", lost: true, error: "no CA key" } }),
  ]);
});
