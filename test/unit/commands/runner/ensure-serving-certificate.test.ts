import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureServingCertificate } from "../../../../src/commands/runner/ensure-serving-certificate.ts";
import { issueCertificate } from "../../../../src/pki/issue.ts";
import { readCertificateSpec } from "../../../../src/pki/read-certificate-spec.ts";
import type { KubeletConfiguration } from "../../../../src/runner/types.ts";
import { createFileSystem } from "../../../../src/system/file-system.ts";
import { buildKubeletConfiguration } from "../../../support/cluster-values.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const YEAR_MS = 365 * 86_400_000;

let dir: string;
const certDir = (): string => join(dir, "pki");
const certPath = (): string => join(certDir(), "kubelet.crt");
const keyPath = (): string => join(certDir(), "kubelet.key");
const system = createFakeSystem({ fs: createFileSystem() });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-serving-"));
});
afterEach(() => rm(dir, { recursive: true }));

function ensure(change: Partial<KubeletConfiguration> = {}): Promise<KubeletConfiguration> {
  const kubelet = buildKubeletConfiguration({ enableServer: true, ...change });
  return ensureServingCertificate(system, {
    kubelet,
    certDir: certDir(),
    nodeName: "n1",
    nodeIp: "192.0.2.10",
  });
}

const readCertificate = async (): Promise<string> => readFile(certPath(), "utf8");

test("a server without a certificate gets one that it signs itself, for its name and address", async () => {
  expect(await ensure()).toMatchObject({ tlsCertFile: certPath(), tlsPrivateKeyFile: keyPath() });
  const certificate = new X509Certificate(await readCertificate());
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(readCertificateSpec(certificate)).toMatchObject({
    subject: { commonName: "n1" },
    usages: ["serverAuth"],
    dnsNames: ["n1"],
    ipAddresses: ["192.0.2.10"],
  });
  expect([(await stat(keyPath())).mode & 0o777, (await stat(certDir())).mode & 0o777]).toEqual([
    0o600, 0o700,
  ]);
});

test("the one that is there stays, also when it is somebody else's and has ended", async () => {
  await ensure();
  const first = await readCertificate();
  await ensure();
  expect(await readCertificate()).toBe(first);
  const spec = { ...readCertificateSpec(new X509Certificate(first)), validityMs: 1000 };
  const signer = await issueCertificate({ spec: { ...spec, isCa: true, usages: [] }, nowMs: Date.now() });
  const { certPem } = await issueCertificate({ spec, signer, nowMs: system.clock.nowMs() - YEAR_MS });
  await writeFile(certPath(), certPem);
  await ensure();
  expect(await readCertificate()).toBe(certPem);
});

test("its own that has ended, or that a power cut has emptied, is made anew", async () => {
  await ensure();
  const spec = { ...readCertificateSpec(new X509Certificate(await readCertificate())), validityMs: 1000 };
  const { certPem } = await issueCertificate({ spec, nowMs: system.clock.nowMs() - YEAR_MS });
  for (const old of [certPem, ""]) {
    await writeFile(certPath(), old);
    await ensure();
    const until = Date.parse(new X509Certificate(await readCertificate()).validTo);
    expect(until).toBeGreaterThan(system.clock.nowMs());
  }
});

test("a key without its certificate is refused, for it may be somebody's", async () => {
  await ensure();
  await rm(certPath());
  await expect(ensure()).rejects.toMatchObject({
    code: "SLIPWAY_CERT_KEY_MISSING",
    why: `${keyPath()} is there, but ${certPath()} is not`,
  });
});

test("nothing is made where no server is wanted or a certificate is named", async () => {
  const named = { tlsCertFile: "/x.crt", tlsPrivateKeyFile: "/x.key" };
  expect(await ensure(named)).toMatchObject(named);
  expect(await ensure({ enableServer: false })).toMatchObject({ tlsCertFile: undefined });
  await expect(stat(certDir())).rejects.toThrow("ENOENT");
});
