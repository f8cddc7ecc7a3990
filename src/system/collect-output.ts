import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { System } from "./system.ts";
import { waitAtMost } from "./wait-at-most.ts";

/** How long what a program's children still write is waited for after its end; ours. */
const DRAIN_MS = 1000;

/** What a program has written by its end, the first `maxBytes` of each stream. Children of it may write on: to nobody. */
export async function collectOutput(
  system: Pick<System, "clock">,
  options: {
    readonly program: {
      readonly stdout: Readable;
      readonly stderr: Readable;
      readonly exited: Promise<number>;
    };
    readonly maxBytes: number;
  },
): Promise<{ readonly exitCode: number; readonly stdout: Buffer; readonly stderr: Buffer }> {
  const { program, maxBytes } = options;
  const [out, err] = [keep(program.stdout, maxBytes), keep(program.stderr, maxBytes)];
  const exitCode = await program.exited;
  await waitAtMost(system, { work: Promise.all([out.done, err.done]), leftMs: DRAIN_MS });
  return { exitCode, stdout: out.text(), stderr: err.text() };
}

/** What is written beyond the bound is read all the same, so that nothing blocks. */
function keep(
  stream: Readable,
  maxBytes: number,
): { readonly done: Promise<void>; readonly text: () => Buffer } {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size < maxBytes) chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
  });
  const done = finished(stream, { writable: false }).catch(() => undefined);
  return { done, text: () => Buffer.concat(chunks) };
}
