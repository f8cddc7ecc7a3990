/** The two outputs of a container, by the names that CRI log lines give them. */
export const LOG_STREAMS = ["stdout", "stderr"] as const;
export type LogStream = (typeof LOG_STREAMS)[number];

/** A longer line is cut into parts of this size. Source: containerd and CRI-O both cut at 16 KiB. */
export const MAX_LINE_BYTES = 16 * 1024;

/** Lines for the log, and how much of the input is in them. */
export interface FormattedLines {
  readonly text: Buffer;
  readonly consumedBytes: number;
}

/**
 * Raw output as CRI log lines: `<time> <stream> F <line>`, with P in the place of F for a part that goes on. A last
 * line without its newline waits for it unless `final`. Bytes are kept as they are.
 * Source: k8s.io/cri-client pkg/logs parseCRILog.
 */
export function formatLogLines(
  bytes: Buffer,
  options: { readonly stream: LogStream; readonly atMs: number; readonly final: boolean },
): FormattedLines {
  const prefix = `${formatLogTime(options.atMs)} ${options.stream}`;
  // One character a byte: nothing is decoded, so nothing can be lost or moved.
  const lines = bytes.toString("latin1").split("\n");
  const rest = lines.pop() ?? "";
  const parts: string[] = [];
  for (const line of lines) parts.push(formatLine(prefix, line));
  const leftOver = options.final ? 0 : keptBytes(rest.length);
  const taken = rest.slice(0, rest.length - leftOver);
  if (taken !== "") parts.push(options.final ? formatLine(prefix, taken) : formatParts(prefix, taken));
  return { text: Buffer.from(parts.join(""), "latin1"), consumedBytes: bytes.length - leftOver };
}

/** RFC 3339 with nanoseconds, UTC. */
export function formatLogTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}000000Z`;
}

/** An unfinished line gives whole parts only, and none as long as a newline may still come right behind it. */
function keptBytes(lengthBytes: number): number {
  if (lengthBytes <= MAX_LINE_BYTES) return lengthBytes;
  return ((lengthBytes - 1) % MAX_LINE_BYTES) + 1;
}

function formatLine(prefix: string, line: string): string {
  if (line.length <= MAX_LINE_BYTES) return `${prefix} F ${line}\n`;
  const lastBytes = ((line.length - 1) % MAX_LINE_BYTES) + 1;
  const cut = line.length - lastBytes;
  return `${formatParts(prefix, line.slice(0, cut))}${prefix} F ${line.slice(cut)}\n`;
}

function formatParts(prefix: string, text: string): string {
  let parts = "";
  for (let start = 0; start < text.length; start += MAX_LINE_BYTES) {
    parts += `${prefix} P ${text.slice(start, start + MAX_LINE_BYTES)}\n`;
  }
  return parts;
}
