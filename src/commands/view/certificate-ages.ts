import { X509Certificate } from "node:crypto";
import type { LedgerEntry } from "../../apply/ledger.ts";
import { parseKubeconfig } from "../../kubeconfig/parse-kubeconfig.ts";
import type { System } from "../../system/system.ts";

/** When a certificate of the cluster ends. */
export interface CertificateAge {
  readonly path: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** It begins later than now: it was made with another clock. */
  readonly notYetValid: boolean;
  /** Whole days; negative when it has ended. */
  readonly daysLeft: number;
}

const DAY_MS = 86_400_000;

/** The certificates and kubeconfigs that a ledger lists and that can be read, those that end first before others. */
export async function readCertificateAges(
  system: System,
  entries: readonly LedgerEntry[],
): Promise<readonly CertificateAge[]> {
  const paths = entries.map(({ path }) => path).filter((path) => /\.(?:crt|conf)$/.test(path));
  const ages = await Promise.all(paths.map((path) => readAge(system, path)));
  return ages
    .filter((age) => age !== undefined)
    .sort((left, right) => left.daysLeft - right.daysLeft || (left.path < right.path ? -1 : 1));
}

/** Undefined for a file that is not there, not ours to read or not a certificate: the components say more of those. */
async function readAge(system: System, path: string): Promise<CertificateAge | undefined> {
  try {
    const text = await system.fs.readText(path);
    const pem = path.endsWith(".conf") ? parseKubeconfig({ text, path }).cert : text;
    const { validFrom, validTo } = new X509Certificate(pem);
    const [startMs, endMs, nowMs] = [Date.parse(validFrom), Date.parse(validTo), system.clock.nowMs()];
    return {
      path,
      notBefore: new Date(startMs).toISOString(),
      notAfter: new Date(endMs).toISOString(),
      notYetValid: nowMs < startMs,
      daysLeft: Math.floor((endMs - nowMs) / DAY_MS),
    };
  } catch {
    return undefined;
  }
}
