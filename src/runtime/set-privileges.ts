import type { ContainerSecurity } from "./isolation.ts";

/** What a container runtime leaves a container that is not privileged. Source: containerd pkg/oci defaultUnixCaps. */
export const DEFAULT_CAPABILITIES = [
  "audit_write",
  "chown",
  "dac_override",
  "fowner",
  "fsetid",
  "kill",
  "mknod",
  "net_bind_service",
  "net_raw",
  "setfcap",
  "setgid",
  "setpcap",
  "setuid",
  "sys_chroot",
] as const;

/**
 * setpriv(1) and its arguments, to stand before a command; empty when nothing is asked of it. Capabilities bound what
 * the command can have: a user other than root has none of them but through files, as in any container runtime.
 */
export function buildSetpriv(security: ContainerSecurity | undefined): readonly string[] {
  if (security === undefined) return [];
  const { user, group, groups, capabilities, noNewPrivileges } = security;
  const words = [
    ...(user === undefined ? [] : ["--reuid", String(user)]),
    ...(group === undefined ? [] : ["--regid", String(group)]),
    ...buildGroups(security, groups),
    ...(capabilities === undefined
      ? []
      : ["--inh-caps=-all", `--bounding-set=${["-all", ...capabilities.map(withSign)].join(",")}`]),
    ...(noNewPrivileges ? ["--no-new-privs"] : []),
  ];
  return words.length === 0 ? [] : ["setpriv", ...words, "--"];
}

function withSign(capability: string): string {
  return capability.startsWith("-") ? capability : `+${capability}`;
}

function buildGroups(security: ContainerSecurity, groups: readonly number[]): readonly string[] {
  if (groups.length > 0) return ["--groups", groups.join(",")];
  return security.user === undefined && security.group === undefined ? [] : ["--clear-groups"];
}
