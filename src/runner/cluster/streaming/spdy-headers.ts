import { constants, createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { SPDY_DICTIONARY } from "./spdy-dictionary.ts";

/** Both directions of a connection's header compression, each of which is one zlib stream over all blocks. */
export interface SpdyHeaders {
  /** The headers of a block, names in lower case. Blocks must come in the order in which they were received. */
  read(block: Buffer): Promise<Readonly<Record<string, string>>>;
  /** A block without headers. */
  empty(): Promise<Buffer>;
  close(): void;
}

/** Ours: a peer's headers have some hundred bytes. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Compression that has seen nothing but the dictionary. */
export function createSpdyHeaders(): SpdyHeaders {
  const options = { dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH };
  const inflate = createInflate(options);
  const deflate = createDeflate(options);
  return {
    read: async (block) => parseHeaders(await transform(inflate, block)),
    empty: () => transform(deflate, Buffer.alloc(4)),
    close: () => {
      inflate.close();
      deflate.close();
    },
  };
}

function transform(stream: Inflate | Deflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const take = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes <= MAX_HEADER_BYTES) chunks.push(chunk);
      else stream.destroy(new Error("the headers of a stream are too long"));
    };
    stream.on("data", take).once("error", reject);
    stream.write(block, () => {
      stream.off("data", take).off("error", reject);
      resolve(Buffer.concat(chunks));
    });
  });
}

/** Count, then name and value with their lengths. Throws for a block that is cut. */
function parseHeaders(bytes: Buffer): Readonly<Record<string, string>> {
  let at = 0;
  const number = (): number => {
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (length > bytes.length - at) throw new Error("the headers of a stream are cut");
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  const headers: Record<string, string> = {};
  for (let left = number(); left > 0; left -= 1) {
    const name = text().toLowerCase();
    headers[name] = text();
  }
  return headers;
}
