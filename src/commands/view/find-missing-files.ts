import type { Ledger } from "../../apply/ledger.ts";
import { type ClusterPaths, hardeningPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";

/**
 * The files of a ledger that are not there. Not those that may be taken away: the super
 * administrator's kubeconfig, as its documentation advises, and the keys of CAs, which a check of their own misses; nor
 * the key that Secrets are encrypted with, for which a new one is none.
 */
export async function findMissingFiles(
  system: System,
  { ledger, paths }: { readonly ledger: Ledger | undefined; readonly paths: ClusterPaths },
): Promise<readonly string[]> {
  const { encryptionPath } = hardeningPaths(paths.root);
  const wanted = (ledger?.entries ?? [])
    .filter(({ kind, path }) => kind === "file" && path !== encryptionPath && !MAY_BE_GONE.test(path))
    .map(({ path }) => path);
  const found = await Promise.all(wanted.map((path) => system.fs.lstat(path)));
  return wanted.filter((_path, index) => found[index] === undefined);
}

const MAY_BE_GONE = /\/(?:super-admin\.conf|(?:front-proxy-)?ca\.key)$/;
