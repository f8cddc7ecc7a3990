import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyPair } from "./types.ts";

/** Whether a certificate and a key, both PEM, belong together; false also where one of them cannot be read. */
export function isPair({ certPem, keyPem }: KeyPair): boolean {
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}
