import { dirname } from "node:path";
import type { Ledger } from "../../apply/ledger.ts";
import { type ClusterPaths, hardeningPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import { expectsKey } from "../read-earlier-plane.ts";

/**
 * The files of a ledger that are not there. Not those that may be taken away: the super administrator's kubeconfig, as
 * its documentation advises, and a CA's key that is kept elsewhere, as init was told or found it, or is the runner's
 * own; nor the key that Secrets are encrypted with, for which a new one is none.
 */
export async function findMissingFiles(
  system: System,
  { ledger, paths }: { readonly ledger: Ledger | undefined; readonly paths: ClusterPaths },
): Promise<readonly string[]> {
  const { encryptionPath } = hardeningPaths(paths.root);
  const ownCaDir = dirname(paths.servingCertPath);
  const isWanted = (path: string): boolean =>
    AUTHORITY_KEY.test(path)
      ? dirname(path) !== ownCaDir && expectsKey(ledger, path)
      : path !== encryptionPath && !path.endsWith("/super-admin.conf");
  const wanted = (ledger?.entries ?? [])
    .filter(({ kind, path }) => kind === "file" && isWanted(path))
    .map(({ path }) => path);
  const found = await Promise.all(wanted.map((path) => system.fs.lstat(path)));
  return wanted.filter((_path, index) => found[index] === undefined);
}

const AUTHORITY_KEY = /\/(?:front-proxy-)?ca\.key$/;
