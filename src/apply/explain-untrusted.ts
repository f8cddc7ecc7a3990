import { dirname } from "node:path";
import { canonicalAddress } from "../core/cidr.ts";
import { SlipwayError } from "../core/errors.ts";
import { whenReadable } from "../facts/list-processes.ts";
import { checkCertificate } from "../pki/check-certificate.ts";
import { isPair } from "../pki/is-pair.ts";
import type { System } from "../system/system.ts";
import { type ContainerSubject, findFlag, findStatus } from "./container-subject.ts";
import type { ContainerFailure } from "./explain-container.ts";

/**
 * That an API server which its probes call ready is refused by all who check its certificate: it has ended, is for other
 * addresses, or another CA has signed it. What the file says counts, for the server loads it again whenever it changes.
 * Undefined of a certificate from elsewhere than beside the cluster's CA, whose clients may trust another. Source:
 * apiserver pkg/server/dynamiccertificates, kubelet prober (HTTPS probes do not verify).
 */
export async function explainUntrusted(
  system: Pick<System, "clock" | "fs">,
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const [certPath = "", keyPath = "", caPath = "", address = ""] = FLAGS.map((flag) =>
    findFlag(subject, flag),
  );
  if (certPath === "" || caPath === "" || dirname(certPath) !== dirname(caPath)) return undefined;
  const [certPem, keyPem, caPem] = await Promise.all(
    [certPath, keyPath, caPath].map((path) => whenReadable(system.fs.readText(path))),
  );
  if (certPem === undefined || caPem === undefined) return undefined;
  // A pair that does not fit is not loaded; of several CAs clients may trust any.
  if (keyPem !== undefined && !isPair({ certPem, keyPem })) return undefined;
  if (caPem.split("BEGIN CERTIFICATE").length !== 2) return undefined;
  const wanted = canonicalAddress(address);
  try {
    checkCertificate({
      certPem,
      caPem,
      keyPem: undefined,
      keyless: true,
      certPath,
      keyPath,
      nowMs: system.clock.nowMs(),
      spec: { ...SERVING, ipAddresses: wanted === undefined ? [] : [wanted] },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    // What cannot be loaded changes nothing for a server that runs.
    if (error.code === "SLIPWAY_CERT_UNREADABLE") return undefined;
    return {
      summary: "up, but not trusted",
      cause: `${error.what}: ${error.why}`,
      fix: error.fix,
      logLines: [],
      permanent: true,
      inManifest: false,
      restartCount: findStatus(subject)?.restartCount ?? 0,
    };
  }
}

const FLAGS = ["tls-cert-file", "tls-private-key-file", "client-ca-file", "advertise-address"];

/** What a serving certificate is good for, but for its addresses. */
const SERVING = {
  subject: { commonName: "", organizations: [] },
  isCa: false,
  usages: ["serverAuth"],
  dnsNames: [],
  algorithm: "ECDSA-P256",
  validityMs: 0,
} as const;
