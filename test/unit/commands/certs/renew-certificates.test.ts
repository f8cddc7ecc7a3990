import { X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRenewal } from "../../../../src/commands/certs/renew-certificates.ts";
import { formatKubeconfig } from "../../../../src/kubeconfig/format-kubeconfig.ts";
import { parseKubeconfig } from "../../../../src/kubeconfig/parse-kubeconfig.ts";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import { readCertificateSpec } from "../../../../src/pki/read-certificate-spec.ts";
import type { CertificateSpec, KeyPair } from "../../../../src/pki/types.ts";
import type { CertificateRenewal } from "../../../../src/runner/types.ts";
import { createSystem } from "../../../../src/system/create-system.ts";
import { createFileSystem } from "../../../../src/system/file-system.ts";
import { buildKubeletConfiguration } from "../../../support/cluster-values.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const NODE: CertificateSpec = {
  subject: { commonName: "system:node:n1", organizations: ["system:nodes"] },
  isCa: false,
  usages: ["clientAuth"],
  dnsNames: [],
  ipAddresses: [],
  algorithm: "ECDSA-P256",
  validityMs: 3_600_000,
};
const SERVING: CertificateSpec = {
  ...NODE,
  usages: ["serverAuth"],
  dnsNames: ["n1", "node.example"],
  ipAddresses: ["192.0.2.10", "2001:db8::1"],
};

let dir: string;
let ca: KeyPair;
let mayMake = true;
let renewal: CertificateRenewal;
/** Of a runner that serves with somebody else's files. */
let foreign: CertificateRenewal;

const SIGNED = { kind: "signed" };
const NO_KEY = { kind: "refused", reason: "the CA's key is not on this machine" };

const at = (name: string): string => join(dir, name);
const readClient = async () =>
  parseKubeconfig({ text: await readFile(at("kubelet.conf"), "utf8"), path: "" });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-renewal-"));
  const nowMs = Date.now() - 60_000;
  ca = await issueCertificate({ spec: { ...NODE, isCa: true, usages: [] }, nowMs });
  const client = await issueCertificate({ spec: NODE, signer: ca, nowMs });
  const serving = await issueCertificate({ spec: SERVING, signer: ca, nowMs });
  const spec = { server: "https://192.0.2.10:6443", clusterName: "kubernetes", userName: "system:node:n1" };
  await writeFile(at("kubelet.conf"), formatKubeconfig({ spec, caPem: ca.certPem, keyPair: client }));
  await writeFile(at("ca.crt"), ca.certPem);
  await writeFile(at("ca.key"), ca.keyPem);
  await writeFile(at("serving.crt"), serving.certPem);
  await writeFile(at("serving.key"), serving.keyPem);
  const log = (): void => undefined;
  const system = createSystem({ log: { error: log, warn: log, info: log, debug: log } });
  const options = {
    kubeconfigPath: at("kubelet.conf"),
    kubelet: buildKubeletConfiguration({
      clientCAFile: at("ca.crt"),
      tlsCertFile: at("serving.crt"),
      tlsPrivateKeyFile: at("serving.key"),
    }),
  };
  renewal = createRenewal(system, {
    ...options,
    ownServing: { nodeName: "n1", address: "192.0.2.10", mayMake: async () => mayMake },
  });
  foreign = createRenewal(system, { ...options, ownServing: undefined });
});
afterEach(() => rm(dir, { recursive: true }));

test("a certificate tells what it was made from", async () => {
  for (const spec of [SERVING, { ...NODE, algorithm: "RSA-2048" as const }]) {
    const { certPem } = await issueCertificate({ spec, signer: ca, nowMs: Date.now() });
    const { validityMs: _, ...rest } = spec;
    expect(readCertificateSpec(new X509Certificate(certPem))).toEqual(rest);
  }
});

test("a new client pair takes the old one's place and nothing else's", async () => {
  const before = await readClient();
  const pair = await issueCertificate({ spec: NODE, signer: ca, nowMs: Date.now() });
  await renewal.replaceClient(pair);
  expect(await readClient()).toEqual({ ...before, cert: pair.certPem, key: pair.keyPem });
});

test("a certificate for another key is not taken", async () => {
  const before = await readClient();
  const { certPem } = await issueCertificate({ spec: NODE, signer: ca, nowMs: Date.now() });
  await expect(renewal.replaceClient({ certPem, keyPem: before.key })).rejects.toThrow("another key");
  expect(await readClient()).toEqual(before);
});

test("a serving certificate that is not there is left to init while that has not come to its end", async () => {
  mayMake = false;
  await rm(at("serving.crt"));
  expect(await renewal.signHere("serving")).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("init"),
  });
  mayMake = true;
  expect(await renewal.signHere("serving")).toEqual(SIGNED);
});

test("both pairs can be signed here, with the names that they had", async () => {
  const before = await readFile(at("serving.crt"), "utf8");
  expect(await renewal.signHere("serving")).toEqual(SIGNED);
  expect(await renewal.signHere("client")).toEqual(SIGNED);
  const serving = await readFile(at("serving.crt"), "utf8");
  expect(serving).not.toBe(before);
  expect(readCertificateSpec(new X509Certificate(serving))).toMatchObject({
    dnsNames: SERVING.dnsNames,
    ipAddresses: SERVING.ipAddresses,
  });
  const { cert } = await readClient();
  expect(new X509Certificate(cert).checkIssued(new X509Certificate(ca.certPem))).toBe(true);
});

