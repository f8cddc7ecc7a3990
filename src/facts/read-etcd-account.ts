import type { System } from "../system/system.ts";
import type { MachineFacts } from "./types.ts";

/** The account of this machine that etcd has to itself, where there is one. Source: passwd(5). */
export async function readEtcdAccount(system: System): Promise<MachineFacts["etcdAccount"]> {
  const passwd = (await system.fs.readTextIfExists("/etc/passwd")) ?? "";
  const [, uid, gid] = /^etcd:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
