import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EncryptionAlgorithm } from "../../src/config/types.ts";
import { buildKubeconfigs } from "../../src/kubeconfig/kubeconfig-list.ts";
import { buildClusterCertificates } from "../../src/pki/certificate-list.ts";
import { issueCertificate, issueServiceAccountKeys } from "../../src/pki/issue.ts";
import type { KeyPair } from "../../src/pki/types.ts";
import { sampleInitConfig } from "../support/init-config.ts";

const KEY_LINES = {
  "RSA-2048": "Public-Key: (2048 bit)",
  "RSA-3072": "Public-Key: (3072 bit)",
  "RSA-4096": "Public-Key: (4096 bit)",
  "ECDSA-P256": "NIST CURVE: P-256",
  "ECDSA-P384": "NIST CURVE: P-384",
} as const satisfies Record<EncryptionAlgorithm, string>;

const SIGNATURES = {
  "RSA-2048": "sha256WithRSAEncryption",
  "RSA-3072": "sha256WithRSAEncryption",
  "RSA-4096": "sha256WithRSAEncryption",
  "ECDSA-P256": "ecdsa-with-SHA256",
  "ECDSA-P384": "ecdsa-with-SHA384",
} as const satisfies Record<EncryptionAlgorithm, string>;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-pki-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function openssl(...args: readonly string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function save(name: string, text: string): string {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** All certificates of a default cluster; returns the paths of each certificate and its CA's. */
async function issueAll(
  algorithm: EncryptionAlgorithm,
): Promise<ReadonlyMap<string, { readonly path: string; readonly caPath: string }>> {
  const config = sampleInitConfig({ cluster: { encryptionAlgorithm: algorithm } });
  const pairs = new Map<string, KeyPair>();
  const paths = new Map<string, { readonly path: string; readonly caPath: string }>();
  for (const { name, signer: signerName, spec } of buildClusterCertificates(config)) {
    const signer = pairs.get(signerName ?? "");
    const pair = await issueCertificate({
      spec,
      nowMs: Date.now(),
      ...(signer === undefined ? {} : { signer }),
    });
    pairs.set(name, pair);
    save(`${algorithm}/${name}.key`, pair.keyPem);
    const path = save(`${algorithm}/${name}.crt`, pair.certPem);
    paths.set(name, { path, caPath: join(dir, algorithm, `${signerName ?? name}.crt`) });
  }
  return paths;
}

/** The extensions as openssl prints them, identifiers hidden. */
function extensionsOf(path: string): string {
  const text = openssl("x509", "-in", path, "-noout", "-text");
  const start = text.indexOf("X509v3 extensions:");
  const end = text.indexOf("    Signature Algorithm:", start);
  return text
    .slice(start, end)
    .split("\n")
    .slice(1)
    .map((line) => line.trim().replace(/^(?:[0-9A-F]{2}:){19}[0-9A-F]{2}$/, "<id>"))
    .filter((line) => line !== "")
    .join("\n");
}

describe.each(["RSA-2048", "RSA-3072", "ECDSA-P256", "ECDSA-P384"] as const)("with %s", (algorithm) => {
  test("openssl verifies every certificate up to its CA, and reads every key", async () => {
    for (const [name, { path, caPath }] of await issueAll(algorithm)) {
      expect(openssl("verify", "-x509_strict", "-check_ss_sig", "-CAfile", caPath, path), name).toContain(
        ": OK",
      );
      const text = openssl("x509", "-in", path, "-noout", "-text");
      expect(text, name).toContain(KEY_LINES[algorithm]);
      expect(text.split(`Signature Algorithm: ${SIGNATURES[algorithm]}`), name).toHaveLength(3);
      const keyPath = path.replace(/crt$/, "key");
      expect(openssl("pkey", "-in", keyPath, "-pubout"), name).toBe(
        openssl("x509", "-in", path, "-noout", "-pubkey"),
      );
    }
  });

  test("openssl reads the service account keys as one pair", async () => {
    const keys = await issueServiceAccountKeys({ algorithm });
    const keyPath = save(`${algorithm}/sa.key`, keys.privatePem);
    expect(openssl("pkey", "-in", keyPath, "-pubout")).toBe(keys.publicPem);
  });
});

describe("the extensions are kubeadm's, in its order", () => {
  let paths: ReadonlyMap<string, { readonly path: string; readonly caPath: string }>;
  beforeAll(async () => {
    paths = await issueAll("ECDSA-P256");
  });

  test.each([
    ["ca", "kubernetes"],
    ["front-proxy-ca", "front-proxy-ca"],
    ["etcd/ca", "etcd-ca"],
  ])("in the CA %s", (name, commonName) => {
    expect(extensionsOf(paths.get(name)?.path ?? "")).toBe(
      [
        "X509v3 Key Usage: critical",
        "Digital Signature, Key Encipherment, Certificate Sign",
        "X509v3 Basic Constraints: critical",
        "CA:TRUE",
        "X509v3 Subject Key Identifier:",
        "<id>",
        "X509v3 Subject Alternative Name:",
        `DNS:${commonName}`,
      ].join("\n"),
    );
  });

  const leaf = (usage: string, names: readonly string[]): string =>
    [
      "X509v3 Key Usage: critical",
      "Digital Signature, Key Encipherment",
      "X509v3 Extended Key Usage:",
      usage,
      "X509v3 Basic Constraints: critical",
      "CA:FALSE",
      "X509v3 Authority Key Identifier:",
      "<id>",
      ...(names.length === 0 ? [] : ["X509v3 Subject Alternative Name:", names.join(", ")]),
    ].join("\n");

  const ETCD_NAMES = [
    "DNS:localhost",
    "DNS:node01",
    "IP Address:10.77.0.1",
    "IP Address:127.0.0.1",
    "IP Address:0:0:0:0:0:0:0:1",
  ];

  test.each([
    ["apiserver-kubelet-client"],
    ["front-proxy-client"],
    ["etcd/healthcheck-client"],
    ["apiserver-etcd-client"],
  ])("in the client %s", (name) => {
    expect(extensionsOf(paths.get(name)?.path ?? "")).toBe(leaf("TLS Web Client Authentication", []));
  });

  test.each([["etcd/server"], ["etcd/peer"]])("in %s", (name) => {
    expect(extensionsOf(paths.get(name)?.path ?? "")).toBe(
      leaf("TLS Web Server Authentication, TLS Web Client Authentication", ETCD_NAMES),
    );
  });

  test("in the API server's", () => {
    expect(extensionsOf(paths.get("apiserver")?.path ?? "")).toBe(
      leaf("TLS Web Server Authentication", [
        "DNS:kubernetes",
        "DNS:kubernetes.default",
        "DNS:kubernetes.default.svc",
        "DNS:kubernetes.default.svc.cluster.local",
        "DNS:node01",
        "IP Address:10.96.0.1",
        "IP Address:10.77.0.1",
      ]),
    );
  });

  test("a leaf's authority is its CA's subject key", () => {
    const idOf = (path: string, extension: string): string =>
      openssl("x509", "-in", path, "-noout", "-ext", extension).split("\n")[1]?.trim() ?? "";
    const { path = "", caPath = "" } = paths.get("etcd/server") ?? {};
    expect(idOf(path, "authorityKeyIdentifier")).toBe(idOf(caPath, "subjectKeyIdentifier"));
  });
});

test("the client certificates of the kubeconfigs are for clients only", async () => {
  const config = sampleInitConfig();
  const [caCertificate] = buildClusterCertificates(config);
  if (caCertificate === undefined) throw new Error("no CA");
  const signer = await issueCertificate({ spec: caCertificate.spec, nowMs: Date.now() });
  const caPath = save("kubeconfig/ca.crt", signer.certPem);
  for (const { name, certificate } of buildKubeconfigs(config)) {
    const pair = await issueCertificate({ spec: certificate, signer, nowMs: Date.now(), notBefore: "ca" });
    const path = save(`kubeconfig/${name}.crt`, pair.certPem);
    expect(openssl("verify", "-purpose", "sslclient", "-CAfile", caPath, path)).toContain(": OK");
    expect(() => openssl("verify", "-purpose", "sslserver", "-CAfile", caPath, path)).toThrow();
  }
});
