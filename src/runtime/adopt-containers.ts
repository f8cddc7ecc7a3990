import { removeTree } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { adoptEnded, type Container, type ContainerTools, watchContainer } from "./container.ts";
import type { ContainerRecord } from "./container-store.ts";
import type { ProcessIdentity } from "./processes.ts";
import { abandonStart } from "./start-container.ts";

/** Finds the containers that an earlier runner left, running or ended. One whose start was cut off is cleaned up. */
export async function adoptContainers(system: System, tools: ContainerTools): Promise<readonly Container[]> {
  const adopted: Container[] = [];
  for (const id of await tools.store.listIds()) {
    const record = await tools.store.readRecord(id);
    if (record === undefined) {
      await removeTree(system, tools.store.pathsOf(id).dir);
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
  options: ContainerTools & { readonly record: ContainerRecord },
): Promise<Container | undefined> {
  const identity = await findIdentity(system, options);
  if (identity === undefined) {
    await abandonStart(system, options);
    return undefined;
  }
  const exit = await options.store.readExit(options.record.id);
  if (exit !== undefined) return adoptEnded(system, { ...options, exit });
  const container = watchContainer(system, { ...options, identity });
  await container.checkAlive({ thorough: true });
  return container;
}

/** A shim that was started right before its runner was killed gets the time to say who its container is. */
async function findIdentity(
  system: System,
  { store, processes, record }: ContainerTools & { readonly record: ContainerRecord },
): Promise<ProcessIdentity | undefined> {
  const identity = await store.readIdentity(record.id);
  if (identity !== undefined || (await processes.findMarked(record.id)).length === 0) return identity;
  await system.clock.sleep(SHIM_SETTLE_MS);
  return store.readIdentity(record.id);
}

const SHIM_SETTLE_MS = 100;
