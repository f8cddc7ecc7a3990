import type { Duplex, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { messageOf } from "../../../core/errors.ts";
import type { ExecSession, Runtime, TerminalSize } from "../../../runtime/types.ts";
import type { System } from "../../../system/system.ts";
import { readSizes, type Sizes } from "./read-sizes.ts";
import { formatExitStatus, formatInternalError } from "./remote-status.ts";
import type { RemoteStreams } from "./serve-remote-command.ts";

/** What a command's children still write may take this long after its end; ours. */
const DRAIN_MS = 1_000;
/** A client with a terminal tells its size at once; ours. */
const FIRST_SIZE_MS = 200;
/** Until the client tells another. */
const DEFAULT_SIZE: TerminalSize = { rows: 24, columns: 80 };

/** Runs a command in a container and gives its last word. A client that goes away hangs up on the command. */
export async function runExec(
  system: Pick<System, "clock">,
  exec: {
    readonly runtime: Runtime;
    readonly containerId: string;
    readonly command: readonly string[];
    readonly streams: RemoteStreams;
  },
): Promise<string> {
  const { streams, command } = exec;
  const sizes = readSizes(streams.resize);
  const terminal = streams.resize === undefined ? undefined : await firstSize(system, sizes);
  try {
    const session = await exec.runtime.openExec(exec.containerId, { command, terminal });
    sizes.onSize((size) => void session.resize(size));
    return await follow(system, { session, streams });
  } catch (error) {
    return formatInternalError(`error executing command in container: ${messageOf(error)}`);
  }
}

async function follow(
  system: Pick<System, "clock">,
  { session, streams }: { readonly session: ExecSession; readonly streams: RemoteStreams },
): Promise<string> {
  let ended = false;
  void streams.closed.then(() => {
    if (!ended) session.hangUp();
  });
  if (streams.stdin !== undefined) streams.stdin.pipe(session.stdin);
  // A terminal's end of input is the end of what runs in it; it stays open when the client has no input.
  else if (streams.resize === undefined) session.stdin.end();
  const outputs = [copy(session.stdout, streams.stdout), copy(session.stderr, streams.stderr)];
  const exitCode = await session.exited;
  ended = true;
  await Promise.race([Promise.all(outputs), system.clock.sleep(DRAIN_MS)]);
  return formatExitStatus(exitCode);
}

/** Resolves when everything has been copied; what nobody wants is read all the same, so that nothing blocks. */
async function copy(from: Readable, to: Duplex | undefined): Promise<void> {
  if (to === undefined) from.resume();
  else from.pipe(to, { end: false });
  await finished(from, { writable: false }).catch(() => undefined);
}

function firstSize(system: Pick<System, "clock">, sizes: Sizes): Promise<TerminalSize> {
  return Promise.race([sizes.first, system.clock.sleep(FIRST_SIZE_MS).then(() => DEFAULT_SIZE)]);
}
