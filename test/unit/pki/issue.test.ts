import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { EncryptionAlgorithm } from "../../../src/config/types.ts";
import { buildCaSpec, buildLeafSpec } from "../../../src/pki/certificate-spec.ts";
import { issueCertificate, issueServiceAccountKeys } from "../../../src/pki/issue.ts";
import type { KeyPair } from "../../../src/pki/types.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const NOW_MS = Date.parse("2026-11-22T18:00:00.700Z");
const { cluster } = sampleInitConfig();
const SERVER = buildLeafSpec({
  cluster,
  subject: { commonName: "node01", organizations: [] },
  usages: ["serverAuth", "clientAuth"],
  names: { dnsNames: ["localhost", "node01"], ipAddresses: ["10.77.0.1", "::1"] },
});

let ca: KeyPair;
beforeAll(async () => {
  ca = await issueCertificate({ spec: buildCaSpec({ cluster, commonName: "kubernetes" }), nowMs: NOW_MS });
});

test.each([
  ["RSA-2048", "RSA PRIVATE KEY"],
  ["ECDSA-P256", "EC PRIVATE KEY"],
  ["ECDSA-P384", "EC PRIVATE KEY"],
] as const)("a %s CA signs a certificate that verifies", async (algorithm, keyType) => {
  const keyed = { ...cluster, encryptionAlgorithm: algorithm as EncryptionAlgorithm };
  const signer = await issueCertificate({
    spec: buildCaSpec({ cluster: keyed, commonName: "x" }),
    nowMs: NOW_MS,
  });
  const leaf = await issueCertificate({ spec: { ...SERVER, algorithm }, signer, nowMs: NOW_MS });
  const certificate = new X509Certificate(leaf.certPem);
  const signerCertificate = new X509Certificate(signer.certPem);
  expect(certificate.checkIssued(signerCertificate)).toBe(true);
  expect(certificate.verify(signerCertificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(leaf.keyPem))).toBe(true);
  expect(leaf.keyPem.startsWith(`-----BEGIN ${keyType}-----\n`)).toBe(true);
});

test("a key of another kind than the CA's can be signed", async () => {
  const leaf = await issueCertificate({
    spec: { ...SERVER, algorithm: "RSA-2048" },
    signer: ca,
    nowMs: NOW_MS,
  });
  const certificate = new X509Certificate(leaf.certPem);
  expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
});

test("whatever bytes its key has, a certificate verifies and its serial is positive", async () => {
  const signerKey = new X509Certificate(ca.certPem).publicKey;
  const issued = await Promise.all(
    Array.from({ length: 200 }, () => issueCertificate({ spec: SERVER, signer: ca, nowMs: NOW_MS })),
  );
  const certificates = issued.map(({ certPem }) => new X509Certificate(certPem));
  expect(certificates.every((certificate) => certificate.verify(signerKey))).toBe(true);
  const serials = certificates.map(({ serialNumber }) => BigInt(`0x${serialNumber}`));
  expect(serials.every((serial) => serial > 0n && serial < 2n ** 63n - 1n)).toBe(true);
  expect(new Set(serials).size).toBe(200);
});

test("a certificate begins five minutes ago and ends after its period", async () => {
  const leaf = await issueCertificate({ spec: SERVER, signer: ca, nowMs: NOW_MS });
  const certificate = new X509Certificate(leaf.certPem);
  expect(certificate.validFrom).toBe("Nov 22 17:55:00 2026 GMT");
  expect(certificate.validTo).toBe("Nov 22 18:00:00 2027 GMT");
});

test("a certificate for a kubeconfig begins with its CA", async () => {
  const laterMs = NOW_MS + 86_400_000;
  const leaf = await issueCertificate({ spec: SERVER, signer: ca, nowMs: laterMs, notBefore: "ca" });
  expect(new X509Certificate(leaf.certPem).validFrom).toBe("Nov 22 17:55:00 2026 GMT");
});

test.each([
  ["RSA-2048", { type: "pkcs1", format: "der" }, 0],
  ["ECDSA-P256", { type: "spki", format: "der" }, -65],
  ["ECDSA-P384", { type: "spki", format: "der" }, -97],
] as const)("a %s CA is known by the hash of its public key's bits", async (algorithm, format, start) => {
  const spec = { ...buildCaSpec({ cluster, commonName: "x" }), algorithm };
  const certificate = new X509Certificate((await issueCertificate({ spec, nowMs: NOW_MS })).certPem);
  const bits = certificate.publicKey.export(format).subarray(start);
  const keyId = createHash("sha256").update(bits).digest().subarray(0, 20);
  const header = Buffer.from("0603551d0e04160414", "hex");
  expect(certificate.raw.includes(Buffer.concat([header, keyId]))).toBe(true);
});

test("a validity beyond 2050 is written", async () => {
  const spec = { ...SERVER, validityMs: 40 * 365 * 86_400_000 };
  const leaf = await issueCertificate({ spec, signer: ca, nowMs: NOW_MS });
  expect(new X509Certificate(leaf.certPem).validTo).toBe("Nov 12 18:00:00 2066 GMT");
});

test("organizations come before the common name", async () => {
  const spec = { ...SERVER, subject: { commonName: "user", organizations: ["system:masters"] } };
  const leaf = await issueCertificate({ spec, signer: ca, nowMs: NOW_MS });
  expect(new X509Certificate(leaf.certPem).subject).toBe("O=system:masters\nCN=user");
});

test("names beyond ASCII are kept", async () => {
  const spec = { ...SERVER, subject: { commonName: "jürgen_ß", organizations: ["b", "a"] } };
  const leaf = await issueCertificate({ spec, signer: ca, nowMs: NOW_MS });
  expect(new X509Certificate(leaf.certPem).subject).toContain("CN=jürgen_ß");
});

describe("service account keys", () => {
  test.each([
    ["RSA-2048", "RSA PRIVATE KEY"],
    ["ECDSA-P256", "EC PRIVATE KEY"],
  ] as const)("of kind %s belong together", async (algorithm, keyType) => {
    const keys = await issueServiceAccountKeys({ algorithm });
    expect(keys.privatePem).toContain(`BEGIN ${keyType}`);
    expect(keys.publicPem).toContain("BEGIN PUBLIC KEY");
    expect(createPublicKey(keys.publicPem).equals(createPublicKey(keys.privatePem))).toBe(true);
  });
});
