import type { CertificateSpec } from "./types.ts";

/** An existing certificate as it was read; undefined for a file that is not there. */
export interface ExistingCertificate {
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  /** The CA that must have signed it; not looked at when `spec` is a CA's own. */
  readonly caPem: string | undefined;
  /** What it must be good for. More names and groups than asked for are fine; the key may be of another kind. */
  readonly spec: CertificateSpec;
  /** Its key is elsewhere. */
  readonly keyless?: boolean;
  readonly nowMs: number;
  readonly certPath: string;
  readonly keyPath: string;
}
