import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { buildCaSpec, buildLeafSpec } from "../../../src/pki/certificate-spec.ts";
import { checkAuthority } from "../../../src/pki/check-authority.ts";
import { issueCertificate } from "../../../src/pki/issue.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const nowMs = Date.UTC(2026, 10, 22);
const { cluster } = sampleInitConfig();
const CA = buildCaSpec({ cluster, commonName: "kubernetes" });
const [ca, other] = [
  await issueCertificate({ spec: CA, nowMs }),
  await issueCertificate({ spec: CA, nowMs }),
];
const leaf = await issueCertificate({
  spec: buildLeafSpec({ cluster, subject: { commonName: "a", organizations: [] }, usages: ["clientAuth"] }),
  signer: ca,
  nowMs,
});

const check = (change: { certPem?: string; keyPem?: string; nowMs?: number }): void =>
  checkAuthority({ ...ca, nowMs, certPath: "/pki/ca.crt", keyPath: "/pki/ca.key", ...change });

function makeKey(type: "ed25519" | "secp256k1" | "with a passphrase"): string {
  if (type === "ed25519")
    return generateKeyPairSync(type).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const namedCurve = type === "secp256k1" ? type : "prime256v1";
  const { privateKey } = generateKeyPairSync("ec", { namedCurve });
  const lock = type === "secp256k1" ? {} : { cipher: "aes-256-cbc", passphrase: "x" };
  return privateKey.export({ type: "pkcs8", format: "pem", ...lock }).toString();
}

test("a CA with its key can sign, whatever follows it in its file", () => {
  check({});
  check({ certPem: ca.certPem + other.certPem });
});

test.each([
  ["another CA's key", { keyPem: other.keyPem }, "SLIPWAY_CERT_KEY_MISMATCH"],
  ["another CA before it", { certPem: other.certPem + ca.certPem }, "SLIPWAY_CERT_KEY_MISMATCH"],
  ["no CA's certificate", leaf, "SLIPWAY_CERT_WRONG_PURPOSE"],
  ["a certificate that has ended", { nowMs: nowMs + 11 * 365 * 86_400_000 }, "SLIPWAY_CERT_EXPIRED"],
  ["rubbish as its certificate", { certPem: "rubbish" }, "SLIPWAY_CERT_UNREADABLE"],
  ["rubbish as its key", { keyPem: "rubbish" }, "SLIPWAY_CERT_UNREADABLE"],
  ["a key with a passphrase", { keyPem: makeKey("with a passphrase") }, "SLIPWAY_CERT_UNREADABLE"],
  ["an Ed25519 key", { keyPem: makeKey("ed25519") }, "SLIPWAY_CERT_UNREADABLE"],
  ["a key of a curve that Go does not know", { keyPem: makeKey("secp256k1") }, "SLIPWAY_CERT_UNREADABLE"],
])("one with %s cannot sign", (_name, change, code) => {
  expect(() => check(change)).toThrow(expect.objectContaining({ code }));
});
