import { join } from "node:path";
import type { Pod, Volume } from "../../pod/types.ts";

/** The volumes that a runner makes itself, and the directory that holds each kind. Source: kubelet_getters.go, pkg/volume. */
const MANAGED = {
  emptyDir: "kubernetes.io~empty-dir",
  downwardAPI: "kubernetes.io~downward-api",
  projected: "kubernetes.io~projected",
} as const;

export type ManagedKind = keyof typeof MANAGED;

/** Which of the kinds that we make a volume is; undefined for any other. */
export function managedKindOf(volume: Volume): ManagedKind | undefined {
  return (Object.keys(MANAGED) as ManagedKind[]).find((kind) => volume[kind] !== undefined);
}

/** Where a volume that we make lies: `<pods dir>/<uid>/volumes/<kind>/<name>`. */
export function volumeDir(options: {
  readonly podsDir: string;
  readonly pod: Pod;
  readonly kind: ManagedKind;
  readonly name: string;
}): string {
  return join(options.podsDir, options.pod.metadata.uid, "volumes", MANAGED[options.kind], options.name);
}

/** Whether a volume is in memory, that is a file system of its own. */
export function isInMemory({ emptyDir }: Volume): boolean {
  return emptyDir?.medium === "Memory";
}
