import { readLedger } from "../../apply/ledger.ts";
import { withLock } from "../../apply/lock.ts";
import type { ClusterSettings } from "../../config/types.ts";
import { describeFileError, SlipwayError, whenOurs } from "../../core/errors.ts";
import { selectNearest } from "../../core/nearest.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { renewKubeconfig } from "../../kubeconfig/renew-kubeconfig.ts";
import { issueCertificate } from "../../pki/issue.ts";
import { readCertificateSpec } from "../../pki/read-certificate-spec.ts";
import type { KeyPair } from "../../pki/types.ts";
import { LOST_KEY } from "../../preflight/check-earlier.ts";
import type { System } from "../../system/system.ts";
import { expectsKey } from "../read-earlier-plane.ts";
import type { Ui } from "../ui.ts";
import { parseManaged, readManaged } from "./check-expiration.ts";
import { findSigner, listManagedCertificates, type ManagedCertificate } from "./managed-certificates.ts";
import { refreshEtcdCopies } from "./refresh-etcd-copies.ts";
import { type RestartedComponents, restartWithFiles } from "./restart-with-files.ts";

/** What has become of one certificate. */
export interface Renewal {
  readonly name: string;
  readonly longName: string;
  /** `external`: its CA's key is elsewhere. `own`: a kubelet renews it itself. */
  readonly outcome: "renewed" | "missing" | "external" | "own";
  readonly authority: string;
  /** Its file; of a pair the certificate. */
  readonly path: string;
}

/** What `certs renew` answers. */
export interface RenewAnswer extends RestartedComponents {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "RenewedCertificates";
  readonly certificates: readonly Renewal[];
}

/**
 * Makes certificates anew, with new keys and all that the old ones say, and restarts what has loaded the old ones, one
 * by one. `name` is one of them or `all`. CAs are never renewed.
 * Raises SLIPWAY_USAGE for an unknown name, SLIPWAY_LOCKED, SLIPWAY_PREFLIGHT for a CA's key that is lost,
 * SLIPWAY_CERT_*, SLIPWAY_KUBECONFIG_INVALID, SLIPWAY_COMPONENT_FAILED and SLIPWAY_WAIT_TIMEOUT. Source: kubeadm
 * phases/certs/renewal/manager.go.
 */
export function runRenew(
  system: System,
  options: {
    readonly root: string;
    readonly name: string;
    readonly cluster: ClusterSettings;
    /** Leave what runs as it is. */
    readonly keepRunning: boolean;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<RenewAnswer> {
  const { root, cluster, name } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const managed = selectNamed(listManagedCertificates(cluster, paths), name);
  return withLock(system, {
    root,
    command: "certs renew",
    work: async () => {
      await refuseLostKeys(system, { managed, cluster, paths });
      const certificates: Renewal[] = [];
      for (const certificate of managed) {
        const outcome = await renew(system, { certificate, cluster });
        if (outcome === "missing" && certificate.optional) continue;
        const { name, longName, authority } = certificate;
        certificates.push({ name, longName, outcome, authority, path: pathOf(certificate) });
      }
      const renewed = managed.filter((certificate) =>
        certificates.some(({ name, outcome }) => name === certificate.name && outcome === "renewed"),
      );
      const restarted = await restartWithFiles(system, {
        ...options,
        paths,
        files: [...renewed.flatMap(listFiles), ...(await refreshEtcdCopies(system, options))],
      });
      return { apiVersion: "slipway.dev/v1", kind: "RenewedCertificates", certificates, ...restarted };
    },
  });
}

/**
 * The error for certificates that could not be renewed because they are not there: SLIPWAY_CERT_UNREADABLE; undefined
 * where all are. kubeadm only tells of them, and exits with 0. With `all` super-admin.conf is not missed, which one is
 * advised to take away. Source: kubeadm cmd/certs.go renewCert.
 */
export function describeMissing({ certificates }: RenewAnswer, asked: string): SlipwayError | undefined {
  const missing = certificates.filter(
    ({ name, outcome }) => outcome === "missing" && !(asked === "all" && name === "super-admin.conf"),
  );
  if (missing.length === 0) return undefined;
  const [what, verb, it] = missing.length === 1 ? ["file", "was", "it"] : ["files", "were", "them"];
  return new SlipwayError({
    code: "SLIPWAY_CERT_UNREADABLE",
    what: `${missing.map(({ path }) => path).join(", ")} ${verb} not renewed`,
    why: `there is no such ${what}, and a renewed one says what the old one said`,
    fix: `put ${it} back, or have ${it} made anew: slipway init`,
  });
}

function listFiles({ file }: ManagedCertificate): readonly string[] {
  return file.kind === "pair" ? [file.certPath, file.keyPath] : [file.path];
}

function pathOf({ file }: ManagedCertificate): string {
  return file.kind === "pair" ? file.certPath : file.path;
}

function selectNamed(managed: readonly ManagedCertificate[], name: string): readonly ManagedCertificate[] {
  if (name === "all") return managed;
  const found = managed.filter((certificate) => certificate.name === name);
  if (found.length > 0) return found;
  const names = ["all", ...managed.map((certificate) => certificate.name)];
  const nearest = selectNearest(name, names);
  throw new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `"${name}" cannot be renewed`,
    why: "there is no certificate of that name; CAs are never renewed",
    fix: nearest === undefined ? `name one of: ${names.join(", ")}` : `did you mean "${nearest}"?`,
  });
}

