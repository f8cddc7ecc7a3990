import { X509Certificate } from "node:crypto";
import { readLedger } from "../../apply/ledger.ts";
import type { ClusterSettings } from "../../config/types.ts";
import { SlipwayError, whenOurs } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import { readIfThere } from "../../system/read-if-there.ts";
import type { System } from "../../system/system.ts";
import { readCredentials } from "../open-cluster.ts";
import { expectsKey } from "../read-earlier-plane.ts";
import {
  authorityFiles,
  findSigner,
  listAuthorities,
  listManagedCertificates,
  type ManagedCertificate,
} from "./managed-certificates.ts";

/** When one certificate ends, in kubeadm's own words. Source: kubeadm apis/output/v1alpha3 Certificate. */
export interface CertificateExpiration {
  readonly name: string;
  /** RFC 3339. */
  readonly expirationDate: string | undefined;
  /** Seconds. */
  readonly residualTime: number;
  readonly externallyManaged: boolean;
  readonly caName?: string;
  readonly missing?: true;
  /** Ours, not kubeadm's: why it cannot be read. */
  readonly unreadable?: string;
}

/** What `certs check-expiration` answers, as kubeadm's own answer so that its readers can read it. */
export interface ExpirationAnswer {
  readonly apiVersion: "output.kubeadm.k8s.io/v1alpha3";
  readonly kind: "CertificateExpirationInfo";
  readonly certificates: readonly CertificateExpiration[];
  readonly certificateAuthorities: readonly CertificateExpiration[];
  /** Ours, not kubeadm's: keys of CAs that init had and that are gone, so that nothing they sign can be renewed. */
  readonly lostKeys?: readonly string[];
}

/** When the certificates of a control plane end. Looks at files only. */
export async function runCheckExpiration(
  system: System,
  options: { readonly root: string; readonly cluster: ClusterSettings },
): Promise<ExpirationAnswer> {
  const { cluster, root } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const ledger = await readLedger(system, paths).catch(whenOurs);
  const lostKeys = new Set<string>();
  const isExternal = async (keyPath: string): Promise<boolean> => {
    if ((await system.fs.stat(keyPath)) !== undefined) return false;
    const lost = expectsKey(ledger, keyPath);
    if (lost) lostKeys.add(keyPath);
    return !lost;
  };
  const certificates = await Promise.all(
    listManagedCertificates(cluster, paths).map(async (managed): Promise<CertificateExpiration[]> => {
      const signer = await findSigner(system, { cluster, certificate: managed });
      const external = await isExternal(signer.keyPath);
      const caName = signer === managed.ownAuthority ? "runner-ca" : managed.authority.replace("/", "-");
      const read = () => readManaged(system, managed);
      const entry = await describe(system, { name: managed.name, read, external });
      return entry.missing === true && managed.optional ? [] : [{ ...entry, caName }];
    }),
  );
  const authorities = await Promise.all(
    listAuthorities(cluster).map(async ({ name, authority }) => {
      const { certPath, keyPath } = authorityFiles(cluster, authority);
      const read = () => readIfThere(system, certPath);
      return describe(system, { name, read, external: await isExternal(keyPath) });
    }),
  );
  return {
    apiVersion: "output.kubeadm.k8s.io/v1alpha3",
    kind: "CertificateExpirationInfo",
    certificates: certificates.flat(),
    certificateAuthorities: authorities,
    ...(lostKeys.size === 0 ? {} : { lostKeys: [...lostKeys].sort() }),
  };
}

/** A managed certificate's PEM; undefined when it is not there. Raises SLIPWAY_KUBECONFIG_INVALID and SLIPWAY_FILE_ACCESS. */
export async function readManaged(system: System, { file }: ManagedCertificate): Promise<string | undefined> {
  if (file.kind === "pair") return readIfThere(system, file.certPath);
  if ((await system.fs.stat(file.path)) === undefined) return undefined;
  return (await readCredentials(system, file.path)).cert;
}

/** One that cannot be read keeps none of the others from being told. */
async function describe(
  system: System,
  entry: {
    readonly name: string;
    readonly read: () => Promise<string | undefined>;
    readonly external: boolean;
  },
): Promise<CertificateExpiration> {
  const { name, read, external } = entry;
  const unknown = { name, expirationDate: undefined, residualTime: 0, externallyManaged: false };
  try {
    const pem = await read();
    if (pem === undefined) return { ...unknown, missing: true };
    const endMs = Date.parse(parseManaged(name, pem).validTo);
    return {
      name,
      expirationDate: formatRfc3339(endMs),
      residualTime: Math.floor((endMs - system.clock.nowMs()) / 1000),
      externallyManaged: external,
    };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { ...unknown, unreadable: `${error.what}: ${error.why}; ${error.fix}` };
  }
}

/** Raises SLIPWAY_CERT_UNREADABLE. */
function parseManaged(name: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new SlipwayError({
      code: "SLIPWAY_CERT_UNREADABLE",
      what: `the certificate ${name} cannot be read`,
      why: "its text is no PEM certificate",
      fix: "move its file away, then have it made anew: slipway init phase certs all",
      cause: error,
    });
  }
}
