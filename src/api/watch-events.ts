import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { isObject } from "../core/json.ts";
import type { KubeObject, WatchEvent } from "./types.ts";

/**
 * The events of a watch response: one JSON object a line, until the stream ends or breaks. A broken stream ends the
 * events just as a closed one does; the reader starts a new watch either way. Leaving the loop closes the stream.
 */
export async function* readWatchEvents(stream: Readable): AsyncGenerator<WatchEvent> {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  try {
    for await (const chunk of stream) {
      // The stream has no encoding set, so chunks are buffers.
      pending += decoder.write(chunk as Buffer);
      const lines = pending.split("\n");
      pending = lines.pop() ?? "";
      yield* lines.map(parseEvent).filter((event) => event !== undefined);
    }
  } catch (error) {
    if (!stream.errored) throw error;
  } finally {
    stream.destroy();
  }
}

function parseEvent(line: string): WatchEvent | undefined {
  if (line.trim() === "") return undefined;
  const event: unknown = JSON.parse(line);
  if (!isObject(event) || !isObject(event["object"]) || !isEventType(event["type"])) return undefined;
  // The API server's own encoding: an object with metadata, or a Status for ERROR.
  return { type: event["type"], object: event["object"] as unknown as KubeObject };
}

const EVENT_TYPES = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"] as const;

function isEventType(value: unknown): value is WatchEvent["type"] {
  return EVENT_TYPES.some((type) => type === value);
}
