import type { Container, Pod } from "../../pod/types.ts";
import type { ContainerSecurity } from "../../runtime/isolation.ts";
import { DEFAULT_CAPABILITIES } from "../../runtime/set-privileges.ts";

/** Who a container runs as and what it may do; or why it cannot be so. Absent security: as the runner itself. */
export type BuiltSecurity =
  | { readonly kind: "security"; readonly security?: ContainerSecurity }
  | { readonly kind: "problem"; readonly message: string };

/**
 * A container's security context over its pod's. Only root can give a container another user or a namespace of its own.
 * Source: pkg/securitycontext/util.go DetermineEffectiveSecurityContext; kubelet kuberuntime/security_context.go.
 */
export function buildSecurity(options: {
  readonly pod: Pod;
  readonly container: Container;
  /** Of the runner. */
  readonly uid: number;
  readonly gid: number;
}): BuiltSecurity {
  const { pod, container, uid } = options;
  const podContext = pod.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const user = own.runAsUser ?? podContext.runAsUser;
  const group = own.runAsGroup ?? podContext.runAsGroup;
  const { fsGroup, supplementalGroups = [] } = podContext;
  const groups = [...new Set([...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups])];
  const readOnlyRoot = own.readOnlyRootFilesystem === true;
  const wanted = { user, group, groups, readOnlyRoot };
  const problem = findRootProblem(options) ?? (uid === 0 ? undefined : findPrivilegeProblem(wanted, options));
  if (problem !== undefined) return { kind: "problem", message: problem };
  const noNewPrivileges = own.allowPrivilegeEscalation === false;
  const capabilities = uid === 0 ? computeCapabilities(own) : undefined;
  if (uid !== 0)
    return noNewPrivileges ? { kind: "security", security: NO_NEW_PRIVILEGES } : { kind: "security" };
  const nothing =
    user === undefined && group === undefined && groups.length === 0 && capabilities === undefined;
  if (nothing && !noNewPrivileges && !readOnlyRoot) return { kind: "security" };
  return {
    kind: "security",
    security: {
      ...(user === undefined ? {} : { user }),
      ...(group === undefined ? {} : { group }),
      ...(capabilities === undefined ? {} : { capabilities }),
      groups,
      noNewPrivileges,
      readOnlyRoot,
    },
  };
}

const NO_NEW_PRIVILEGES: ContainerSecurity = { groups: [], noNewPrivileges: true, readOnlyRoot: false };

/** Source: kubelet kuberuntime/security_context_others.go verifyRunAsNonRoot. A program of the machine has no image user. */
function findRootProblem(options: {
  readonly pod: Pod;
  readonly container: Container;
  readonly uid: number;
}): string | undefined {
  const { pod, container, uid } = options;
  const podContext = pod.spec.securityContext;
  const own = container.securityContext;
  if ((own?.runAsNonRoot ?? podContext?.runAsNonRoot) !== true) return undefined;
  const user = own?.runAsUser ?? podContext?.runAsUser;
  const { name, namespace, uid: podUid } = pod.metadata;
  const where = `(pod: "${name}_${namespace}(${podUid})", container: ${container.name})`;
  if (user === 0) return `container's runAsUser breaks non-root policy ${where}`;
  if (user === undefined && uid === 0)
    return `container has runAsNonRoot and image will run as root ${where}`;
  return undefined;
}

/** Running otherwise than the manifest says could give more rights than were asked for. */
function findPrivilegeProblem(
  wanted: {
    readonly user: number | undefined;
    readonly group: number | undefined;
    readonly groups: readonly number[];
    readonly readOnlyRoot: boolean;
  },
  own: { readonly uid: number; readonly gid: number },
): string | undefined {
  const needsRoot = (field: string): string =>
    `${field}: this runner is user ${own.uid}, and only root's can do it; leave it out, or run the runner as root`;
  if (wanted.user !== undefined && wanted.user !== own.uid) return needsRoot(`runAsUser ${wanted.user}`);
  if (wanted.group !== undefined && wanted.group !== own.gid) return needsRoot(`runAsGroup ${wanted.group}`);
  if (wanted.groups.some((group) => group !== own.gid)) return needsRoot("supplementalGroups and fsGroup");
  return wanted.readOnlyRoot ? needsRoot("readOnlyRootFilesystem") : undefined;
}

/** What a container may have at most; undefined: all that the runner has. Source: containerd pkg/oci WithCapabilities. */
function computeCapabilities(own: NonNullable<Container["securityContext"]>): readonly string[] | undefined {
  if (own.privileged === true || own.capabilities === undefined) return undefined;
  const add = (own.capabilities.add ?? []).map(toName);
  const drop = (own.capabilities.drop ?? []).map(toName);
  if (add.includes("all")) return drop.length === 0 ? undefined : ["all", ...drop.map((name) => `-${name}`)];
  const kept = drop.includes("all") ? [] : DEFAULT_CAPABILITIES.filter((name) => !drop.includes(name));
  return [...new Set([...kept, ...add])].sort();
}

function toName(capability: string): string {
  return capability.toLowerCase().replace(/^cap_/, "");
}
