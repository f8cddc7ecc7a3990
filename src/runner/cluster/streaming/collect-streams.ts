import type { Duplex } from "node:stream";
import type { System } from "../../../system/system.ts";
import type { SpdyConnection, SpdyStream } from "./spdy-connection.ts";

/** Source: kubelet server/server.go DefaultStreamCreationTimeout. */
const STREAM_TIMEOUT_MS = 30_000;

/** Streams by the type that their headers name. */
export interface StreamCollector {
  readonly add: (stream: SpdyStream) => void;
  /** Resolves when all are there; rejects when they do not come in time, or the connection ends before. */
  wait(connection: SpdyConnection): Promise<Readonly<Record<string, Duplex>>>;
}

/** Waits for one stream of each wanted type; others are given up. */
export function collectStreams(system: Pick<System, "clock">, wanted: readonly string[]): StreamCollector {
  const found: Record<string, Duplex> = {};
  let complete = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const isComplete = (): boolean => wanted.every((type) => found[type] !== undefined);
  return {
    add: ({ headers, stream }) => {
      const type = headers["streamtype"] ?? "";
      if (found[type] !== undefined || !wanted.includes(type)) {
        stream.destroy();
        return;
      }
      found[type] = stream;
      if (isComplete()) complete();
    },
    wait: async ({ closed }) => {
      const timer = new AbortController();
      const late = system.clock.sleep(STREAM_TIMEOUT_MS, timer.signal).catch(() => undefined);
      await Promise.race([done, closed, late]);
      timer.abort();
      if (!isComplete()) throw new Error("the client did not open its streams");
      return found;
    },
  };
}
