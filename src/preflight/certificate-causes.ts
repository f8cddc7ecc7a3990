import type { FailurePattern } from "./failure-pattern.ts";

/** What components say of certificates and keys, their own and the other side's; the more telling one first. */
export const CERTIFICATE_CAUSES: readonly FailurePattern[] = [
  {
    pattern: /private key does not match public key/,
    permanent: true,
    explain: (_match, component) => ({
      cause: `a private key of ${component} does not belong to its certificate`,
      fix: "slipway init names the pair; move the wrong one away and run it again",
    }),
  },
  {
    pattern: /tls: failed to find any PEM data in (\w+) input/,
    permanent: true,
    explain: ([, kind], component) => ({
      cause: `a ${kind} of ${component} holds no PEM text`,
      fix: "slipway doctor names it; move it away and run init again: it makes a new one",
    }),
  },
  {
    pattern: /certificate has expired or is not yet valid: current time (\S+) is after ([^\s"]+)/,
    permanent: true,
    livesOn: true,
    explain: ([, now, end]) => ({
      cause: `a certificate expired at ${end}, and it is ${now} now`,
      fix: "check the clock (date -u); if it is right, slipway init signs the certificate anew, then slipway restart etcd",
    }),
  },
  {
    pattern: /certificate has expired or is not yet valid: current time (\S+) is before ([^\s"]+)/,
    permanent: true,
    livesOn: true,
    explain: ([, now, start]) => ({
      cause: `a certificate is valid only from ${start}, and the clock says ${now}`,
      fix: "set the clock right (date -u); if it is right, the certificates were made with a wrong one: slipway reset, then slipway init",
    }),
  },
  {
    pattern: /remote error: tls: expired certificate/,
    permanent: true,
    livesOn: true,
    explain: (_match, component) => ({
      cause: `the other side refuses the client certificate of ${component}: it is expired or not valid yet`,
      fix: "check the clock (date -u); if it is right, slipway init signs the certificate anew, then slipway restart etcd",
    }),
  },
  {
    pattern: /certificate is valid for (.+), not ([^\s"]+)/,
    permanent: true,
    livesOn: true,
    explain: ([, names, wanted]) => ({
      cause: `a serving certificate is for ${names}, but it is reached as ${wanted}`,
      fix: "move that certificate and its key away and run init again: it makes one for the present addresses",
    }),
  },
  {
    pattern: /certificate signed by unknown authority/,
    permanent: true,
    livesOn: true,
    explain: (_match, component) => ({
      cause: `${component} meets a certificate that another CA signed than the one it trusts`,
      fix: "slipway init names it; move it and its key away (or the old kubeconfig) and run it again, then slipway restart etcd",
    }),
  },
  {
    pattern: /remote error: tls: (?:unknown certificate authority|bad certificate|certificate required)/,
    permanent: true,
    livesOn: true,
    explain: (_match, component) => ({
      cause: `the other side refuses the client certificate of ${component}: another CA signed it`,
      fix: "slipway restart etcd, if its CA was made anew; otherwise slipway init names the certificate: move it and its key away",
    }),
  },
];
