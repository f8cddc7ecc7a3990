import type { Command } from "commander";
import type { Ui } from "../../commands/ui.ts";
import type { ResetConfig } from "../../config/parse-reset-config.ts";
import type { System } from "../../system/system.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { type OutputFormat, outputOption, rootOption } from "../options.ts";

interface ResetArguments {
  readonly root: string;
  readonly config?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

const HELP: HelpText = {
  purpose: "Undo init: stop everything and remove what was made",
  examples: [
    ["slipway reset --dry-run", "lists what would be stopped and removed"],
    ["slipway reset", "shows it, asks, then does it"],
    ["slipway reset --force", "does it without asking"],
  ],
  notes: [
    "Removes exactly what init and its pods have made: /var/lib/slipway/ledger.json lists it. Works with the API server down, with the runner dead and after an init that failed.",
    "Binaries in the cache stay.",
    "Next: slipway components prune removes them, too",
  ],
};

/** `slipway reset`. */
export function addResetCommand(program: Command, context: CommandContext): void {
  describeCommand(program.command("reset"), HELP)
    .option("--config <file>", "a file with a ResetConfiguration; dryRun and force of it count")
    .option("-f, --force", "do not ask")
    .option("--dry-run", "list what would go; change nothing")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ResetArguments) => act(options, context));
}

/** The ResetConfiguration of a file; what has no effect here is told. */
async function readResetConfig(
  system: System,
  { path, ui }: { readonly path: string | undefined; readonly ui: Ui },
): Promise<ResetConfig | undefined> {
  if (path === undefined) return undefined;
  const [{ parseResetConfig, describeUnusedReset }, { readConfig }] = await Promise.all([
    import("../../config/parse-reset-config.ts"),
    import("../../commands/read-config.ts"),
  ]);
  const config = parseResetConfig({ text: await readConfig(system, path), path });
  for (const note of describeUnusedReset(config)) ui.note(`note: ${note}`);
  return config;
}

async function act(
  options: ResetArguments,
  { openSystem, signal, setExitCode, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ createUi }, { describeResetPlan, runReset }, { printAnswer }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../../commands/reset.ts"),
    import("../terminal/output.ts"),
  ]);
  const ui = createUi({ json });
  signal.addEventListener("abort", () =>
    ui.note("Reset goes on to its end; Ctrl-C again leaves it at once."),
  );
  const file = await readResetConfig(system, { path: options.config, ui });
  const result = await runReset(system, {
    root: options.root,
    force: options.force === true || file?.force === true,
    dryRun: options.dryRun === true || file?.dryRun === true,
    ui,
  });
  // It has not been interrupted: the machine is as it was.
  setExitCode(0);
  printAnswer(result, {
    format: options.output,
    text: () => {
      if (!result.changed) return `There is nothing to undo under ${result.root}.\n`;
      if (result.dryRun)
        return describeResetPlan(result.plan)
          .map((line) => `${line}\n`)
          .join("");
      return `The machine is as it was before init.\nBinaries stay in the cache: slipway components prune removes them.\n`;
    },
  });
}
