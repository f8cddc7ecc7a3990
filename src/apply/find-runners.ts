import { basename } from "node:path";
import { listProcesses } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";

/** The pids of this root's runners by their command line, whether they answer or not. */
export async function findRunners(system: System, root: string): Promise<readonly number[]> {
  return (await listProcesses(system))
    .filter(({ pid, argv }) => pid !== system.host.pid && isRunnerOf(argv, root))
    .map(({ pid }) => pid);
}

/** `slipway runner run [--standby] --root ROOT` and nothing else, also as Node.js with the main file; `/` need not be named. */
function isRunnerOf(argv: readonly string[], root: string): boolean {
  const at = argv.findIndex((word, index) => word === "runner" && argv[index + 1] === "run");
  if (at < 1) return false;
  const words = argv.slice(at + 2).filter((word) => word !== "--standby");
  const onRoot =
    words.length === 0
      ? root === "/"
      : ["--root", root].join("\0") === words.join("\0") || words.join("\0") === `--root=${root}`;
  return onRoot && isOurProgram(argv.slice(0, at));
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
