import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { System } from "../../system/system.ts";
import { LOG_STREAMS, type LogStream } from "./format-log-lines.ts";

/**
 * At most this much of a spool is in memory; as log lines it is up to fifty times as much, for an empty line is one
 * byte in the spool.
 */
const CHUNK_BYTES = 128 * 1024;

const NEWLINE = 0x0a;

/** Space is given back in steps of this size: seldom enough not to matter, often enough to stay small. */
const PUNCH_STEP_BYTES = 4 * 1024 * 1024;

/** Bytes in each spool. */
export type SpoolSizes = { readonly [stream in LogStream]: number };

/** The files that a container writes its output to, seen by their reader. */
export interface Spool {
  /** The bytes from `offset` on, at most a chunk; `more` when the chunk was full. */
  read(stream: LogStream, offset: number): Promise<{ readonly bytes: Buffer; readonly more: boolean }>;
  /** The first beginning of a line behind `offset`; `offset` itself when none is near. */
  nextLineStart(stream: LogStream, offset: number): Promise<number>;
  /** Gives the space of what was read back to the file system, where that can be done. */
  free(stream: LogStream, uptoOffset: number): Promise<void>;
  sizes(): Promise<SpoolSizes>;
  close(): Promise<void>;
}

/** Where a stream's spool lies. */
export function spoolPath(spoolDir: string, stream: LogStream): string {
  return join(spoolDir, stream);
}

/** Makes and opens both spools for the container to write to: appending, so that nobody's position is ever wrong. */
export async function openSpoolForWriting(
  system: System,
  spoolDir: string,
): Promise<{ readonly [stream in LogStream]: FileHandle }> {
  const open = (stream: LogStream): Promise<FileHandle> =>
    system.fs.open(spoolPath(spoolDir, stream), { flags: "a", mode: 0o600 });
  return { stdout: await open("stdout"), stderr: await open("stderr") };
}

/** Opens both spools for reading. */
export async function openSpool(system: System, spoolDir: string): Promise<Spool> {
  const open = (stream: LogStream): Promise<FileHandle> =>
    system.fs.open(spoolPath(spoolDir, stream), { flags: "r" });
  const handles = { stdout: await open("stdout"), stderr: await open("stderr") };
  const freed = { stdout: 0, stderr: 0 };
  let canPunch = true;
  const read: Spool["read"] = async (stream, offset) => {
    const { size } = await handles[stream].stat();
    const wanted = Math.min(CHUNK_BYTES, Math.max(0, size - offset));
    if (wanted === 0) return { bytes: Buffer.alloc(0), more: false };
    const buffer = Buffer.allocUnsafe(wanted);
    const { bytesRead } = await handles[stream].read(buffer, 0, wanted, offset);
    return { bytes: buffer.subarray(0, bytesRead), more: wanted === CHUNK_BYTES };
  };
  return {
    read,
    nextLineStart: async (stream, offset) => {
      const { bytes } = await read(stream, offset);
      return offset + bytes.indexOf(NEWLINE) + 1;
    },
    free: async (stream, uptoOffset) => {
      const length = uptoOffset - (uptoOffset % PUNCH_STEP_BYTES) - freed[stream];
      if (!canPunch || length <= 0) return;
      canPunch = await punchHole(system, {
        path: spoolPath(spoolDir, stream),
        offset: freed[stream],
        length,
      });
      freed[stream] += length;
    },
    sizes: async () => ({
      stdout: (await handles.stdout.stat()).size,
      stderr: (await handles.stderr.stat()).size,
    }),
    close: async () => {
      for (const stream of LOG_STREAMS) await handles[stream].close();
    },
  };
}

async function punchHole(
  system: System,
  hole: { readonly path: string; readonly offset: number; readonly length: number },
): Promise<boolean> {
  const args = ["--punch-hole", "--offset", String(hole.offset), "--length", String(hole.length), hole.path];
  const result = await system.exec.run({ command: "fallocate", args, timeoutMs: 10_000 });
  return result.exitCode === 0;
}
