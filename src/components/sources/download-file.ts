import { STATUS_CODES } from "node:http";
import { describeFileError, isDiskFull, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import type { HttpStream } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import { describeDownloadFailure, describeNetworkError } from "./download-failure.ts";
import { openFollowing } from "./follow-redirects.ts";

/** Tries in a row that bring nothing new. A link that is only slow, or is cut now and then, gets any number. */
const MAX_FRUITLESS_TRIES = 4;

/** The wait before a second try; doubled each time. */
const RETRY_MS = 500;

/** A connection that brings no byte for this long is given up and made anew. */
const STALL_MS = 30_000;

/** Longer than any list of sums. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** What is to be downloaded. */
export interface DownloadRequest {
  readonly url: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads a small text. Raises SLIPWAY_DOWNLOAD_FAILED; rejects with the signal's reason.
 */
export function downloadText(system: System, request: DownloadRequest): Promise<string> {
  return withRetries(system, {
    request,
    measure: () => Promise.resolve(0),
    attempt: async () => {
      const response = await openFollowing(system, request);
      requireStatus(system, { response, request, accepted: [200] });
      const chunks: Buffer[] = [];
      await readBody(system, {
        response,
        onChunk: (chunk) => {
          chunks.push(chunk);
          return Promise.resolve();
        },
        maxBytes: MAX_TEXT_BYTES,
      });
      return Buffer.concat(chunks).toString("utf8");
    },
  });
}

/**
 * Downloads into a file, which may hold the beginning from an earlier try: only the rest is asked for. After a cut
 * connection it goes on where it was. What is there stays when it fails, for the next time.
 * Raises SLIPWAY_DOWNLOAD_FAILED, SLIPWAY_NO_SPACE, SLIPWAY_FILE_ACCESS; rejects with the signal's reason.
 */
export function downloadFile(
  system: System,
  request: DownloadRequest & {
    readonly path: string;
    readonly onFraction: (fraction: number | undefined) => void;
  },
): Promise<void> {
  const measure = async (): Promise<number> => (await system.fs.stat(request.path))?.sizeBytes ?? 0;
  return withRetries(system, {
    request,
    measure,
    attempt: async () => {
      const offset = await measure();
      const headers = offset > 0 ? { range: `bytes=${offset}-` } : {};
      const response = await openFollowing(system, { ...request, headers });
      requireStatus(system, { response, request, accepted: [200, 206, 416] });
      await receive(system, { ...request, offset, response });
    },
  });
}

async function receive(
  system: System,
  options: {
    readonly path: string;
    readonly offset: number;
    readonly response: HttpStream;
    readonly onFraction: (fraction: number | undefined) => void;
  },
): Promise<void> {
  const { path, offset, response } = options;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "");
  const resumes = response.status === 206 && Number(range?.[1]) === offset;
  if (response.status === 416 || (response.status === 206 && !resumes)) {
    response.stream.destroy();
    if (Number(range?.[2]) === offset) return;
    await system.fs.removeFile(path);
    throw new Error("the server does not have the rest of the file");
  }
  const start = resumes ? offset : 0;
  const total = start + Number(response.headers["content-length"] ?? Number.NaN);
  const handle = await openFor(system, { path, resumes });
  try {
    let size = start;
    await readBody(system, {
      response,
      onChunk: async (chunk) => {
        await handle.appendFile(chunk);
        size += chunk.length;
        options.onFraction(Number.isNaN(total) ? undefined : size / total);
      },
    });
  } catch (error) {
    throw isDiskFull(error) ? describeFileError(error, { action: "write", path }) : error;
  } finally {
    await handle.close();
  }
}

async function openFor(system: System, file: { readonly path: string; readonly resumes: boolean }) {
  try {
    return await system.fs.open(file.path, { flags: file.resumes ? "a" : "w", mode: 0o644 });
  } catch (error) {
    throw describeFileError(error, { action: "write", path: file.path });
  }
}

async function readBody(
  system: System,
  options: {
    readonly response: HttpStream;
    readonly onChunk: (chunk: Buffer) => Promise<void>;
    readonly maxBytes?: number;
  },
): Promise<void> {
  const { stream } = options.response;
  const watch = (): (() => void) =>
    system.clock.after(STALL_MS, () => stream.destroy(new Error(`nothing came for ${STALL_MS / 1000} s`)));
  let cancel = watch();
  let size = 0;
  try {
    // The stream has no encoding, so its chunks are Buffers.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      cancel();
      size += chunk.length;
      if (size > (options.maxBytes ?? Number.POSITIVE_INFINITY)) throw new Error("the answer is too long");
      await options.onChunk(chunk);
      cancel = watch();
    }
  } finally {
    cancel();
  }
  if (!stream.complete) throw new Error("the connection was cut");
}

/** Passes accepted answers; a passing trouble of the server is an Error, which is tried again. */
function requireStatus(
  system: System,
  options: {
    readonly response: HttpStream;
    readonly request: DownloadRequest;
    readonly accepted: readonly number[];
  },
): void {
  const { status, stream } = options.response;
  if (options.accepted.includes(status)) return;
  stream.destroy();
  const why = `the server answered ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  if (status === 408 || status === 429 || status >= 500) throw new Error(why);
  throw describeDownloadFailure(system, { url: options.request.url, why });
}

async function withRetries<Result>(
  system: System,
  options: {
    readonly request: DownloadRequest;
    readonly measure: () => Promise<number>;
    readonly attempt: () => Promise<Result>;
  },
): Promise<Result> {
  const { request, measure } = options;
  for (let fruitless = 0; ; ) {
    request.signal?.throwIfAborted();
    const before = await measure();
    try {
      return await options.attempt();
    } catch (error) {
      request.signal?.throwIfAborted();
      if (error instanceof SlipwayError) throw error;
      fruitless = (await measure()) > before ? 1 : fruitless + 1;
      const why = describeNetworkError(error);
      if (fruitless >= MAX_FRUITLESS_TRIES || systemErrorCode(error) === "ENOTFOUND")
        throw describeDownloadFailure(system, { url: request.url, why, cause: error });
      await system.clock.sleep(RETRY_MS * 2 ** fruitless, request.signal);
    }
  }
}
