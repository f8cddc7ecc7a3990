import { join } from "node:path";
import type { InitConfig } from "../../config/types.ts";
import { canonicalAddress } from "../../core/cidr.ts";
import { describeFileError, SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { describeKubeconfigFault } from "../../kubeconfig/describe-kubeconfig-fault.ts";
import { findArg } from "../../manifests/flags.ts";
import { checkAuthority } from "../../pki/check-authority.ts";
import { checkCertificate, checkServiceAccountKeys } from "../../pki/check-certificate.ts";
import { parseFirstCertificate } from "../../pki/parse-pem.ts";
import { readCertificateSpec } from "../../pki/read-certificate-spec.ts";
import type { CertificateSpec } from "../../pki/types.ts";
import type { FaultFact } from "../../preflight/plane-facts.ts";
import { readIfThere } from "../../system/read-if-there.ts";
import type { System } from "../../system/system.ts";
import {
  authorityFiles,
  findSigner,
  listAuthorities,
  listManagedCertificates,
  type ManagedCertificate,
  placeOf,
} from "../certs/managed-certificates.ts";
import { readCredentials } from "../open-cluster.ts";

interface Plane {
  readonly config: InitConfig;
  readonly paths: ClusterPaths;
}

/**
 * What is wrong with the certificates, keys and kubeconfigs of a control plane: missing, unreadable, outside their
 * validity, signed by another CA, with another's key, or not for the address that they are used at.
 */
export async function findCertificateFaults(system: System, plane: Plane): Promise<readonly FaultFact[]> {
  const { cluster } = plane.config;
  const authorities = listAuthorities(cluster).map(({ name, authority }) =>
    findFault(name, () => checkCa(system, authorityFiles(cluster, authority))),
  );
  const certificates = listManagedCertificates(cluster, plane.paths).map((managed) =>
    findFault(managed.name, () => checkManaged(system, { managed, plane })),
  );
  const keys = findFault("sa", () => checkKeys(system, cluster.certificatesDir));
  const found = await Promise.all([...authorities, ...certificates, keys]);
  return found.filter((fault) => fault !== undefined);
}

async function findFault(name: string, check: () => Promise<void>): Promise<FaultFact | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const { code, what, why, fix } = error;
    return { name, code, what, why, fix };
  }
}

/** A CA whose key is elsewhere is well without it. */
async function checkCa(
  system: System,
  files: { readonly certPath: string; readonly keyPath: string },
): Promise<void> {
  const certPem = await readIfThere(system, files.certPath);
  if (certPem === undefined) throw describeMissing(files.certPath, CA_FIX);
  const keyPem = await readIfThere(system, files.keyPath);
  checkAuthority({
    ...files,
    certPem,
    keyPem,
    keyless: keyPem === undefined,
    nowMs: system.clock.nowMs(),
  });
}

async function checkManaged(
  system: System,
  { managed, plane }: { readonly managed: ManagedCertificate; readonly plane: Plane },
): Promise<void> {
  const { file, optional, name } = managed;
  const { cluster } = plane.config;
  const signer = await findSigner(system, { cluster, certificate: managed }).catch((error: unknown) => {
    throw describeFileError(error, { action: "look at", path: cluster.certificatesDir });
  });
  const caPem = await readIfThere(system, signer.certPath);
  const place = placeOf(managed);
  if ((await readIfThere(system, place.certPath)) === undefined) {
    if (optional) return;
    throw describeMissing(place.certPath);
  }
  // Without its CA nothing can be said of it; that the CA is missing is told.
  if (caPem === undefined) return;
  const { certPem, keyPem, trusted } = await readParts(system, file);
  checkTrust(place.certPath, { trusted, caPem });
  const spec = specOf(certPem, usedAddresses(plane.config)[name] ?? []);
  checkCertificate({ ...place, certPem, keyPem, caPem, spec, nowMs: system.clock.nowMs() });
}

interface Parts {
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  /** The CA in a kubeconfig. */
  readonly trusted?: string;
}

async function readParts(system: System, file: ManagedCertificate["file"]): Promise<Parts> {
  if (file.kind === "pair") {
    return {
      certPem: await readIfThere(system, file.certPath),
      keyPem: await readIfThere(system, file.keyPath),
    };
  }
  const { cert, key, ca } = await readCredentials(system, file.path);
  return { certPem: cert, keyPem: key, trusted: ca };
}

function checkTrust(
  path: string,
  { trusted, caPem }: { readonly trusted: string | undefined; readonly caPem: string },
): void {
  const wanted = parseFirstCertificate(caPem)?.fingerprint256;
  if (trusted === undefined || wanted === undefined) return;
  if (parseFirstCertificate(trusted)?.fingerprint256 === wanted) return;
  throw describeKubeconfigFault({ path, why: "it trusts another CA than this cluster's" });
}

async function checkKeys(system: System, dir: string): Promise<void> {
  const [keyPath, pubPath] = [join(dir, "sa.key"), join(dir, "sa.pub")];
  const [privatePem, publicPem] = await Promise.all([
    readIfThere(system, keyPath),
    readIfThere(system, pubPath),
  ]);
  if (privatePem === undefined && publicPem === undefined) throw describeMissing(keyPath);
  checkServiceAccountKeys({ privatePem, publicPem, keyPath, pubPath });
}

/** The addresses at which others reach what a certificate serves. */
function usedAddresses(config: InitConfig): Readonly<Record<string, readonly string[]>> {
  const { extraArgs } = config.cluster.etcd;
  const hosts = (flag: string): readonly string[] =>
    (findArg(extraArgs, flag) ?? "").split(",").flatMap((url) => {
      const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
      const address = canonicalAddress(host);
      return address === undefined || ["0.0.0.0", "::"].includes(address) ? [] : [address];
    });
  return {
    apiserver: [canonicalAddress(config.advertiseAddress) ?? config.advertiseAddress],
    "etcd-server": hosts("listen-client-urls"),
    "etcd-peer": hosts("listen-peer-urls"),
  };
}

/** What a certificate is, taken as what it is meant to be, but for what its place asks of it. */
function specOf(certPem: string | undefined, ipAddresses: readonly string[]): CertificateSpec {
  const first = certPem === undefined ? undefined : parseFirstCertificate(certPem);
  const own = first === undefined ? UNKNOWN : readCertificateSpec(first);
  return { ...own, isCa: false, dnsNames: [], ipAddresses, validityMs: 0 };
}

/** For a text that is no certificate, which is told before this is looked at. */
const UNKNOWN: Omit<CertificateSpec, "validityMs"> = {
  subject: { commonName: "", organizations: [] },
  isCa: false,
  usages: [],
  dnsNames: [],
  ipAddresses: [],
  algorithm: "ECDSA-P256",
};

/** A new CA would make worthless all that the old one has signed. */
const CA_FIX = "put it back from a backup; without one slipway reset and slipway init make another cluster";

const LEAF_FIX = "put it back from a backup, or have it made again: slipway init";

function describeMissing(path: string, fix = LEAF_FIX): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `${path} is not there`,
    why: "init made it, and the components need it",
    fix,
  });
}
