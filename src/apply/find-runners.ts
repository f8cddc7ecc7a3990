import { basename } from "node:path";
import { isTrusted, listProcesses, whenReadable } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";

/**
 * The pids of this root's runners by their command line, whether they answer or not; of root, of this user or of whom
 * the root belongs to, for anybody may write such a line.
 */
export async function findRunners(system: System, root: string): Promise<readonly number[]> {
  const owner = (await whenReadable(system.fs.stat(root)))?.uid;
  const found = (await listProcesses(system))
    .filter(({ pid, argv }) => pid !== system.host.pid && isRunnerOf(argv, root))
    .map(async ({ pid }) => ((await isTrusted(system, { pid, owner })) ? [pid] : []));
  return (await Promise.all(found)).flat();
}

/** `slipway runner run … --root ROOT …`, also as Node.js with the main file; `/` need not be named. */
function isRunnerOf(argv: readonly string[], root: string): boolean {
  const at = argv.findIndex((word, index) => word === "runner" && argv[index + 1] === "run");
  return at > 0 && isOurProgram(argv.slice(0, at)) && readRoot(argv.slice(at + 2)) === root;
}

function readRoot(words: readonly string[]): string {
  const at = words.findLastIndex((word) => word === "--root" || word.startsWith("--root="));
  const word = words[at];
  if (word === undefined) return "/";
  return word === "--root" ? (words[at + 1] ?? "") : word.slice("--root=".length);
}

function isOurProgram(words: readonly string[]): boolean {
  const program = basename(words[0] ?? "");
  if (words.length === 1) return program === "slipway";
  const options = words.slice(1, -1);
  return (
    /^node/.test(program) &&
    options.every((word) => word.startsWith("-")) &&
    /^(?:slipway|main\.[cm]?[jt]s)$/.test(basename(words.at(-1) ?? ""))
  );
}
