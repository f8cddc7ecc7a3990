import type { System } from "../system/system.ts";
import type { ContainerSpec } from "./types.ts";

/**
 * A container's spec with what the machine's accounts say of its user: the group, when the spec names a user alone, and
 * HOME, when its environment has none. A user without an account is in group 0 and at home in `/`.
 * Source: containerd pkg/oci WithUserID; runc libcontainer init_linux.go (HOME).
 */
export async function completeAccount(
  system: Pick<System, "fs" | "host">,
  spec: ContainerSpec,
): Promise<ContainerSpec> {
  const { security } = spec;
  const user = security?.user ?? system.host.uid;
  const account = findAccount((await system.fs.readTextIfExists("/etc/passwd")) ?? "", user);
  const env = { HOME: account.home, ...spec.env };
  if (security?.user === undefined || security.group !== undefined) return { ...spec, env };
  return { ...spec, env, security: { ...security, group: account.group } };
}

/** Source: passwd(5). */
function findAccount(passwd: string, user: number): { readonly group: number; readonly home: string } {
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find((candidate) => candidate.length === 7 && candidate[2] === String(user));
  return { group: Number(fields?.[3] ?? 0), home: fields?.[5] || "/" };
}
