/** The value of a key, or what is wrong with the file as a sentence. */
export type EnvFileValue =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "problem"; readonly message: string };

/** A line as long as this is too long, as for Go's bufio.Scanner, which the kubelet reads with. */
const MAX_LINE_BYTES = 64 * 1024;

const INVALID = "invalid environment variable format";

/**
 * The value of a key in an environment file: lines `NAME='value'`, of POSIX shell syntax this much and no more. A value
 * may go over lines and is taken as it stands; after `NAME= ` it is empty; a key that is not there has the empty value.
 * What stands behind the key is not looked at. Source: kubelet pkg/kubelet/util/env/env_util.go ParseEnv.
 */
export function parseEnvFile(text: string, key: string): EnvFileValue {
  const lines = splitLines(text);
  for (let index = 0; index < lines.length; index += 1) {
    const number = index + 1;
    const line = readLine(lines, index);
    if (line === undefined) return invalid(number, "it is too long");
    const [, name = "", gap = "", rest = ""] = /^[ \t]*([^=]*?)([ \t]*)=(.*)$/s.exec(line) ?? [];
    if (/^[ \t]*(#.*)?$/s.test(line)) continue;
    if (!line.includes("=")) return invalid(number, "missing '='");
    if (name === "") return invalid(number, "empty variable name");
    if (gap !== "") return invalid(number, "whitespace before '=' is not allowed");
    if (/^[ \t]/.test(rest)) {
      if (name === key) return { kind: "value", value: "" };
      continue;
    }
    if (!rest.startsWith("'")) return invalid(number, "value must be enclosed in single quotes");
    const quoted = readQuoted(lines, { index, first: rest.slice(1) });
    if (quoted.kind === "problem") return quoted;
    if (name === key) return { kind: "value", value: quoted.value };
    index = quoted.lastIndex;
  }
  return { kind: "value", value: "" };
}

/** A value up to its closing quote, which may stand on a later line. */
function readQuoted(
  lines: readonly string[],
  { index, first }: { readonly index: number; readonly first: string },
):
  | { readonly kind: "quoted"; readonly value: string; readonly lastIndex: number }
  | { readonly kind: "problem"; readonly message: string } {
  let value = "";
  let rest = first;
  for (let lastIndex = index; ; ) {
    const end = rest.indexOf("'");
    if (end >= 0) {
      if (!/^[ \t]*(#.*)?$/s.test(rest.slice(end + 1)))
        return invalid(lastIndex + 1, "unexpected content after closing quote");
      return { kind: "quoted", value: value + rest.slice(0, end), lastIndex };
    }
    value += `${rest}\n`;
    lastIndex += 1;
    const next = readLine(lines, lastIndex);
    if (next === undefined) {
      return { kind: "problem", message: `${INVALID} starting at line ${index + 1}: unclosed single quote` };
    }
    rest = next;
  }
}

/** As bufio.ScanLines does it: one carriage return before the end of a line is none of its content. */
function splitLines(text: string): readonly string[] {
  const lines = text.split("\n");
  return (lines.at(-1) === "" ? lines.slice(0, -1) : lines).map((line) => line.replace(/\r$/, ""));
}

/** Undefined when there is none or it is too long. */
function readLine(lines: readonly string[], index: number): string | undefined {
  const line = lines[index];
  return line === undefined || Buffer.byteLength(line) >= MAX_LINE_BYTES ? undefined : line;
}

function invalid(line: number, why: string): { readonly kind: "problem"; readonly message: string } {
  return { kind: "problem", message: `${INVALID} at line ${line}: ${why}` };
}
