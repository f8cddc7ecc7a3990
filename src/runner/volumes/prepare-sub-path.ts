import { join, normalize } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import { isWithin, trimPath } from "../../runtime/isolation.ts";
import type { System } from "../../system/system.ts";

/**
 * The place of a subPath in its volume, made as a directory when it is missing, and never outside of the volume: a
 * container may have put links there. Directories are made through open ones, of which the kernel tells where they
 * really lie. Gives the kubelet's sentence when it cannot be. Source: kubelet_pods.go makeMounts, pkg/volume/util/subpath.
 */
export async function prepareSubPath(
  system: Pick<System, "fs">,
  options: {
    readonly volumePath: string;
    readonly subPath: string;
    readonly names: { readonly mount: string; readonly container: string };
  },
): Promise<{ readonly hostPath: string; readonly within: string } | string> {
  const { volumePath, subPath, names } = options;
  const where = `subPath for volumeMount "${names.mount}" of container "${names.container}"`;
  const volume = await system.fs.stat(volumePath);
  if (volume?.kind !== "directory") return `failed to prepare ${where}`;
  const within = await system.fs.realPath(volumePath);
  const hostPath = join(within, trimPath(normalize(subPath)));
  if ((await system.fs.stat(hostPath)) === undefined) {
    const made = await makeWithin(system, { within, subPath, mode: volume.mode });
    if (!made)
      return `failed to create subPath directory for volumeMount "${names.mount}" of container "${names.container}"`;
  }
  if (!isWithin(await system.fs.realPath(hostPath), within))
    return `failed to prepare ${where}: it leads out of the volume`;
  return { hostPath, within };
}

/** False when a part of the path is no directory or leads out. */
async function makeWithin(
  system: Pick<System, "fs">,
  options: { readonly within: string; readonly subPath: string; readonly mode: number },
): Promise<boolean> {
  const { within, subPath, mode } = options;
  let handle = await system.fs.open(within, { flags: "r" });
  try {
    for (const part of trimPath(normalize(subPath)).split("/")) {
      const place = join(openPath(handle.fd), part);
      await system.fs.makeDir(place, { mode });
      if ((await system.fs.stat(place))?.kind !== "directory") return false;
      const next = await system.fs.open(place, { flags: "r" });
      await handle.close();
      handle = next;
      if (!isWithin(await system.fs.readLink(openPath(handle.fd)), within)) return false;
    }
    return true;
  } catch (error) {
    if (["ENOTDIR", "ELOOP", "ENOENT", "ENXIO"].includes(systemErrorCode(error) ?? "")) return false;
    throw error;
  } finally {
    await handle.close();
  }
}

function openPath(fd: number): string {
  return `/proc/self/fd/${fd}`;
}
