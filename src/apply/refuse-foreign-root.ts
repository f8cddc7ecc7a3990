import { SlipwayError, systemErrorCode } from "../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../core/paths.ts";
import { quoteShell } from "../core/quote-shell.ts";
import type { System } from "../system/system.ts";

/**
 * Raises SLIPWAY_FOREIGN_ROOT where another user's init or runner has been at work: what root would write there the
 * other's components could not read, and what root would stop and start would no longer be theirs to manage.
 */
export async function refuseForeignRoot(system: Pick<System, "fs" | "host">, root: string): Promise<void> {
  const { uid } = system.host;
  const owner = await findOwner(system, buildPaths({ root, uid }));
  if (owner === undefined || owner === uid) return;
  const [who, sudo] = owner === 0 ? ["root", "sudo"] : [`uid ${owner}`, `sudo -u ${quoteShell(`#${owner}`)}`];
  throw new SlipwayError({
    code: "SLIPWAY_FOREIGN_ROOT",
    what: `the root ${root} belongs to ${who}`,
    why: `this is ${uid === 0 ? "root" : `uid ${uid}`}, and files of two users in one root would not work together`,
    fix: `run the command as ${who}: ${sudo} slipway …`,
  });
}

/**
 * Whose files init or a runner has left; a state directory that is there without them, such as a volume's, is nobody's.
 * Undefined also where one may not look at all.
 */
async function findOwner(
  system: Pick<System, "fs">,
  { ledgerPath, containersDir, stateDir }: ClusterPaths,
): Promise<number | undefined> {
  try {
    return ((await system.fs.stat(ledgerPath)) ?? (await system.fs.stat(containersDir)))?.uid;
  } catch (error) {
    if (systemErrorCode(error) !== "EACCES") throw error;
    return (await system.fs.stat(stateDir).catch(() => undefined))?.uid;
  }
}
