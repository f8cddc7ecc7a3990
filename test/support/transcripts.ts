import { stripVTControlCharacters } from "node:util";
import { runSlipway } from "./plane.ts";
import { sit } from "./sit.ts";

/** What a command says, on stdout and stderr, and how it ends. */
export interface Transcript {
  readonly text: string;
  readonly exitCode: number | undefined;
}

/** The same command at a terminal of 80 columns, at one without colours in the C locale, and in a pipe. */
export interface Transcripts {
  readonly terminal: Transcript;
  readonly plain: Transcript;
  readonly pipe: Transcript;
}

/** Runs a command in each of the ways, at once. */
export async function readTranscripts(words: readonly string[]): Promise<Transcripts> {
  const [terminal, plain, { stdout, stderr, exitCode }] = await Promise.all([
    // An empty NO_COLOR is none. Source: no-color.org.
    readScreen(words, { TERM: "xterm", NO_COLOR: "", LC_ALL: "C.UTF-8" }),
    readScreen(words, { TERM: "xterm", NO_COLOR: "1", LC_ALL: "C" }),
    runSlipway(words),
  ]);
  return { terminal, plain, pipe: { text: stdout + stderr, exitCode } };
}

async function readScreen(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Transcript> {
  const person = sit(words, env);
  const { exitCode } = await person.ended;
  return { text: person.seen().replaceAll("\r\n", "\n"), exitCode };
}

/** Lines that are longer than such a terminal is wide. */
export function listLongLines(text: string): readonly string[] {
  return stripVTControlCharacters(text)
    .split("\n")
    .filter((line) => line.length > 80);
}
