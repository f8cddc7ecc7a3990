import { join } from "node:path";
import { buildPaths, hardeningPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";

/**
 * Whether kube-apiserver has run with the key that Secrets are encrypted with: its manifest names the file, or it has
 * left an audit log, which it writes with the same profile.
 */
export async function usesEncryption(
  system: System,
  options: { readonly root: string; readonly uid: number },
): Promise<boolean> {
  const { encryptionPath, auditLogDir } = hardeningPaths(options.root);
  const manifestPath = join(buildPaths(options).manifestDir, "kube-apiserver.yaml");
  const manifest = await system.fs.readTextIfExists(manifestPath);
  if (manifest?.includes(encryptionPath) === true) return true;
  return (await system.fs.stat(auditLogDir)) !== undefined && (await system.fs.list(auditLogDir)).length > 0;
}
