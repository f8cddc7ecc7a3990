import { normalize } from "node:path";

/** A file or directory of this machine that a container sees at a path of its own; CRI's Mount. */
export interface ContainerMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  /** What lies mounted below is read-only, too. */
  readonly recursiveReadOnly?: boolean;
  readonly propagation: "private" | "host-to-container" | "bidirectional";
  /** The real path of the directory that `hostPath` may not lead out of, whatever links lie on the way. */
  readonly within?: string;
}

/** Who a container's processes are and what they may do; absent fields leave what the runner has. */
export interface ContainerSecurity {
  readonly user?: number;
  readonly group?: number;
  /** The supplementary groups; they count when `user` or `group` is there or there is any. */
  readonly groups: readonly number[];
  /** The only capabilities that can be had, lower case without `cap_`; `all` and a leading `-` are understood. */
  readonly capabilities?: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
}

/** What a cgroup is set to; absent fields are left as the kernel has them. */
export interface ResourceLimits {
  /** cgroup v1's unit: 1024 is one CPU. */
  readonly cpuShares?: number;
  /** Microseconds of CPU in each period of 100 ms. */
  readonly cpuQuotaUs?: number;
  readonly memoryBytes?: number;
  readonly pids?: number;
}

/** The limits of a container and of the pod around it. */
export interface ContainerResources {
  readonly container: ResourceLimits;
  readonly pod: ResourceLimits;
}

/** Containers of an earlier build have none of these. */
export interface Isolation {
  readonly mounts?: readonly ContainerMount[];
  readonly security?: ContainerSecurity;
  readonly resources?: ContainerResources;
}

/**
 * Whether a container needs a mount namespace of its own. One whose mounts all lie at their own paths, as the control
 * plane's do, sees them without; `trusted` means that there a read-only mount need not be enforced.
 */
export function needsNamespace(isolation: Isolation, { trusted }: { readonly trusted: boolean }): boolean {
  if (isolation.security?.readOnlyRoot === true) return true;
  return (isolation.mounts ?? []).some((mount) => {
    const moved = trimPath(mount.hostPath) !== trimPath(mount.containerPath);
    return moved || (mount.readOnly && !trusted);
  });
}

/** Where on this machine a path of a container lies, as far as its mounts say. */
export function toHostPath(mounts: readonly ContainerMount[] | undefined, path: string): string {
  const wanted = trimPath(path);
  const [outermost] = (mounts ?? [])
    .map((mount) => ({ mount, target: trimPath(mount.containerPath) }))
    .filter(({ target }) => isWithin(wanted, target))
    .sort((left, right) => right.target.length - left.target.length);
  if (outermost === undefined) return path;
  return trimPath(`${outermost.mount.hostPath}/${wanted.slice(outermost.target.length)}`);
}

/** Whether a path is a directory or lies below it; both trimmed. */
export function isWithin(path: string, dir: string): boolean {
  return path === dir || path.startsWith(dir === "/" ? "/" : `${dir}/`);
}

/** Without doubled, single-dot and trailing parts. */
export function trimPath(path: string): string {
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}
