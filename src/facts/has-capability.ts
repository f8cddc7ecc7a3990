import type { System } from "../system/system.ts";

/** Source: linux/capability.h. */
const BITS = { CAP_SYS_ADMIN: 21n, CAP_SYS_RESOURCE: 24n } as const;

/** Whether what /proc/PID/status says of a process has this capability in effect. Source: proc_pid_status(5). */
export function hasCapability(status: string, name: keyof typeof BITS): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BITS[name]) & 1n) === 1n;
}

/** Whether this process can make mount namespaces: root in a plain container cannot. */
export async function readCanMount(system: Pick<System, "fs" | "host">): Promise<boolean> {
  const status = (await system.fs.readTextIfExists("/proc/self/status")) ?? "";
  return system.host.uid === 0 && hasCapability(status, "CAP_SYS_ADMIN");
}
