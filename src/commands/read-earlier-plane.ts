import { join } from "node:path";
import type { Ledger } from "../apply/ledger.ts";
import type { InitConfig } from "../config/types.ts";
import type { ClusterPaths } from "../core/paths.ts";
import { findArg } from "../manifests/flags.ts";
import { type PlaneTraits, parseIssuer } from "../preflight/check-earlier.ts";
import type { System } from "../system/system.ts";
import { readManifestFlags } from "./read-manifest-flags.ts";

/** What cannot be changed of the control plane that an earlier init has made; undefined where its API server never ran. */
export async function readEarlierPlane(
  system: System,
  { paths, earlier }: { readonly paths: ClusterPaths; readonly earlier: Ledger | undefined },
): Promise<PlaneTraits | undefined> {
  if (earlier === undefined) return undefined;
  const flags = await readManifestFlags(system, paths);
  const apiServer = flags["kube-apiserver"];
  if (apiServer.length === 0) return undefined;
  return {
    kubernetesVersion: earlier.kubernetesVersion,
    nodeName: earlier.nodeName,
    serviceSubnet: findArg(apiServer, "service-cluster-ip-range"),
    podSubnet: findArg(flags["kube-controller-manager"], "cluster-cidr"),
    dnsDomain: parseIssuer(findArg(apiServer, "service-account-issuer") ?? ""),
  };
}

/** The keys of CAs that are gone since an earlier init. */
export function listLostKeys(
  { cluster, externalAuthorities }: Pick<InitConfig, "cluster" | "externalAuthorities">,
  earlier: Ledger | undefined,
): readonly string[] {
  return externalAuthorities
    .map((name) => `${join(cluster.certificatesDir, name)}.key`)
    .filter((path) => hadKey(earlier, path));
}

/**
 * Whether an earlier init has made the CA of a key, or found it with its key. One that it found without has its key
 * elsewhere.
 */
function hadKey(earlier: Ledger | undefined, keyPath: string): boolean {
  const existedBefore = (path: string): boolean | undefined =>
    earlier?.entries.find((entry) => entry.path === path)?.existedBefore;
  return existedBefore(keyPath.replace(/key$/, "crt")) === false || existedBefore(keyPath) === true;
}

/** Whether a CA's key has to be there: an earlier init had it, and was not told that it is kept elsewhere from then on. */
export function expectsKey(earlier: Ledger | undefined, keyPath: string): boolean {
  const ignored = earlier?.input?.flags.ignorePreflightErrors ?? [];
  return hadKey(earlier, keyPath) && ignored.every((name) => name.toLowerCase() !== "cakey");
}
