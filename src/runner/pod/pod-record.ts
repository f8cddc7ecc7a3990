import { join } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../core/errors.ts";
import type { Pod, PodStatus } from "../../pod/types.ts";
import { parseOwnJson } from "../../runtime/own-json.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import type { SlotStop } from "../container/container-slot.ts";

/** What the next runner is to know of a pod besides its containers. */
export interface SavedPod {
  /** What was ready, and since when. */
  readonly status: PodStatus;
  /** The ends of runs that have begun, by container ID, so that nobody begins them anew. */
  readonly stops: Readonly<Record<string, SlotStop>>;
  /** The runner that is gone has ended the pod, and not for good: nothing of it had crashed. */
  readonly stopped?: boolean | undefined;
}

/** Where a pod's worker saves that. */
export interface PodRecord {
  /** Writes soon; several in a row are one. */
  save(saved: SavedPod): void;
  /** Writes what is still to be written. */
  close(): Promise<void>;
  /** Writes nothing any more; resolves when no write is under way. */
  drop(): Promise<void>;
}

/** Ours: short beside the time that a probe needs to find out again. */
const SAVE_DELAY_MS = 100;

/** The record of a pod that this runner runs. A failure to write is logged once: the next runner then asks the probes. */
export function createPodRecord(
  system: Pick<System, "fs" | "clock" | "log">,
  options: { readonly podsDir: string; readonly pod: Pod },
): PodRecord {
  const path = recordPath(options);
  let next: SavedPod | undefined;
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();
  let phase: "open" | "failing" | "dropped" = "open";
  const write = async (): Promise<void> => {
    cancel?.();
    cancel = undefined;
    if (next === undefined || phase === "dropped") return;
    const data = JSON.stringify(next);
    next = undefined;
    try {
      await makeDirs(system, { path: join(options.podsDir, options.pod.metadata.uid), mode: 0o750 });
      await system.fs.writeAtomic(path, { data, mode: 0o600, durable: false });
      phase = "open";
    } catch (error) {
      if (phase === "open") system.log.warn("cannot save a pod's status", { path, error: messageOf(error) });
      phase = "failing";
    }
  };
  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };
  return {
    save: (saved) => {
      next = saved;
      cancel ??= system.clock.after(SAVE_DELAY_MS, () => void flush());
    },
    close: flush,
    drop: async () => {
      cancel?.();
      phase = "dropped";
      await writing;
    },
  };
}

/** What an earlier runner saved; undefined when it saved nothing that can be read. */
export async function readPodRecord(
  system: Pick<System, "fs">,
  options: { readonly podsDir: string; readonly pod: Pod },
): Promise<SavedPod | undefined> {
  const text = await system.fs.readTextIfExists(recordPath(options));
  const value = parseOwnJson(text ?? "");
  const { success } = v.safeParse(savedSchema, value);
  // What the schema leaves open was written whole or not at all, by this module only.
  return success ? (value as SavedPod) : undefined;
}

const statusesSchema = v.optional(v.array(v.looseObject({ name: v.string() })));

/** What the next runner takes from the record. */
const savedSchema = v.looseObject({
  status: v.looseObject({
    phase: v.string(),
    conditions: v.optional(v.array(v.looseObject({ type: v.string(), status: v.string() }))),
    initContainerStatuses: statusesSchema,
    containerStatuses: statusesSchema,
  }),
  stopped: v.optional(v.boolean()),
  stops: v.record(
    v.string(),
    v.looseObject({
      reason: v.string(),
      deadlineMs: v.number(),
      hookDone: v.boolean(),
      signalled: v.boolean(),
    }),
  ),
});

function recordPath(options: { readonly podsDir: string; readonly pod: Pod }): string {
  return join(options.podsDir, options.pod.metadata.uid, "status.json");
}
