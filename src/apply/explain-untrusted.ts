import { dirname } from "node:path";
import { canonicalAddress } from "../core/cidr.ts";
import { SlipwayError } from "../core/errors.ts";
import { whenReadable } from "../facts/list-processes.ts";
import { checkCertificate } from "../pki/check-certificate.ts";
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
  const [certPath, caPath, address] = ["tls-cert-file", "client-ca-file", "advertise-address"].map((flag) =>
    findFlag(subject, flag),
  );
  if (certPath === undefined || caPath === undefined || dirname(certPath) !== dirname(caPath))
    return undefined;
  const [certPem, caPem] = await Promise.all(
    [certPath, caPath].map((path) => whenReadable(system.fs.readText(path))),
  );
  if (certPem === undefined || caPem === undefined) return undefined;
  const wanted = canonicalAddress(address ?? "");
  try {
    checkCertificate({
      certPem,
      caPem,
      keyPem: undefined,
      keyless: true,
      certPath,
      keyPath: findFlag(subject, "tls-private-key-file") ?? certPath,
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

/** What a serving certificate is good for, but for its addresses. */
const SERVING = {
  subject: { commonName: "", organizations: [] },
  isCa: false,
  usages: ["serverAuth"],
  dnsNames: [],
  algorithm: "ECDSA-P256",
  validityMs: 0,
} as const;
