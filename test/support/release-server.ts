import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "tar";

/** How a server treats one request of a file. */
export type Behaviour =
  | "serve"
  /** Ends the connection in the middle of the body, when its client has all that came before. */
  | "cut"
  /** Sends it in pieces, some milliseconds apart. */
  | "slow"
  /** Sends the half and then nothing more. */
  | "stall"
  | "unavailable"
  | "redirect"
  /** Sends the whole file, whatever part was asked for. */
  | "ignore-range";

/** A server of release files on a free port of the loopback. */
export interface ReleaseServer {
  readonly url: string;
  /** `GET path` or `GET path bytes=5-` for each request, in order. */
  readonly requests: readonly string[];
  serve(path: string, body: Buffer | string): void;
  /** What the next requests of a path meet, one each; afterwards it is served well. */
  plan(path: string, behaviours: readonly Behaviour[]): void;
  /** Hears how much of a file its client has: what is under way when a connection is cut may be lost with it. */
  hear(fraction: number | undefined): void;
  close(): Promise<void>;
}

/** Starts a server that has no files yet. */
export async function startReleaseServer(): Promise<ReleaseServer> {
  const files = new Map<string, Buffer>();
  const plans = new Map<string, Behaviour[]>();
  const requests: string[] = [];
  let cut: Cut | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(`GET ${path}${request.headers.range === undefined ? "" : ` ${request.headers.range}`}`);
    const moved = path.startsWith("/moved/");
    const body = files.get(moved ? path.slice("/moved".length) : path);
    if (body === undefined) response.writeHead(404).end();
    else {
      const behaviour = plans.get(path)?.shift() ?? "serve";
      const onCut = (next: Cut): void => {
        cut = next;
      };
      answer({ request, response, body, behaviour, onCut }).catch(() => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    serve: (path, body) => files.set(path, Buffer.from(body)),
    plan: (path, behaviours) => plans.set(path, [...behaviours]),
    hear: (fraction) => {
      if (fraction === cut?.fraction) cut?.response.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The SHA-256 of a text or bytes, in hex. */
export function sha256(data: Buffer | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** An archive laid out as etcd's releases are. */
export async function createEtcdArchive(options: {
  readonly stem: string;
  readonly program: string;
}): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-archive-"));
  try {
    await mkdir(join(dir, options.stem, "Documentation"), { recursive: true });
    await writeFile(join(dir, options.stem, "Documentation/README.md"), "read me");
    await writeFile(join(dir, options.stem, "etcd"), options.program, { mode: 0o755 });
    await create({ file: join(dir, "a.tar.gz"), gzip: true, cwd: dir }, [options.stem]);
    return await readFile(join(dir, "a.tar.gz"));
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** An answer that is to end when so much of the file has come. */
interface Cut {
  readonly fraction: number;
  readonly response: ServerResponse;
}

async function answer(options: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly behaviour: Behaviour;
  readonly onCut: (cut: Cut) => void;
}): Promise<void> {
  const { request, response, body, behaviour } = options;
  if (behaviour === "unavailable") return void response.writeHead(503).end();
  if (behaviour === "redirect")
    return void response.writeHead(302, { location: `/moved${request.url}` }).end();
  const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const start = behaviour === "ignore-range" ? 0 : asked;
  if (start > 0 && start >= body.length)
    return void response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
  const part = body.subarray(start);
  const range = { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` };
  response.writeHead(start > 0 ? 206 : 200, { "content-length": part.length, ...(start > 0 ? range : {}) });
  const half = Math.ceil(part.length / 2);
  if (behaviour === "cut") {
    options.onCut({ fraction: (start + half) / body.length, response });
    response.write(part.subarray(0, half));
  } else if (behaviour === "stall") {
    response.write(part.subarray(0, half));
  } else if (behaviour === "slow") {
    for (let at = 0; at < part.length; at += half / 2) {
      response.write(part.subarray(at, at + half / 2));
      await sleep(10);
    }
    response.end();
  } else {
    response.end(part);
  }
}
