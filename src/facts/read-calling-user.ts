import type { System } from "../system/system.ts";

/** The ordinary user who called sudo. */
export interface CallingUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly homeDir: string;
}

/** Who called this program through sudo; undefined when nobody did or the account has no entry in /etc/passwd. */
export async function readCallingUser(system: System): Promise<CallingUser | undefined> {
  const uid = Number(system.host.env["SUDO_UID"] ?? 0);
  if (system.host.uid !== 0 || !Number.isInteger(uid) || uid <= 0) return undefined;
  const text = (await system.fs.readTextIfExists("/etc/passwd")) ?? "";
  const fields = text
    .split("\n")
    .map((line) => line.split(":"))
    .find((entry) => Number(entry[2]) === uid);
  const [name, , , gid, , homeDir] = fields ?? [];
  if (name === undefined || gid === undefined || homeDir === undefined || !homeDir.startsWith("/"))
    return undefined;
  return { name, uid, gid: Number(gid), homeDir };
}
