import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import { messageOf } from "../core/errors.ts";
import type { FileStatus } from "../system/file-system.ts";
import type { System } from "../system/system.ts";

/** Requests are taken on a Unix socket. */
export interface KeptSocket {
  /** Takes no more requests, lets those under way end, and removes the socket. */
  close(): Promise<void>;
}

/** Ours: somebody who has cleared /run may wait so long for the runner to answer again; a look costs next to nothing. */
const LOOK_MS = 2_000;

/**
 * Listens on a socket that only this user can reach, and listens anew when somebody has removed it, as whoever clears
 * /run under a running system does. `prepare` makes its directory. Rejects with the system error; EADDRINUSE: it is there.
 */
export async function keepSocket(
  system: Pick<System, "clock" | "fs" | "log">,
  options: {
    readonly path: string;
    readonly prepare: () => Promise<void>;
    readonly onRequest: RequestListener;
  },
): Promise<KeptSocket> {
  const { path } = options;
  let server = await open(system, options);
  let known = await system.fs.lstat(path);
  let failing = false;
  let closed = false;
  let looking = Promise.resolve();
  let cancel = (): void => undefined;

  const look = async (): Promise<void> => {
    try {
      if (isSame(await system.fs.lstat(path), known)) return;
      void close(server);
      server = await open(system, options);
      known = await system.fs.lstat(path);
      failing = false;
      system.log.warn("the control socket was gone; it is there again", { path });
    } catch (error) {
      if (!failing) system.log.warn("the control socket is gone", { path, error: messageOf(error) });
      failing = true;
    }
  };
  const lookLater = (): void => {
    cancel = system.clock.after(LOOK_MS, () => {
      looking = look().then(() => (closed ? undefined : lookLater()));
    });
  };
  lookLater();
  return {
    close: async () => {
      closed = true;
      cancel();
      await looking;
      await close(server);
    },
  };
}

function isSame(left: FileStatus | undefined, right: FileStatus | undefined): boolean {
  return left !== undefined && left.ino === right?.ino && left.dev === right.dev;
}

async function open(
  system: Pick<System, "fs">,
  options: {
    readonly path: string;
    readonly prepare: () => Promise<void>;
    readonly onRequest: RequestListener;
  },
): Promise<Server> {
  await options.prepare();
  const server = createServer(options.onRequest);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.path, () => {
      server.off("error", reject);
      resolve();
    });
  });
  try {
    await system.fs.chmod(options.path, 0o600);
  } catch (error) {
    // It was removed in that moment: nobody could reach this server, and it would keep the process alive.
    await close(server);
    throw error;
  }
  return server;
}

/** Closing a listening server removes its socket at once. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
