import { X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { issueCertificate } from "../../src/pki/issue.ts";
import { readCertificateSpec } from "../../src/pki/read-certificate-spec.ts";
import type { KeyPair } from "../../src/pki/types.ts";
import type { TestPlane } from "./plane.ts";

export const YEAR_MS = 365 * 86_400_000;

/** How a certificate differs from the one that it is made like. */
export interface CertificateChange {
  /** When it is issued. */
  readonly nowMs?: number;
  /** A year, when it is not given. */
  readonly validityMs?: number;
  readonly ipAddresses?: readonly string[];
  /** The CA that signs it, such as `etcd/ca`; the cluster's, when it is not given. */
  readonly ca?: string;
}

/** The certificates and keys of a plane, by their names without an ending. */
export function openPki(plane: TestPlane) {
  const pathOf = (file: string): string => plane.path(`etc/kubernetes/pki/${file}`);
  const readPair = async (name: string): Promise<KeyPair> => ({
    certPem: await readFile(pathOf(`${name}.crt`), "utf8"),
    keyPem: await readFile(pathOf(`${name}.key`), "utf8"),
  });
  return {
    pathOf,
    readPair,
    writePair: async (name: string, { certPem, keyPem }: KeyPair): Promise<void> => {
      await writeFile(pathOf(`${name}.key`), keyPem);
      await writeFile(pathOf(`${name}.crt`), certPem);
    },
    /** A new key and a certificate like this one but for the change; they are written nowhere. */
    issueLike: async (certPem: string, change: CertificateChange = {}): Promise<KeyPair> => {
      const { nowMs = Date.now(), validityMs = YEAR_MS, ca = "ca", ...names } = change;
      const spec = { ...readCertificateSpec(new X509Certificate(certPem)), ...names, validityMs };
      return issueCertificate({ spec, nowMs, signer: await readPair(ca) });
    },
  };
}
