import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { systemErrorCode } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { sendText } from "./send-text.ts";

/** Where programs of a machine write their logs. Source: kubelet kubelet.go nodeLogDir. */
const NODE_LOG_DIR = "var/log";
/** A pipe that somebody has put there must not hold the runner up. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Answers `/logs/…`: a file under /var/log of the root, or the names in a directory. What lies elsewhere is 403, also
 * when a symlink leads there, which the kubelet would follow; what is no file is 403, too.
 * Source: kubelet kubelet.go (logServer), Go net/http/fs.go serveFile.
 */
export async function serveNodeLog(
  system: Pick<System, "fs">,
  request: {
    readonly root: string;
    /** What stands behind `/logs`, decoded; a directory's last part is empty. */
    readonly rest: readonly string[];
    readonly response: ServerResponse;
  },
): Promise<void> {
  const { rest, response } = request;
  const logDir = join(request.root, NODE_LOG_DIR);
  let handle: FileHandle | undefined;
  try {
    const top = await system.fs.realPath(logDir);
    handle = await system.fs.open(join(logDir, join("/", ...rest)), { flags: FLAGS });
    // What was opened counts, not what the path leads to by now.
    const place = `/proc/self/fd/${handle.fd}`;
    const opened = await system.fs.readLink(place);
    if (opened !== top && !opened.startsWith(`${top}/`)) return sendText(response, FORBIDDEN);
    const status = await handle.stat();
    const asDirectory = (rest.at(-1) ?? "") === "" && rest.length > 0;
    if (status.isDirectory() !== asDirectory) {
      const name = basename(join("/", ...rest)) || "logs";
      return redirect(response, asDirectory ? `../${name}` : `${name}/`);
    }
    if (status.isDirectory()) return await sendNames(system, { place, response });
    if (!status.isFile()) return sendText(response, FORBIDDEN);
    await sendFile(handle, { sizeBytes: status.size, name: rest.at(-1) ?? "", response });
  } catch (error) {
    const answer = ANSWERS[systemErrorCode(error) ?? ""];
    if (answer === undefined || response.headersSent) throw error;
    sendText(response, answer);
  } finally {
    await handle?.close();
  }
}

const NOT_FOUND = { status: 404, text: "404 page not found" };
const FORBIDDEN = { status: 403, text: "403 Forbidden" };

/** Source: Go net/http/fs.go toHTTPError. A socket cannot be opened, nor a path with a NUL. */
const ANSWERS: Readonly<Record<string, typeof NOT_FOUND>> = {
  ENOENT: NOT_FOUND,
  ENOTDIR: NOT_FOUND,
  ELOOP: NOT_FOUND,
  ENAMETOOLONG: NOT_FOUND,
  ERR_INVALID_ARG_VALUE: NOT_FOUND,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  ENXIO: FORBIDDEN,
};

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { location: location.split("/").map(encodeURIComponent).join("/") }).end();
}

/**
 * A log may grow meanwhile: no more is sent than was there. Of one that was cut short the client is told by a cut
 * connection.
 */
async function sendFile(
  handle: FileHandle,
  file: { readonly sizeBytes: number; readonly name: string; readonly response: ServerResponse },
): Promise<void> {
  const { sizeBytes, response } = file;
  response.writeHead(200, {
    "content-type": file.name.endsWith(".gz") ? "application/gzip" : "text/plain; charset=utf-8",
    "content-length": sizeBytes,
    "x-content-type-options": "nosniff",
  });
  if (sizeBytes === 0) return void response.end();
  const content = handle.createReadStream({ start: 0, end: sizeBytes - 1, autoClose: false });
  try {
    await pipeline(content, response, { end: false });
  } catch (error) {
    // A client may go away in the middle.
    if (systemErrorCode(error) !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
  if (content.bytesRead < sizeBytes) response.destroy();
  else response.end();
}

/** Source: Go net/http/fs.go dirList. */
async function sendNames(
  system: Pick<System, "fs">,
  { place, response }: { readonly place: string; readonly response: ServerResponse },
): Promise<void> {
  const names = await Promise.all(
    (await system.fs.list(`${place}/`)).map(async (name) =>
      (await system.fs.lstat(join(place, name)))?.kind === "directory" ? `${name}/` : name,
    ),
  );
  const links = names.map(
    (name) => `<a href="${encodeURI(name).replace(/[?#]/g, encodeURIComponent)}">${escapeHtml(name)}</a>\n`,
  );
  response
    .writeHead(200, { "content-type": "text/html; charset=utf-8" })
    .end(
      `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${links.join("")}</pre>\n`,
    );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
