import { dirname } from "node:path";
import { describeFileError, SlipwayError, systemErrorCode } from "../core/errors.ts";
import { quoteShell } from "../core/quote-shell.ts";
import type { FileStatus } from "../system/file-system.ts";
import type { System } from "../system/system.ts";

/**
 * Stands for a look at who is at the other end of a control socket, which Node.js cannot take (it has no SO_PEERCRED):
 * owners and modes say it for both sides. The runner keeps the socket 0600 in a directory 0700 of its own user, so who
 * gets through to it is that user or root. Who listens there is root, this user or the root's owner, for nobody else
 * could have put the socket there or can put another in its place, or this raises SLIPWAY_RUNNER_MISMATCH. What is not
 * there or may not be looked at the connection itself tells.
 * Source: unix(7), who connects needs write permission on the socket; path_resolution(7).
 */
export async function refuseForeignSocket(
  system: Pick<System, "fs" | "host">,
  { socketPath, root }: { readonly socketPath: string; readonly root: string },
): Promise<void> {
  const look = (path: string) => whenVisible(system.fs.lstat(path), path);
  const owner = await whenVisible(system.fs.stat(root), root);
  const socket = await look(socketPath);
  if (socket === undefined) return;
  for (const path of [dirname(socketPath), socketPath]) {
    const status = path === socketPath ? socket : await look(path);
    const why = status && findFault(status, [0, system.host.uid, owner?.uid]);
    if (why === undefined) continue;
    throw new SlipwayError({
      code: "SLIPWAY_RUNNER_MISMATCH",
      what: `the control socket ${socketPath} is not used: anybody may have put it there`,
      why: `${path} ${why}`,
      fix: `see who did that, and remove it, for a runner makes its own anew: rm -r ${quoteShell(path)}`,
    });
  }
}

async function whenVisible(
  status: Promise<FileStatus | undefined>,
  path: string,
): Promise<FileStatus | undefined> {
  try {
    return await status;
  } catch (error) {
    if (HIDDEN.includes(systemErrorCode(error) ?? "")) return undefined;
    throw describeFileError(error, { action: "look at", path });
  }
}

const HIDDEN = ["EACCES", "ENOTDIR"];

function findFault(
  { kind, uid, mode }: FileStatus,
  trusted: readonly (number | undefined)[],
): string | undefined {
  if (!trusted.includes(uid)) return `belongs to uid ${uid}`;
  if (kind === "symlink") return "is a symbolic link";
  return (mode & 0o022) === 0 ? undefined : `can be written by others (mode ${mode.toString(8)})`;
}
