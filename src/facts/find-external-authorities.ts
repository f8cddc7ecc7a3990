import { join } from "node:path";
import type { AuthorityName } from "../config/types.ts";
import type { System } from "../system/system.ts";

const AUTHORITIES: readonly AuthorityName[] = ["ca", "front-proxy-ca", "etcd/ca"];

/**
 * The CAs under a certificates directory whose certificate is there and whose key is not: others sign for them.
 * Source: kubeadm app/phases/certs UsingExternalCA, UsingExternalFrontProxyCA.
 */
export async function findExternalAuthorities(
  system: System,
  certificatesDir: string,
): Promise<readonly AuthorityName[]> {
  const found = await Promise.all(
    AUTHORITIES.map(async (name) => {
      const [certificate, key] = await Promise.all([
        system.fs.lstat(join(certificatesDir, `${name}.crt`)),
        system.fs.lstat(join(certificatesDir, `${name}.key`)),
      ]);
      return certificate !== undefined && key === undefined ? [name] : [];
    }),
  );
  return found.flat();
}
