const BACKUP_SUFFIXES = ["~", ".bak", ".swp", ".orig", ".rpmsave"];

/**
 * Whether a directory's entry is a manifest by its name: no dot-file (as in the kubelet) and none of the copies that
 * editors and package managers leave (the kubelet would run those).
 */
export function isManifestName(name: string): boolean {
  if (name.startsWith(".")) return false;
  if (name.startsWith("#") && name.endsWith("#")) return false;
  return !BACKUP_SUFFIXES.some((suffix) => name.endsWith(suffix));
}
