import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { messageOf } from "../../../core/errors.ts";
import type { System } from "../../../system/system.ts";
import { collectStreams } from "./collect-streams.ts";
import { acceptSpdy, type UpgradeRequest } from "./handshake.ts";
import { formatInternalError } from "./remote-status.ts";
import { serveSpdy } from "./spdy-connection.ts";

/** The protocol of exec and attach that tells exit codes. Source: cri-streaming remotecommand/constants.go. */
const PROTOCOL = "v4.channel.k8s.io";

/** The streams that the client has opened; which depends on what it asked for. */
export interface RemoteStreams {
  readonly stdin?: Duplex;
  readonly stdout?: Duplex;
  readonly stderr?: Duplex;
  /** Only with a terminal. */
  readonly resize?: Duplex;
  /** Resolves when the client has gone. */
  readonly closed: Promise<void>;
}

/**
 * Serves exec or attach: waits for the client's streams, lets `run` use them, and sends the status that it gives as
 * the last word. Source: cri-streaming remotecommand/exec.go, attach.go.
 */
export async function serveRemoteCommand(
  system: Pick<System, "clock">,
  remote: UpgradeRequest & {
    readonly params: URLSearchParams;
    readonly run: (streams: RemoteStreams) => Promise<string>;
  },
): Promise<void> {
  if (!acceptSpdy(remote, PROTOCOL)) return;
  const collector = collectStreams(system, selectStreamTypes(remote.params));
  const connection = serveSpdy(remote.socket, collector.add);
  try {
    const streams = await collector.wait(connection);
    const { error, ...rest } = streams;
    const status = await remote
      .run({ ...rest, closed: connection.closed })
      .catch((failure: unknown) => formatInternalError(messageOf(failure)));
    error?.write(status);
    await Promise.all(Object.values(streams).map(endStream));
  } finally {
    connection.end();
  }
}

/** Source: cri-streaming remotecommand/httpstream.go NewOptions; with a terminal stderr comes on stdout. */
function selectStreamTypes(params: URLSearchParams): readonly string[] {
  const has = (name: string): boolean => params.get(name) === "1";
  const terminal = has("tty");
  const wanted = { stdin: has("input"), stdout: has("output"), stderr: has("error") && !terminal };
  const types = Object.entries({ error: true, ...wanted, resize: terminal });
  return types.filter(([, isWanted]) => isWanted).map(([type]) => type);
}

async function endStream(stream: Duplex): Promise<void> {
  stream.end();
  await finished(stream, { readable: false }).catch(() => undefined);
}
