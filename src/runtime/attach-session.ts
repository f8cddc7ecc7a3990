import type { System } from "../system/system.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { ContainerPaths } from "./container-store.ts";
import { openInput } from "./input.ts";
import type { LogStream } from "./logs/format-log-lines.ts";
import { openSpool, type Spool } from "./logs/spool.ts";
import { setTerminalSize } from "./terminal.ts";
import type { AttachSession } from "./types.ts";

/** Ours: what a key does is seen at once, and looking costs little while a client is there. */
const LOOK_MS = 20;

/** Attaches a client to a running container: what it writes from here on, as it writes it, and its input. */
export async function openAttachSession(
  system: System,
  options: {
    readonly record: ContainerRecord;
    readonly paths: ContainerPaths;
    /** Of the container's main process. */
    readonly pid: number;
    readonly input: boolean;
    readonly isRunning: () => boolean;
  },
): Promise<AttachSession> {
  const { record, paths, pid } = options;
  const spool = await openSpool(system, paths.spoolDir);
  const begin = await spool.sizes();
  const stdin = options.input ? await openInput(system, { spec: record.spec, paths }) : undefined;
  return {
    stdin,
    isInputTaken: options.input && stdin === undefined && record.spec.input === "once",
    follow: (stream, { write, signal }) =>
      followSpool(system, { ...options, spool, stream, offset: begin[stream], write, signal }),
    resize: async (size) => {
      if (record.spec.terminal !== true) return;
      await setTerminalSize(system, { device: await system.fs.readLink(`/proc/${pid}/fd/0`), size });
    },
    close: spool.close,
  };
}

/** A file that is shorter than before was cut by its container, and begins anew. */
async function followSpool(
  system: Pick<System, "clock">,
  follow: {
    readonly spool: Spool;
    readonly stream: LogStream;
    readonly offset: number;
    readonly isRunning: () => boolean;
    readonly write: (chunk: Buffer) => Promise<void>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { spool, stream, signal } = follow;
  let { offset } = follow;
  while (!signal.aborted) {
    // Asked before: what it wrote at last is read after its end.
    const runs = follow.isRunning();
    if ((await spool.sizes())[stream] < offset) offset = 0;
    const { bytes } = await spool.read(stream, offset);
    offset += bytes.length;
    if (bytes.length > 0) await follow.write(bytes);
    else if (!runs) return;
    else await system.clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
}
