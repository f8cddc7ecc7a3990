import type { System } from "../system/system.ts";
import type { Hierarchy } from "./cgroups.ts";
import {
  adoptEnded,
  type Container,
  type ContainerTools,
  watchContainer,
  writeLostExit,
} from "./container.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { ExitRecord } from "./container-store.ts";
import type { ProcessIdentity } from "./processes.ts";
import { abandonStart, endUnknown } from "./remove-container.ts";

type AdoptTools = ContainerTools & { readonly hierarchies: readonly Hierarchy[] };

/**
 * Finds the containers that an earlier runner left, running or ended. One whose start or
 * removal was cut off is cleaned up. One of which something cannot be read, as after a power cut, is ended before
 * anything else of its pod can start.
 */
export async function adoptContainers(system: System, tools: AdoptTools): Promise<readonly Container[]> {
  for (const id of await tools.store.listAsideIds()) {
    const record = await tools.store.readRecord(id);
    if (record === undefined) await endUnknown(system, { ...tools, id });
    else await abandonStart(system, { ...tools, record });
  }
  const adopted: Container[] = [];
  for (const id of await tools.store.listIds()) {
    const record = await tools.store.readRecord(id);
    if (record === undefined) {
      await endUnknown(system, { ...tools, id });
      continue;
    }
    const container = await adoptContainer(system, { ...tools, record });
    if (container !== undefined) adopted.push(container);
  }
  await tools.store.removeStrayExits();
  return adopted.sort((left, right) => left.record.startedAtMs - right.record.startedAtMs);
}

async function adoptContainer(
  system: System,
  options: AdoptTools & { readonly record: ContainerRecord },
): Promise<Container | undefined> {
  const { store, record } = options;
  const identity = await findIdentity(system, options);
  const exit = await store.readExit(record.id);
  if (identity === "damaged") {
    system.log.warn("what a container's process said of itself cannot be read; the container is ended", {
      container: record.id,
    });
    return adoptEnded(system, {
      ...options,
      exit: exit ?? (await writeLostExit(system, { store, id: record.id })),
    });
  }
  if (identity === undefined) {
    if (await abandonStart(system, options))
      system.log.warn(
        "a container's process has not said who it is; it is ended, and its pod starts it anew",
        {
          container: record.id,
        },
      );
    return undefined;
  }
  const end = exit ?? (await findLostEnd(system, { ...options, identity }));
  if (end !== undefined) return adoptEnded(system, { ...options, exit: end });
  const container = watchContainer(system, { ...options, identity });
  await container.checkAlive({ thorough: true });
  return container;
}

/** The end of a container that is gone with its shim: nobody is left who could still write it down. */
async function findLostEnd(
  system: System,
  options: ContainerTools & { readonly record: ContainerRecord; readonly identity: ProcessIdentity },
): Promise<ExitRecord | undefined> {
  const { store, processes, record, identity } = options;
  if (await processes.isAlive(identity)) return undefined;
  if ((await processes.findMarked(record.id)).length > 0) return undefined;
  // The shim may have written it a moment ago.
  return (await store.readExit(record.id)) ?? writeLostExit(system, { store, id: record.id });
}

/** A shim that was started right before its runner was killed gets the time to say who its container is. */
async function findIdentity(
  system: System,
  { store, processes, record }: ContainerTools & { readonly record: ContainerRecord },
): Promise<ProcessIdentity | "damaged" | undefined> {
  const identity = await store.readIdentity(record.id);
  const isKnown = identity !== undefined && identity !== "damaged";
  if (isKnown || (await processes.findMarked(record.id)).length === 0) return identity;
  await system.clock.sleep(SHIM_SETTLE_MS);
  return store.readIdentity(record.id);
}

const SHIM_SETTLE_MS = 100;
