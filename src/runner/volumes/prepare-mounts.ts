import { join } from "node:path";
import type { Container, Pod, Volume, VolumeMount } from "../../pod/types.ts";

import { type ContainerMount, needsNamespace, trimPath } from "../../runtime/isolation.ts";
import type { System } from "../../system/system.ts";
import { type Env, expandVariables } from "../container/expand-variables.ts";
import { isShared } from "./is-shared.ts";
import { type ClusterDns, prepareNetworkFiles } from "./network-files.ts";
import { prepareSubPath } from "./prepare-sub-path.ts";
import { managedKindOf, volumeDir } from "./volume-dir.ts";

/** What a container is to see of its pod's volumes, or why it cannot. */
export type PreparedMounts =
  | { readonly kind: "mounts"; readonly mounts: readonly ContainerMount[] }
  | { readonly kind: "problem"; readonly message: string };

interface MountOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly env: Env;
  readonly podsDir: string;
  readonly dns: ClusterDns;
  readonly canMount: boolean;
}

/**
 * Turns a container's volumeMounts into mounts; a subPath that is missing is made. The volumes have been prepared.
 * Source: kubelet kubelet_pods.go makeMounts.
 */
export async function prepareMounts(
  system: Pick<System, "fs" | "host">,
  options: MountOptions,
): Promise<PreparedMounts> {
  const mounts: ContainerMount[] = [];
  for (const mount of options.container.volumeMounts ?? []) {
    const prepared = await prepareMount(system, { ...options, mount });
    if (typeof prepared === "string") return { kind: "problem", message: prepared };
    mounts.push(prepared);
  }
  // A pod that wants the cluster's DNS where that cannot be shown, or may not be, runs without and is told so.
  const isShown = options.canMount && !isShared(options.container);
  const dns = isShown ? options.dns : { clusterDNS: [], clusterDomain: "" };
  mounts.push(...(await prepareNetworkFiles(system, { ...options, dns })));
  return system.host.uid === 0 ? { kind: "mounts", mounts } : withoutNamespace(mounts, system.host.uid);
}

async function prepareMount(
  system: Pick<System, "fs">,
  options: MountOptions & { readonly mount: VolumeMount },
): Promise<ContainerMount | string> {
  const { pod, container, mount } = options;
  const volume = pod.spec.volumes?.find((candidate) => candidate.name === mount.name);
  const path = volume === undefined ? undefined : pathOf(volume, options);
  const containerPath = trimPath(join("/", mount.mountPath));
  if (containerPath === "/")
    return `volume ${mount.name} cannot be mounted at /: it is the machine's own root`;
  if (volume === undefined || path === undefined)
    return `cannot find volume "${mount.name}" to mount into container "${container.name}"`;
  const subPath = expandSubPath(mount, options.env);
  if (subPath.kind === "problem") return subPath.message;
  const names = { mount: mount.name, container: container.name };
  const place =
    subPath.path === ""
      ? { hostPath: path }
      : await prepareSubPath(system, { volumePath: path, subPath: subPath.path, names });
  if (typeof place === "string") return place;
  const isProjection = volume.downwardAPI !== undefined || volume.projected !== undefined;
  const readOnly = mount.readOnly === true || isProjection;
  const { recursiveReadOnly = "Disabled" } = mount;
  return {
    ...place,
    containerPath,
    readOnly,
    ...(readOnly && recursiveReadOnly !== "Disabled" ? { recursiveReadOnly: true } : {}),
    propagation: PROPAGATION[mount.mountPropagation ?? "None"] ?? "private",
  };
}

/** Source: kubelet_pods.go translateMountPropagation. */
const PROPAGATION: Readonly<Record<string, ContainerMount["propagation"]>> = {
  None: "private",
  HostToContainer: "host-to-container",
  Bidirectional: "bidirectional",
};

function pathOf(volume: Volume, options: MountOptions): string | undefined {
  if (volume.hostPath !== undefined) return volume.hostPath.path;
  const kind = managedKindOf(volume);
  return kind === undefined ? undefined : volumeDir({ ...options, kind, name: volume.name });
}

/** Source: kubelet container/helpers.go ExpandContainerVolumeMounts; kubelet_pods.go makeMounts (its checks). */
function expandSubPath(
  mount: VolumeMount,
  env: Env,
): { readonly kind: "path"; readonly path: string } | { readonly kind: "problem"; readonly message: string } {
  const { subPath = "", subPathExpr = "" } = mount;
  if (subPathExpr === "") return { kind: "path", path: subPath };
  const names = [...subPathExpr.replaceAll("$$", "").matchAll(/\$\(([^)]*)\)/g)].map(([, name = ""]) => name);
  const missing = names.filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0)
    return { kind: "problem", message: `missing value for ${missing.sort().join(", ")}` };
  const path = expandVariables(subPathExpr, env);
  if (path.startsWith("/"))
    return { kind: "problem", message: `error SubPath \`${path}\` must not be an absolute path` };
  if (path.split("/").includes(".."))
    return { kind: "problem", message: `unable to provision SubPath \`${path}\`: must not contain '..'` };
  return { kind: "path", path };
}

/** An ordinary user cannot mount: what is at its own path is seen anyway, and nobody keeps it from being written. */
function withoutNamespace(mounts: readonly ContainerMount[], uid: number): PreparedMounts {
  const moved = mounts.find((mount) =>
    needsNamespace({ mounts: [{ ...mount, readOnly: false }] }, { trusted: true }),
  );
  if (moved === undefined)
    return { kind: "mounts", mounts: mounts.map((mount) => ({ ...mount, readOnly: false })) };
  return {
    kind: "problem",
    message:
      `nothing can be mounted at ${moved.containerPath}: this runner is user ${uid}, and only root's can mount; ` +
      "a hostPath at the same path on both sides works, or run the runner as root",
  };
}
