import type { System } from "../system/system.ts";
import { describeContainer, toExitedState } from "./container.ts";
import { readContainerEnd, readContainerRecords } from "./container-store.ts";
import { createProcesses } from "./processes.ts";
import type { RuntimeContainer } from "./types.ts";

/**
 * What a runtime that is gone has left in a directory, oldest first, by its records and by which processes live.
 * Changes nothing. One that ended and has no exit record yet is lost.
 */
export async function listLeftContainers(
  system: System,
  containersDir: string,
): Promise<readonly RuntimeContainer[]> {
  const records = await readContainerRecords(system, containersDir);
  if (records.length === 0) return [];
  const processes = await createProcesses(system);
  const containers = records.map(async (record) => {
    const { identity, exit } = await readContainerEnd(system, { containersDir, id: record.id });
    const { startedAtMs } = record;
    if (exit === undefined && identity !== undefined && (await processes.isAlive(identity))) {
      return describeContainer(record, { kind: "running", pid: identity.pid, startedAtMs });
    }
    const lost = { exitCode: 137, lost: true, finishedAtMs: startedAtMs };
    return describeContainer(record, toExitedState(record, exit ?? lost));
  });
  return (await Promise.all(containers)).sort(
    (left, right) => left.state.startedAtMs - right.state.startedAtMs,
  );
}

/** Whether anything that a runtime has started there still runs; what was stopped with its machine is only recorded. */
export async function hasRunningContainers(system: System, containersDir: string): Promise<boolean> {
  const left = await listLeftContainers(system, containersDir);
  return left.some(({ state }) => state.kind === "running");
}
