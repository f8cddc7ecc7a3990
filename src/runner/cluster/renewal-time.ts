import { X509Certificate } from "node:crypto";

/** When a certificate was made, ends, and is due to be made anew; milliseconds since 1970. */
export interface RenewalTime {
  readonly dueMs: number;
  readonly endMs: number;
}

/**
 * Due after 70 to 90 % of its life; `part` in [0, 1) says where in between, so that the nodes of a cluster do not
 * all come at once. Source: client-go util/certificate certificate_manager.go jitteryDuration.
 */
export function computeRenewalTime(certPem: string, part: number): RenewalTime {
  const certificate = new X509Certificate(certPem);
  const startMs = Date.parse(certificate.validFrom);
  const endMs = Date.parse(certificate.validTo);
  return { dueMs: startMs + (endMs - startMs) * (0.7 + 0.2 * part), endMs };
}
