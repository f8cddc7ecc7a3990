import { once } from "node:events";
import type { Duplex } from "node:stream";
import type { AttachSession, Runtime } from "../../../runtime/types.ts";
import { readSizes } from "./read-sizes.ts";
import { formatExitStatus } from "./remote-status.ts";
import type { RemoteStreams } from "./serve-remote-command.ts";

const NO_INPUT = "this container has no input";
/** Source: core/v1 types.go Container.StdinOnce. */
const INPUT_TAKEN = "this container's input was for one client alone (stdinOnce), which came before";
const GOES_NOWHERE = "what you type goes nowhere; kubectl exec -it opens a shell";

/**
 * Shows what a container writes from here on and hands it what the client types, until the container ends or the client
 * goes. A client that types to a container without input is told so.
 */
export async function runAttach(attach: {
  readonly runtime: Pick<Runtime, "openAttach">;
  readonly containerId: string;
  readonly streams: RemoteStreams;
}): Promise<string> {
  const { stdin, resize, stdout, stderr, closed } = attach.streams;
  const session = await attach.runtime.openAttach(attach.containerId, { input: stdin !== undefined });
  const gone = new AbortController();
  void closed.then(() => gone.abort());
  takeInput(session, attach.streams);
  const sizes = readSizes(resize);
  let resized = sizes.first.then(session.resize);
  sizes.onSize((size) => {
    resized = resized.then(() => session.resize(size));
  });
  const follow = async (stream: "stdout" | "stderr", output: Duplex | undefined): Promise<void> => {
    if (output === undefined) return;
    const write = async (chunk: Buffer): Promise<void> => {
      if (!output.write(chunk)) await once(output, "drain", { signal: gone.signal });
    };
    await session.follow(stream, { write, signal: gone.signal }).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  };
  try {
    await Promise.all([follow("stdout", stdout), follow("stderr", stderr)]);
    return formatExitStatus(0);
  } finally {
    session.stdin?.destroy();
    await session.close();
  }
}

/** The end of the client's input is the end of its hold on the container's. */
function takeInput(session: AttachSession, { stdin, stderr }: RemoteStreams): void {
  if (session.stdin !== undefined) stdin?.pipe(session.stdin);
  else if (stdin !== undefined) {
    stdin.resume();
    stderr?.write(`${session.isInputTaken ? INPUT_TAKEN : NO_INPUT}: ${GOES_NOWHERE}\n`);
  }
}
