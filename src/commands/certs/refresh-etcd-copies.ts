import type { ClusterSettings } from "../../config/types.ts";
import { listEtcdCopies } from "../../plan/hardening-steps.ts";
import type { System } from "../../system/system.ts";

/** Brings the copies that etcd's own user reads up to date. Gives their paths; none where etcd runs as root. */
export async function refreshEtcdCopies(
  system: System,
  options: { readonly root: string; readonly cluster: ClusterSettings },
): Promise<readonly string[]> {
  const { certificatesDir } = options.cluster;
  const refreshed: string[] = [];
  for (const { from, path } of listEtcdCopies({ root: options.root, certificatesDir })) {
    const status = await system.fs.lstat(path);
    const data = await system.fs.readTextIfExists(from);
    if (status === undefined || data === undefined || data === (await system.fs.readText(path))) continue;
    await system.fs.writeAtomic(path, { data, mode: 0o600, owner: status });
    refreshed.push(path);
  }
  return refreshed;
}
