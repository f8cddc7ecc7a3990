import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HOME } from "../load-typescript.mjs";
import { runCommand } from "../run-command.mjs";
import { row } from "../statistics.mjs";

/**
 * How soon a fault that cannot heal is told: each of those that the tests really cause, once, from its first sign (the
 * component's end, or the line of its log) until init has ended with it; and then, from when status, ps and doctor are
 * asked at once until all three have told it in full.
 */
export async function benchmarkExplain(tools) {
  const path = join(tools.dir, "told.jsonl");
  process.env.SLIPWAY_TOLD_FILE = path;
  const vitest = join(HOME, "node_modules/.bin/vitest");
  const argv = [vitest, "run", "--root", HOME, "--project", "integration", "explain.test"];
  await runCommand(tools, { argv: tools.quick ? [...argv, "-t", "flag"] : argv });
  const told = (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const seconds = (who) => told.map((times) => times[who] / 1000);
  return [
    row("a permanent fault's first sign until init has ended with it", "s", seconds("init")),
    row("status, ps and doctor asked at once until all have told it", "s", seconds("asked")),
  ];
}
