import { connect, type Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { messageOf } from "../../../core/errors.ts";
import { acceptSpdy, type UpgradeRequest } from "./handshake.ts";
import { type SpdyStream, serveSpdy } from "./spdy-connection.ts";

/** Source: cri-streaming portforward/constants.go. */
const PROTOCOL = "portforward.k8s.io";

interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
}

/**
 * Forwards connections to ports of a pod: a stream for the data and one for what goes wrong, with the same request ID.
 * A pod of the host's network has the host's ports. Source: cri-streaming portforward/httpstream.go.
 */
export async function servePortForward(
  upgrade: UpgradeRequest & { readonly podName: string },
): Promise<void> {
  if (!acceptSpdy(upgrade, PROTOCOL)) return;
  const pairs = new Map<string, Pair>();
  const connection = serveSpdy(upgrade.socket, (stream) => {
    const id = stream.headers["requestid"] ?? "";
    const type = stream.headers["streamtype"];
    const pair = pairs.get(id) ?? {};
    pairs.set(id, pair);
    if (type === "data") pair.data = stream;
    else if (type === "error") pair.error = stream;
    else stream.stream.destroy();
    if (pair.data === undefined || pair.error === undefined) return;
    pairs.delete(id);
    forward({ data: pair.data, error: pair.error.stream, podName: upgrade.podName });
  });
  await connection.closed;
}

function forward(pair: {
  readonly data: SpdyStream;
  readonly error: Duplex;
  readonly podName: string;
}): void {
  const { headers, stream } = pair.data;
  const port = Number(headers["port"]);
  pair.error.resume();
  const fail = (reason: string): void => {
    pair.error.end(`error forwarding port ${headers["port"]} to pod ${pair.podName}: ${reason}`);
    stream.destroy();
  };
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    fail("it is no port");
    return;
  }
  dial(port).then(
    (socket) => {
      pipeline(stream, socket, stream, (error) => {
        if (error === undefined || error === null) pair.error.end();
        else fail(messageOf(error));
      });
    },
    (error: unknown) => fail(messageOf(error)),
  );
}

/** Source: containerd and CRI-O: the pod's localhost, IPv4 first. */
async function dial(port: number): Promise<Socket> {
  try {
    return await open("127.0.0.1", port);
  } catch (error) {
    return open("::1", port).catch(() => {
      throw error;
    });
  }
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
