import type { FailurePattern } from "./failure-pattern.ts";

/** What components say of certificates and keys, their own and the other side's; the more telling one first. */
export const CERTIFICATE_CAUSES: readonly FailurePattern[] = [
  {
    pattern: /private key does not match public key/,
    permanent: true,
    explain: (_match, component) => ({
      cause: `a private key of ${component} does not belong to its certificate`,
      fix: "move the wrong one of the pair away, which init names, then: slipway init",
    }),
  },
  {
    pattern: /tls: failed to find any PEM data in (\w+) input/,
    permanent: true,
    explain: ([, kind], component) => ({
      cause: `a ${kind} of ${component} holds no PEM text`,
      fix: "move it away, then slipway init makes a new one; to have it named: slipway doctor",
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
      fix: "set the clock right (date -u); if it is right, the certificates were made with a wrong one: slipway reset; slipway init",
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
      fix: "move that certificate and its key away, then have one made for the present addresses: slipway init",
    }),
  },
  {
    pattern: /certificate signed by unknown authority/,
    permanent: true,
    livesOn: true,
    explain: (_match, component) => ({
      cause: `${component} meets a certificate that another CA signed than the one it trusts`,
      fix: "move it (slipway init names it) and its key away, or the old kubeconfig; run slipway init again, then: slipway restart etcd",
    }),
  },
  {
    pattern: /remote error: tls: (?:unknown certificate authority|bad certificate|certificate required)/,
    permanent: true,
    livesOn: true,
    explain: (_match, component) => ({
      cause: `the other side refuses the client certificate of ${component}: another CA signed it`,
      fix: "move the certificate and its key away (slipway init names it); or, if etcd's CA was made anew: slipway restart etcd",
    }),
  },
];
