import { isSuspended } from "../facts/is-suspended.ts";
import type { System } from "../system/system.ts";
import type { ContainerSubject } from "./container-subject.ts";
import type { ContainerFailure } from "./explain-container.ts";

/** What is wrong with a container whose process somebody has stopped; undefined while it goes on, or does not run. */
export async function explainSuspended(
  system: Pick<System, "fs">,
  { report, container }: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const pid = report.containers.find(({ name }) => name === container)?.pid;
  if (pid === undefined || !(await isSuspended(system, pid))) return undefined;
  return {
    summary: "suspended",
    cause: `its process ${pid} does nothing: somebody has stopped it (SIGSTOP, state T)`,
    fix: `to let it go on: kill -CONT ${pid}`,
    logLines: [],
    permanent: false,
    inManifest: false,
    restartCount: 0,
  };
}
