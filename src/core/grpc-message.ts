/**
 * The few bytes of gRPC and protocol buffers that are needed to ask a question with one text in it.
 * Source: gRPC over HTTP2, Length-Prefixed-Message; protocol buffers encoding.
 */
const FRAME_HEAD_BYTES = 5;

/** Field 1 of a message with these bytes: a text, or a message inside it. An empty one is left out. */
export function encodeFirstField(content: Uint8Array): Uint8Array {
  if (content.length === 0) return content;
  const head = [0x0a];
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), content]);
}

/** A message as it is sent: not compressed, its length, itself. */
export function frameMessage(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The message in a frame; empty when there is none. */
export function unframeMessage(frame: Uint8Array): Uint8Array {
  return frame.subarray(FRAME_HEAD_BYTES);
}
