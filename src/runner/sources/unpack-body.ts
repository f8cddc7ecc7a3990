import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { messageOf, systemErrorCode } from "../../core/errors.ts";
import type { HttpResponse } from "../../system/net.ts";

const unpackGzip = promisify(gunzip);

/**
 * A response's body as it was before it was compressed; rejects when that is longer than so many bytes, cannot be
 * unpacked, or is in another encoding than gzip. Source: Go net/http Transport.DisableCompression.
 */
export async function unpackBody(
  { headers, body }: Pick<HttpResponse, "headers" | "body">,
  { maxBytes }: { readonly maxBytes: number },
): Promise<Buffer> {
  const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding === "identity" || body.length === 0) return body;
  if (encoding !== "gzip")
    throw new Error(`its body is encoded as ${encoding}; have the server send it as it is, or as gzip`);
  try {
    return await unpackGzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const isLong = systemErrorCode(error) === "ERR_BUFFER_TOO_LARGE";
    const what = isLong
      ? `the body is longer than ${maxBytes} bytes`
      : `its body is to be gzip: ${messageOf(error)}`;
    throw new Error(what, { cause: error });
  }
}
