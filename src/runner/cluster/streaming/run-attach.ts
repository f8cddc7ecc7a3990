import { once } from "node:events";
import type { Duplex } from "node:stream";
import { readContainerLog } from "../../../control/read-container-log.ts";
import type { System } from "../../../system/system.ts";
import { formatExitStatus } from "./remote-status.ts";
import type { RemoteStreams } from "./serve-remote-command.ts";

const NO_INPUT = "this container has no input: what you type goes nowhere; kubectl exec -it opens a shell\n";

/**
 * Shows what a container writes from here on, until it ends or the client goes. A container of this runtime has no
 * input: a client that has some is told so.
 */
export async function runAttach(
  system: Pick<System, "fs" | "clock">,
  attach: {
    readonly logPath: string;
    readonly hasEnded: () => boolean;
    readonly streams: RemoteStreams;
  },
): Promise<string> {
  const { stdin, resize, stdout, stderr, closed } = attach.streams;
  stdin?.resume();
  if (stdin !== undefined) stderr?.write(NO_INPUT);
  resize?.resume();
  const gone = new AbortController();
  void closed.then(() => gone.abort());
  const follow = async (stream: "stdout" | "stderr", output: Duplex | undefined): Promise<void> => {
    if (output === undefined) return;
    const write = async (chunk: Buffer): Promise<void> => {
      if (!output.write(chunk)) await once(output, "drain", { signal: gone.signal });
    };
    const { logPath: path, hasEnded } = attach;
    const common = { path, hasEnded, follow: true, tailLines: 0, signal: gone.signal };
    await readContainerLog(system, { ...common, stream, write }).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error;
    });
  };
  await Promise.all([follow("stdout", stdout), follow("stderr", stderr)]);
  return formatExitStatus(0);
}
