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

/**
 * The keys of CAs that are gone since an earlier init: it has made the CA, or found it with its key. One that it found
 * without has its key elsewhere.
 */
export function listLostKeys(
  { cluster, externalAuthorities }: Pick<InitConfig, "cluster" | "externalAuthorities">,
  earlier: Ledger | undefined,
): readonly string[] {
  const existedBefore = (path: string): boolean | undefined =>
    earlier?.entries.find((entry) => entry.path === path)?.existedBefore;
  return externalAuthorities
    .map((name) => join(cluster.certificatesDir, name))
    .filter((base) => existedBefore(`${base}.crt`) === false || existedBefore(`${base}.key`) === true)
    .map((base) => `${base}.key`);
}
