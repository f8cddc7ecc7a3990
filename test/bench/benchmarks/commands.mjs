import { join } from "node:path";
import { HOME } from "../load-typescript.mjs";
import { runCommand } from "../run-command.mjs";
import { ratioRow, row } from "../statistics.mjs";

/** CPU time is told in hundredths of a second: so many runs in a row make that fine enough. */
const HELP_RUNS = 20;

/** Commands that change nothing: how long a dry run takes, and what `--help` costs beside an empty program. */
export async function benchmarkCommands(tools) {
  const plane = await tools.openPlane();
  const dryRuns = [];
  const helps = [];
  const empties = [];
  for (let run = 0; run < (tools.quick ? 2 : 7); run += 1) {
    dryRuns.push(
      await tools.slipway("init", "--dry-run", "--config", plane.configPath, "--root", plane.root),
    );
    helps.push(await measureNode(tools, [join(HOME, "dist/main.cjs"), "--help"]));
    empties.push(await measureNode(tools, ["-e", "0"]));
  }
  await plane.close();
  const of = (runs, name) => runs.map((run) => run[name]);
  const milliseconds = (runs) => of(runs, "cpuSeconds").map((seconds) => seconds * 1000);
  return [
    row("init --dry-run, start to exit", "s", of(dryRuns, "seconds")),
    row("init --dry-run, CPU", "s", of(dryRuns, "cpuSeconds")),
    row("--help, CPU", "ms", milliseconds(helps)),
    row("node -e 0, CPU", "ms", milliseconds(empties)),
    ratioRow("--help / node -e 0, CPU", { over: milliseconds(helps), under: milliseconds(empties) }),
  ];
}

function measureNode(tools, args) {
  return runCommand(tools, { argv: [process.execPath, ...args], repeat: HELP_RUNS });
}
