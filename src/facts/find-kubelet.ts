import type { SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { findOtherRunners } from "./find-other-runners.ts";
import { describeCommand } from "./list-processes.ts";

/**
 * The pid of a kubelet that runs the manifests of a directory; undefined where none does. Raises SLIPWAY_FILE_ACCESS
 * where only one runs whose configuration cannot be read: it may be that one.
 */
export async function findKubelet(
  system: System,
  { manifestDir }: { readonly manifestDir: string },
): Promise<number | undefined> {
  const unread: SlipwayError[] = [];
  const watchers = await findOtherRunners(system, {
    manifestDir,
    onUnread: ({ argv }, error) => {
      if (describeCommand(argv) === "kubelet") unread.push(error);
    },
  });
  const pid = watchers.find(({ command }) => command === "kubelet")?.pid;
  if (pid === undefined && unread[0] !== undefined) throw unread[0];
  return pid;
}