test("a serving certificate that signs itself goes on to do so, also without any CA's key", async () => {
  const own = await issueCertificate({ spec: SERVING, nowMs: Date.now() - 60_000 });
  await writeFile(at("serving.crt"), own.certPem);
  await writeFile(at("serving.key"), own.keyPem);
  await rm(at("ca.key"));
  expect(await renewal.signHere("serving")).toEqual(SIGNED);
  const serving = new X509Certificate(await readFile(at("serving.crt"), "utf8"));
  expect(serving.toString()).not.toBe(own.certPem);
  expect(serving.verify(serving.publicKey)).toBe(true);
  expect(readCertificateSpec(serving)).toMatchObject({ dnsNames: SERVING.dnsNames });
});

test("without the CA's key nothing is signed here", async () => {
  await rm(at("ca.key"));
  expect(await renewal.signHere("serving")).toEqual(NO_KEY);
});

test("nothing is signed with another CA's key, and it is told which one does not fit", async () => {
  const before = await readFile(at("serving.crt"), "utf8");
  const other = await issueCertificate({ spec: { ...NODE, isCa: true, usages: [] }, nowMs: Date.now() });
  await writeFile(at("ca.key"), other.keyPem);
  for (const which of ["client", "serving"] as const)
    expect(await renewal.signHere(which)).toEqual({
      kind: "refused",
      reason: expect.stringContaining(`${at("ca.key")} belongs to another certificate`),
    });
  expect(await readFile(at("serving.crt"), "utf8")).toBe(before);
});

test("what the runner serves with is signed by a CA of its own where that lies beside it", async () => {
  const system = createFakeSystem({ fs: createFileSystem() });
  const nowMs = system.clock.nowMs();
  const own = await issueCertificate({ spec: { ...NODE, isCa: true, usages: [] }, nowMs });
  await mkdir(at("own"));
  await writeFile(at("own/ca.crt"), own.certPem);
  await writeFile(at("own/ca.key"), own.keyPem);
  const theirs = await issueCertificate({ spec: SERVING, signer: own, nowMs: Date.now() - 60_000 });
  await writeFile(at("own/serving.crt"), theirs.certPem);
  await writeFile(at("own/serving.key"), theirs.keyPem);
  await rm(at("ca.key"));
  const kubelet = buildKubeletConfiguration({
    clientCAFile: at("ca.crt"),
    tlsCertFile: at("own/serving.crt"),
    tlsPrivateKeyFile: at("own/serving.key"),
  });
  const outer = createRenewal(system, {
    kubeconfigPath: at("kubelet.conf"),
    kubelet,
    ownServing: undefined,
  });
  expect(await outer.signHere("client")).toEqual(NO_KEY);
  expect(await outer.signHere("serving")).toEqual(SIGNED);
  const serving = new X509Certificate(await readFile(at("own/serving.crt")));
  expect(serving.checkIssued(new X509Certificate(own.certPem))).toBe(true);
});

const LOSSES: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["the certificate is missing", () => rm(at("serving.crt"))],
  ["the key is missing", () => rm(at("serving.key"))],
  ["the certificate is only zeros", () => writeFile(at("serving.crt"), Buffer.alloc(600))],
  ["the key is cut off", () => writeFile(at("serving.key"), "-----BEGIN EC PRIVATE KEY-----\nMHcC")],
  ["the key is another's", () => writeFile(at("serving.key"), ca.keyPem)],
];

test.each(LOSSES)("what the runner serves with is made again when %s", async (_name, lose) => {
  const before = await renewal.readServing();
  expect(before).toContain("BEGIN CERTIFICATE");
  await lose();
  expect(await renewal.readServing()).toBe(undefined);
  expect(await renewal.signHere("serving")).toEqual(SIGNED);
  const after = new X509Certificate((await renewal.readServing()) ?? "");
  expect(after.checkIssued(new X509Certificate(ca.certPem))).toBe(true);
  expect(readCertificateSpec(after)).toMatchObject({
    subject: NODE.subject,
    usages: ["serverAuth"],
    dnsNames: ["n1"],
    ipAddresses: ["192.0.2.10"],
  });
});

test("somebody else's serving files are not made by us when they are lost", async () => {
  await rm(at("serving.crt"));
  const key = await readFile(at("serving.key"), "utf8");
  const reason = "it is lost, is not the runner's own, and has to be put back";
  expect(await foreign.signHere("serving")).toEqual({ kind: "refused", reason });
  expect(await readFile(at("serving.key"), "utf8")).toBe(key);
});

test("a serving certificate of a CA that is not here is not replaced by one of the cluster's", async () => {
  const other = await issueCertificate({ spec: { ...NODE, isCa: true, usages: [] }, nowMs: Date.now() });
  const theirs = await issueCertificate({ spec: SERVING, signer: other, nowMs: Date.now() });
  await writeFile(at("serving.crt"), theirs.certPem);
  await writeFile(at("serving.key"), theirs.keyPem);
  const reason = "it is of another CA than the one whose key is on this machine";
  expect(await renewal.signHere("serving")).toEqual({ kind: "refused", reason });
  expect(await readFile(at("serving.crt"), "utf8")).toBe(theirs.certPem);
});
