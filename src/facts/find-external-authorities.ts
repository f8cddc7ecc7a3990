import { join } from "node:path";
import type { AuthorityName } from "../config/types.ts";
import type { System } from "../system/system.ts";
import type { FactReader } from "./fact-reader.ts";

const AUTHORITIES: readonly AuthorityName[] = ["ca", "front-proxy-ca", "etcd/ca"];

/**
 * A fact that an ordinary user may not be able to read: then none is taken to be so. The CAs under a certificates
 * directory whose certificate is there and whose key is not: others sign for them.
 * Source: kubeadm app/phases/certs UsingExternalCA, UsingExternalFrontProxyCA.
 */
export async function findExternalAuthorities(
  system: System,
  { certificatesDir, reader }: { readonly certificatesDir: string; readonly reader: FactReader },
): Promise<readonly AuthorityName[]> {
  const isThere = async (name: string): Promise<boolean> =>
    (await system.fs.lstat(join(certificatesDir, name))) !== undefined;
  const isExternal = async (name: AuthorityName): Promise<boolean> =>
    (await isThere(`${name}.crt`)) && !(await isThere(`${name}.key`));
  const found = await reader.read("external CAs", {
    read: () => Promise.all(AUTHORITIES.map(isExternal)),
    fallback: [],
  });
  return AUTHORITIES.filter((_name, index) => found[index] === true);
}
