import { readLedger } from "../../apply/ledger.ts";
import { withLock } from "../../apply/lock.ts";
import type { ClusterSettings } from "../../config/types.ts";
import { SlipwayError, whenOurs } from "../../core/errors.ts";
import { selectNearest } from "../../core/nearest.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { LOST_KEY } from "../../preflight/check-earlier.ts";
import type { System } from "../../system/system.ts";
import { expectsKey } from "../read-earlier-plane.ts";
import type { Ui } from "../ui.ts";
import {
  findSigner,
  listManagedCertificates,
  type ManagedCertificate,
  placeOf,
} from "./managed-certificates.ts";
import { type PreparedRenewal, prepareRenewal } from "./prepare-renewal.ts";
import { refreshEtcdCopies } from "./refresh-etcd-copies.ts";
import { type RestartedComponents, restartWithFiles } from "./restart-with-files.ts";

/** What has become of one certificate. */
export interface Renewal {
  readonly name: string;
  readonly longName: string;
  readonly outcome: PreparedRenewal["outcome"];
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
 * by one. `name` is one of them or `all`. CAs are never renewed. Nothing is written before all are made.
 * Raises SLIPWAY_USAGE for an unknown name, SLIPWAY_LOCKED, SLIPWAY_PREFLIGHT for a CA's key that is lost,
 * SLIPWAY_CERT_*, SLIPWAY_KUBECONFIG_INVALID, SLIPWAY_FILE_ACCESS, SLIPWAY_NO_SPACE, SLIPWAY_COMPONENT_FAILED and
 * SLIPWAY_WAIT_TIMEOUT. Source: kubeadm phases/certs/renewal/manager.go.
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
      const prepared = new Map<ManagedCertificate, PreparedRenewal>();
      for (const certificate of managed)
        prepared.set(certificate, await prepareRenewal(system, { certificate, cluster }));
      const certificates: Renewal[] = [];
      for (const [certificate, renewal] of prepared) {
        const { outcome } = renewal;
        if (outcome === "missing" && certificate.optional) continue;
        if (outcome === "renewed") await renewal.write();
        const { name, longName, authority } = certificate;
        certificates.push({ name, longName, outcome, authority, path: placeOf(certificate).certPath });
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

function listFiles(certificate: ManagedCertificate): readonly string[] {
  const { certPath, keyPath } = placeOf(certificate);
  return [...new Set([certPath, keyPath])];
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