/** What is signed with a key that init had would not be renewed, and the rest alone is not what was asked for. */
async function refuseLostKeys(
  system: System,
  options: {
    readonly managed: readonly ManagedCertificate[];
    readonly cluster: ClusterSettings;
    readonly paths: ClusterPaths;
  },
): Promise<void> {
  const { managed, cluster, paths } = options;
  const ledger = await readLedger(system, paths).catch(whenOurs);
  const lost = new Set<string>();
  for (const certificate of managed) {
    const { keyPath } = await findSigner(system, { cluster, certificate });
    if (expectsKey(ledger, keyPath) && (await system.fs.stat(keyPath)) === undefined) lost.add(keyPath);
  }
  if (lost.size === 0) return;
  const what = `nothing was renewed: there is no ${[...lost].join(" and no ")}`;
  throw new SlipwayError({ code: "SLIPWAY_PREFLIGHT", what, ...LOST_KEY });
}

async function renew(
  system: System,
  { certificate, cluster }: { readonly certificate: ManagedCertificate; readonly cluster: ClusterSettings },
): Promise<Renewal["outcome"]> {
  const { file } = certificate;
  const oldPem = await readManaged(system, certificate);
  if (oldPem === undefined) return "missing";
  const old = parseManaged(certificate.name, oldPem);
  const { certPath: caPath, keyPath: caKeyPath } = await findSigner(system, { cluster, certificate });
  const caPem = await system.fs.readTextIfExists(caPath);
  const caKeyPem = await system.fs.readTextIfExists(caKeyPath);
  if (caPem === undefined || caKeyPem === undefined) return "external";
  const keyPair = await issueCertificate({
    spec: {
      ...readCertificateSpec(old),
      algorithm: cluster.encryptionAlgorithm,
      validityMs: cluster.certificateValidityMs,
    },
    signer: { certPem: caPem, keyPem: caKeyPem },
    nowMs: system.clock.nowMs(),
  });
  const path = pathOf(certificate);
  try {
    if (file.kind === "pair") await writePair(system, { file, keyPair });
    else if (!(await writeKubeconfig(system, { path, caPem, keyPair }))) return "own";
  } catch (error) {
    throw describeFileError(error, { action: "write", path });
  }
  return "renewed";
}

async function writePair(
  system: System,
  { file, keyPair }: { readonly file: { certPath: string; keyPath: string }; readonly keyPair: KeyPair },
): Promise<void> {
  await system.fs.writeAtomic(file.keyPath, { data: keyPair.keyPem, mode: 0o600 });
  await system.fs.writeAtomic(file.certPath, { data: keyPair.certPem, mode: 0o644 });
}

/** False for a kubelet's, which names a file that the kubelet renews. */
async function writeKubeconfig(
  system: System,
  options: { readonly path: string; readonly caPem: string; readonly keyPair: KeyPair },
): Promise<boolean> {
  const text = await system.fs.readText(options.path);
  if (!text.includes("client-certificate-data:")) return false;
  await system.fs.writeAtomic(options.path, { data: renewKubeconfig(text, options), mode: 0o600 });
  return true;
}
