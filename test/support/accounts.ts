import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NetworkHost } from "./network-hosts.ts";

/** Who etcd runs as where a machine has an account for it. */
export const ETCD_UID = 2379;

/** Who has called sudo. */
export const CALLER_UID = 54321;

/** A machine with two more accounts, etcd's and that of a user who has called sudo, as far as our commands can see. */
export interface Accounts {
  readonly host: NetworkHost;
  readonly env: Readonly<Record<string, string>>;
  /** Holds the user's home directory, and nothing of a control plane. */
  readonly dir: string;
  remove(): Promise<void>;
}

/** Each command has a mount namespace of its own, with another /etc/passwd. Needs root. */
export async function createAccounts(): Promise<Accounts> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-accounts-"));
  const passwd = join(dir, "passwd");
  const home = join(dir, "home");
  await mkdir(home);
  await chown(home, CALLER_UID, CALLER_UID);
  await chmod(dir, 0o755);
  const entries = [
    `etcd:x:${ETCD_UID}:${ETCD_UID}::/nonexistent:/usr/sbin/nologin`,
    `caller:x:${CALLER_UID}:${CALLER_UID}::${home}:/bin/sh`,
  ];
  await writeFile(passwd, `${await readFile("/etc/passwd", "utf8")}${entries.join("\n")}\n`);
  const enter = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', passwd];
  return {
    host: { address: "127.0.0.1", enter },
    env: { SUDO_UID: String(CALLER_UID) },
    dir,
    remove: () => rm(dir, { recursive: true }),
  };
}
