import { normalize } from "node:path";
import type { Container, Pod } from "../../pod/types.ts";

/**
 * Why a container cannot see its volumes where its manifest wants them; undefined when it can. Containers see the
 * machine's own files, so a mount is there only when the path in the container is the path on the host.
 */
export function findMountProblem(options: {
  readonly pod: Pod;
  readonly container: Container;
}): string | undefined {
  for (const mount of options.container.volumeMounts ?? []) {
    const volume = options.pod.spec.volumes?.find((candidate) => candidate.name === mount.name);
    const hostPath = volume?.hostPath?.path;
    if (hostPath === undefined) {
      const kind = Object.keys(volume ?? {}).find((key) => key !== "name") ?? "missing";
      return `volume ${mount.name} (${kind}) cannot be mounted at ${mount.mountPath}: ${EXPLANATION}`;
    }
    if (trim(hostPath) !== trim(mount.mountPath) || (mount.subPath ?? "") !== "") {
      return `volume ${mount.name} (${hostPath}) cannot be mounted at ${mount.mountPath}: ${EXPLANATION}`;
    }
  }
  return undefined;
}

const EXPLANATION =
  "containers see the machine's own files, so only a hostPath at the same path on both sides can be given to them";

function trim(path: string): string {
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
