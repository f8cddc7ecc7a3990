import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { ErrorCode } from "../../../src/core/error-codes.ts";
import { SlipwayError } from "../../../src/core/errors.ts";
import { buildCaSpec, buildLeafSpec } from "../../../src/pki/certificate-spec.ts";
import { checkCertificate, checkServiceAccountKeys } from "../../../src/pki/check-certificate.ts";
import type { ExistingCertificate } from "../../../src/pki/existing-certificate.ts";
import { issueCertificate, issueServiceAccountKeys } from "../../../src/pki/issue.ts";
import type { CertificateSpec, KeyPair, ServiceAccountKeys } from "../../../src/pki/types.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const NOW_MS = Date.parse("2026-11-22T18:00:00Z");
const DAY_MS = 86_400_000;
const { cluster } = sampleInitConfig();

const CA = buildCaSpec({ cluster, commonName: "kubernetes" });
const SERVER = buildLeafSpec({
  cluster,
  subject: { commonName: "kube-apiserver", organizations: [] },
  usages: ["serverAuth"],
  names: { dnsNames: ["*.example.com", "node01"], ipAddresses: ["10.77.0.1", "::1"] },
});
const CLIENT = buildLeafSpec({
  cluster,
  subject: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] },
  usages: ["clientAuth"],
});

let ca: KeyPair;
let otherCa: KeyPair;
let server: KeyPair;
let client: KeyPair;
beforeAll(async () => {
  [ca, otherCa] = await Promise.all([issue(CA), issue(CA)]);
  [server, client] = await Promise.all([issue(SERVER, ca), issue(CLIENT, ca)]);
});

function issue(spec: CertificateSpec, signer?: KeyPair): Promise<KeyPair> {
  return issueCertificate({ spec, nowMs: NOW_MS, ...(signer === undefined ? {} : { signer }) });
}

function existing(changes: Partial<ExistingCertificate> = {}): ExistingCertificate {
  return {
    ...server,
    caPem: ca.certPem,
    spec: SERVER,
    nowMs: NOW_MS,
    certPath: "/pki/apiserver.crt",
    keyPath: "/pki/apiserver.key",
    ...changes,
  };
}

