import { isUtf8 } from "node:buffer";

/** What begins a text that says how it is encoded. It decodes to itself and stays where it is. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** Half of a surrogate pair: no text that could be decoded holds one. */
const UNDECODED = "\uDC80";

/** What decoders put in place of what they cannot decode, and what a text may hold as well. */
const REPLACEMENT = "\uFFFD";
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/**
 * Bytes to text: UTF-16 where a byte order mark says so, else UTF-8. Where the bytes are first wrong stands a character
 * that `findUndecoded` finds. Source: go.yaml.in/yaml/v2 readerc.go yaml_parser_determine_encoding.
 */
export function decodeText(bytes: Buffer): string {
  const mark = bytes.toString("latin1", 0, 2);
  if (mark === "\xFF\xFE" || mark === "\xFE\xFF")
    return decodeUtf16(bytes, { isBigEndian: mark === "\xFE\xFF" });
  return isUtf8(bytes) ? bytes.toString("utf8") : decodeWrongUtf8(bytes);
}

/** Where a decoded text was not what its encoding is; undefined when all of it was. */
export function findUndecoded(text: string): number | undefined {
  const index = text.search(/\p{Surrogate}/u);
  return index === -1 ? undefined : index;
}

/** The same text with U+FFFD where it could not be decoded, as Go's JSON has it. */
export function replaceUndecoded(text: string): string {
  return text.replace(/\p{Surrogate}/gu, REPLACEMENT);
}

/** Half of a pair that stands alone stays. */
function decodeUtf16(bytes: Buffer, { isBigEndian }: { readonly isBigEndian: boolean }): string {
  const pairs = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  const text = (isBigEndian ? pairs.swap16() : pairs).toString("utf16le");
  return pairs.length === bytes.length ? text : `${text}${UNDECODED}`;
}

function decodeWrongUtf8(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  let index = 0;
  let offset = 0;
  for (const piece of text.split(REPLACEMENT)) {
    index += piece.length;
    offset += Buffer.byteLength(piece);
    if (!bytes.subarray(offset, offset + REPLACEMENT_BYTES.length).equals(REPLACEMENT_BYTES)) break;
    index += REPLACEMENT.length;
    offset += REPLACEMENT_BYTES.length;
  }
  return `${text.slice(0, index)}${UNDECODED}${text.slice(index + REPLACEMENT.length)}`;
}
