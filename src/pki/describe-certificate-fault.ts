import { formatElapsed } from "../core/duration.ts";
import type { ErrorCode } from "../core/error-codes.ts";
import { SlipwayError } from "../core/errors.ts";
import { moveCommand } from "../core/quote-shell.ts";
import type { CertificateSpec } from "./types.ts";

/** What can be wrong with an existing certificate that can be read. */
export type CertificateFault =
  | { readonly kind: "expired"; readonly untilMs: number; readonly nowMs: number }
  | { readonly kind: "not-yet-valid"; readonly fromMs: number; readonly nowMs: number }
  | { readonly kind: "no-ca" }
  | { readonly kind: "wrong-ca"; readonly issuer: string; readonly ca: string }
  | { readonly kind: "no-ca-flag" }
  | { readonly kind: "ca-flag" }
  | { readonly kind: "usage"; readonly usage: CertificateSpec["usages"][number] }
  | { readonly kind: "subject"; readonly missing: string; readonly found: string }
  | { readonly kind: "names"; readonly missing: readonly string[] }
  | { readonly kind: "no-key" }
  | { readonly kind: "other-key" };

/** Where a certificate and its key lie; the same path for a kubeconfig, which holds both. */
export interface CertificatePlace {
  readonly certPath: string;
  readonly keyPath: string;
}

/** The failure that a fault is to a user, with the way out. */
export function describeCertificateFault(place: CertificatePlace, fault: CertificateFault): SlipwayError {
  const { code, why, fix } = explain(place, fault);
  return new SlipwayError({
    code,
    what: `the certificate in ${place.certPath} cannot be used`,
    why,
    fix: fix ?? moveAway([place.certPath, place.keyPath]),
  });
}

/** The command that takes files out of the way, so that new ones are made. */
export function moveAway(paths: readonly string[]): string {
  const moves = [...new Set(paths)].map((path) => moveCommand(path));
  return `take it out of the way and have a new one made: ${moves.join("; ")}; slipway init`;
}

interface Explanation {
  readonly code: ErrorCode;
  readonly why: string;
  readonly fix?: string;
}

function explain(place: CertificatePlace, fault: CertificateFault): Explanation {
  switch (fault.kind) {
    case "expired":
    case "not-yet-valid":
      return explainValidity(fault);
    case "no-ca":
      return {
        code: "SLIPWAY_CERT_WRONG_CA",
        why: "the certificate of its CA is not there or cannot be read",
      };
    case "wrong-ca":
      return {
        code: "SLIPWAY_CERT_WRONG_CA",
        why: `it was not signed by this cluster's CA (${oneLine(fault.ca)}); its issuer is ${oneLine(fault.issuer)}`,
      };
    case "names":
      return { code: "SLIPWAY_CERT_SAN_MISSING", why: `it is not valid for ${fault.missing.join(", ")}` };
    case "no-key":
      return {
        code: "SLIPWAY_CERT_KEY_MISSING",
        why: `its private key ${place.keyPath} is not there`,
        fix: `put the key back at ${place.keyPath}, or ${moveAway([place.certPath])}`,
      };
    case "other-key":
      return {
        code: "SLIPWAY_CERT_KEY_MISMATCH",
        why: `the private key in ${place.keyPath} belongs to another certificate`,
        fix: `put the key that belongs to it back there, or ${moveAway([place.certPath, place.keyPath])}`,
      };
    default:
      return { code: "SLIPWAY_CERT_WRONG_PURPOSE", why: explainPurpose(fault) };
  }
}

type PurposeFault = Extract<
  CertificateFault,
  { readonly kind: "no-ca-flag" | "ca-flag" | "usage" | "subject" }
>;

function explainPurpose(fault: PurposeFault): string {
  switch (fault.kind) {
    case "no-ca-flag":
      return "it is not a CA's, so nothing can be signed with it";
    case "ca-flag":
      return "it is a CA's, and must not be";
    case "usage":
      return fault.usage === "serverAuth" ? "it is not valid for servers" : "it is not valid for clients";
    case "subject":
      return `its subject has no ${fault.missing}; it is ${fault.found}`;
  }
}

function explainValidity(fault: Extract<CertificateFault, { readonly nowMs: number }>): Explanation {
  const code = "SLIPWAY_CERT_EXPIRED";
  if (fault.kind === "expired") {
    return {
      code,
      why: `it expired on ${day(fault.untilMs)}, ${formatElapsed(fault.nowMs - fault.untilMs)} ago`,
    };
  }
  return {
    code,
    why: `it is valid from ${moment(fault.fromMs)}, and the clock says ${moment(fault.nowMs)}`,
    fix: "set the machine's clock (see: date -u), then run the command again",
  };
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
