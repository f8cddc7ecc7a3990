import * as v from "valibot";
import type { RunnerEvent } from "../control/protocol.ts";
import { messageOf } from "../core/errors.ts";
import { parseOwnJson } from "../runtime/own-json.ts";
import type { System } from "../system/system.ts";
import { addEvent, createEventRecorder, MAX_EVENTS } from "./events.ts";
import type { EventRecorder } from "./types.ts";

/** A recorder whose events outlive it. */
export interface LastingEvents extends EventRecorder {
  /** Resolves when all that was recorded is written, as far as it can be. */
  close(): Promise<void>;
}

const MODE = 0o600;

/** Twice what is kept, so that the file is seldom written anew. */
const MAX_LINES = 2 * MAX_EVENTS;

/** A file of ours is never so long; what is, is not read. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

const text = v.optional(v.string());
const eventSchema = v.object({
  at: v.pipe(v.string(), v.isoTimestamp()),
  type: v.picklist(["Normal", "Warning"]),
  reason: v.string(),
  message: v.string(),
  pod: text,
  namespace: text,
  container: text,
  count: v.number(),
});

/**
 * What a runner has written down of its events, oldest first; undefined where there is no such file. What a power cut or
 * a full disk has left of a line is left out. Rejects with the system error.
 */
export async function readEventFile(
  system: Pick<System, "fs">,
  path: string,
): Promise<readonly RunnerEvent[] | undefined> {
  const status = await system.fs.stat(path);
  if (status === undefined) return undefined;
  if (status.sizeBytes > MAX_FILE_BYTES) return [];
  const events: RunnerEvent[] = [];
  for (const line of (await system.fs.readText(path)).split("\n")) {
    const { success, output } = v.safeParse(eventSchema, parseOwnJson(line));
    if (success) addEvent(events, { ...NOWHERE, ...output });
  }
  return events;
}

const NOWHERE = { pod: undefined, namespace: undefined, container: undefined };

/**
 * A recorder that begins with the events of the runner before and writes its own down, a JSON line each, in a file that
 * is written anew when it has grown to twice what is kept. Nothing is written while nothing happens. A failure is logged
 * once, and made good with the next event.
 */
export async function openEvents(
  system: Pick<System, "clock" | "fs" | "log">,
  path: string,
): Promise<LastingEvents> {
  const complain = (error: unknown): void =>
    system.log.warn("events cannot be written down", { path, error: messageOf(error) });
  const earlier = await readEventFile(system, path).catch(complain);
  const recorder = createEventRecorder(system, { earlier: earlier ?? [] });
  // What an earlier runner has left may be long, or end within a line.
  let linesInFile = MAX_LINES;
  let isFailing = false;
  let fresh: RunnerEvent[] = [];
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const told = fresh;
    fresh = [];
    if (told.length === 0) return;
    const isAppended = !isFailing && linesInFile + told.length <= MAX_LINES;
    const written = isAppended ? told : [...recorder.list()];
    const data = written.map((event) => `${JSON.stringify(event)}\n`).join("");
    try {
      if (isAppended) await system.fs.appendText(path, { text: data, mode: MODE });
      else await system.fs.writeAtomic(path, { data, mode: MODE, durable: false });
      linesInFile = written.length + (isAppended ? linesInFile : 0);
      isFailing = false;
    } catch (error) {
      if (!isFailing) complain(error);
      isFailing = true;
    }
  };
  // Those that come while one is being written are written together.
  const flush = (): Promise<void> => {
    writing = writing.then(write);
    return writing;
  };
  recorder.onRecord((event) => {
    fresh.push(event);
    void flush();
  });
  return { ...recorder, close: flush };
}