function failureOf(action: () => void): SlipwayError {
  try {
    action();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function expectRefused(changes: Partial<ExistingCertificate>, code: ErrorCode): SlipwayError {
  const failure = failureOf(() => checkCertificate(existing(changes)));
  expect(failure.code).toBe(code);
  return failure;
}

describe("a certificate that fits is kept", () => {
  test("a server's, a client's and a CA's", () => {
    checkCertificate(existing());
    checkCertificate(existing({ ...client, spec: CLIENT }));
    checkCertificate(existing({ ...ca, spec: CA, caPem: undefined }));
  });

  test("with more names and groups than are needed", async () => {
    checkCertificate(existing({ spec: { ...SERVER, dnsNames: ["node01"], ipAddresses: ["::1"] } }));
    checkCertificate(
      existing({ ...client, spec: { ...CLIENT, subject: { ...CLIENT.subject, organizations: [] } } }),
    );
  });

  test("with a wildcard for the name that is needed", () => {
    checkCertificate(existing({ spec: { ...SERVER, dnsNames: ["api.example.com"] } }));
  });

  test("signed through an intermediate that stands in the same file", async () => {
    const middle = await issue({ ...CA, subject: { commonName: "middle", organizations: [] } }, ca);
    const leaf = await issue(SERVER, middle);
    checkCertificate(existing({ ...leaf, certPem: leaf.certPem + middle.certPem }));
    expectRefused({ ...leaf }, "SLIPWAY_CERT_WRONG_CA");
  });
});

test("an expired certificate is refused with the date and the way to a new one", () => {
  const failure = expectRefused({ nowMs: NOW_MS + 417 * DAY_MS }, "SLIPWAY_CERT_EXPIRED");
  expect(failure.what).toBe("the certificate in /pki/apiserver.crt cannot be used");
  expect(failure.why).toBe("it expired on 2027-11-22, 52d ago");
  expect(failure.fix).toContain("mv /pki/apiserver.crt /pki/apiserver.crt.old; mv /pki/apiserver.key");
});

test("a certificate of the future points at the clock", () => {
  const failure = expectRefused({ nowMs: NOW_MS - DAY_MS }, "SLIPWAY_CERT_EXPIRED");
  expect(failure.why).toBe("it is valid from 2026-11-22T17:55:00Z, and the clock says 2026-11-21T18:00:00Z");
  expect(failure.fix).toContain("clock");
});

test("a certificate of another CA is refused, even when that CA has the same name", () => {
  expectRefused({ caPem: otherCa.certPem }, "SLIPWAY_CERT_WRONG_CA");
});

test.each([undefined, "nonsense"])("a certificate whose CA is %j is refused", (caPem) => {
  expectRefused({ caPem }, "SLIPWAY_CERT_WRONG_CA");
});

test("every missing name is told", () => {
  const spec = { ...SERVER, dnsNames: ["node01", "node02"], ipAddresses: ["::1", "10.0.0.9"] };
  expect(expectRefused({ spec }, "SLIPWAY_CERT_SAN_MISSING").why).toBe(
    "it is not valid for node02, 10.0.0.9",
  );
});

test("a certificate without any name lacks them all", () => {
  const spec: CertificateSpec = { ...CLIENT, dnsNames: ["node01"] };
  expect(expectRefused({ ...client, spec }, "SLIPWAY_CERT_SAN_MISSING").why).toContain("node01");
});

test.each([
  ["a client's for a server", () => ({ ...client, spec: SERVER }), "not valid for servers"],
  ["a server's for a client", () => ({ spec: CLIENT }), "not valid for clients"],
  ["a leaf for a CA", () => ({ spec: CA }), "not a CA's"],
  [
    "a user's for another",
    () => ({ ...client, spec: { ...CLIENT, subject: { ...CLIENT.subject, commonName: "eve" } } }),
    "no CN=eve",
  ],
] as const)("%s is refused", (_name, changes, why) => {
  expect(expectRefused(changes(), "SLIPWAY_CERT_WRONG_PURPOSE").why).toContain(why);
});

test("a CA is refused as a leaf", async () => {
  const middle = await issue(CA, ca);
  expectRefused({ ...middle }, "SLIPWAY_CERT_WRONG_PURPOSE");
});

test("a missing or foreign key is refused", () => {
  expect(expectRefused({ keyPem: undefined }, "SLIPWAY_CERT_KEY_MISSING").why).toContain(
    "/pki/apiserver.key",
  );
  expectRefused({ keyPem: client.keyPem }, "SLIPWAY_CERT_KEY_MISMATCH");
});

test("a key without its certificate is refused", () => {
  expect(expectRefused({ certPem: undefined }, "SLIPWAY_CERT_UNREADABLE").what).toContain("is missing");
});

test.each(["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])(
  "the text %j is no certificate",
  (certPem) => {
    expectRefused({ certPem }, "SLIPWAY_CERT_UNREADABLE");
  },
);

test("a damaged, a protected and an Ed25519 key are refused", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const plain = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const locked = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
  expect(expectRefused({ keyPem: "nonsense" }, "SLIPWAY_CERT_UNREADABLE").why).toContain("damaged");
  expect(expectRefused({ keyPem: locked.toString() }, "SLIPWAY_CERT_UNREADABLE").why).toContain("passphrase");
  expect(expectRefused({ keyPem: plain }, "SLIPWAY_CERT_UNREADABLE").why).toContain("ed25519");
});

test("no failure tells the key", () => {
  const failure = expectRefused({ keyPem: client.keyPem }, "SLIPWAY_CERT_KEY_MISMATCH");
  expect(`${failure.message}${failure.fix}${failure.stack}`).not.toContain("PRIVATE KEY-----");
});

describe("service account keys", () => {
  const place = { keyPath: "/pki/sa.key", pubPath: "/pki/sa.pub" };
  let keys: ServiceAccountKeys;
  let other: ServiceAccountKeys;
  beforeAll(async () => {
    const algorithm = "ECDSA-P256";
    [keys, other] = await Promise.all([
      issueServiceAccountKeys({ algorithm }),
      issueServiceAccountKeys({ algorithm }),
    ]);
  });

  test("that belong together are kept, beside older ones too", () => {
    checkServiceAccountKeys({ ...keys, ...place });
    checkServiceAccountKeys({ ...keys, publicPem: other.publicPem + keys.publicPem, ...place });
  });

  test.each([
    ["without a private key", () => ({ privatePem: undefined }), "SLIPWAY_CERT_KEY_MISSING"],
    ["without a public key", () => ({ publicPem: undefined }), "SLIPWAY_CERT_KEY_MISSING"],
    ["of different pairs", () => ({ publicPem: other.publicPem }), "SLIPWAY_CERT_KEY_MISMATCH"],
    ["with a damaged public key", () => ({ publicPem: "nonsense" }), "SLIPWAY_CERT_UNREADABLE"],
    ["with a damaged private key", () => ({ privatePem: "nonsense" }), "SLIPWAY_CERT_UNREADABLE"],
  ] as const)("%s are refused", (_name, changes, code) => {
    expect(failureOf(() => checkServiceAccountKeys({ ...keys, ...place, ...changes() })).code).toBe(code);
  });

  test("that are damaged go together when they are made anew", () => {
    const damaged = { ...keys, ...place, privatePem: "nonsense" };
    expect(failureOf(() => checkServiceAccountKeys(damaged)).fix).toContain(
      "mv /pki/sa.key /pki/sa.key.old; mv /pki/sa.pub /pki/sa.pub.old; slipway init",
    );
  });
});
