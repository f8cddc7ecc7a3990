import type { Command } from "commander";
import type { ResetOptions } from "../../commands/reset.ts";
import type { Ui } from "../../commands/ui.ts";
import type { ResetConfig } from "../../config/parse-reset-config.ts";
import { RESET_PHASES, type ResetPhase, readResetPhases } from "../../core/reset-phases.ts";
import type { System } from "../../system/system.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { collectList, listOption, type OutputFormat, outputOption, rootOption } from "../options.ts";
import { refuseFlag } from "../refuse-flag.ts";

interface ResetArguments {
  readonly root: string;
  readonly config?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly skipPhases?: readonly string[];
  readonly ignorePreflightErrors?: readonly string[];
  readonly certDir?: string;
  readonly cleanupTmpDir?: boolean;
  readonly output: OutputFormat;
}

const HELP: HelpText = {
  purpose: "Undo init: stop everything and remove what was made",
  examples: [
    ["slipway reset --dry-run", "lists what would be stopped and removed"],
    ["slipway reset", "shows it, asks, then does it"],
    ["slipway reset --force", "does it without asking"],
    ["slipway reset phase cleanup-node", "one part of it alone"],
  ],
  notes: [
    "Removes exactly what init and its pods have made: /var/lib/slipway/ledger.json lists it. Works with the API server down, with the runner dead and after an init that failed.",
    "Binaries in the cache stay.",
    "Next: slipway components prune removes them, too",
  ],
};

/** `slipway reset`, and `slipway reset phase …` with kubeadm's phases. */
export function addResetCommand(program: Command, context: CommandContext): void {
  const reset = describeCommand(program.command("reset"), HELP)
    .option("--config <file>", "a file with a ResetConfiguration; flags win over it")
    .option("-f, --force", "do not ask")
    .option("--dry-run", "list what would go; change nothing")
    .addOption(
      listOption("--skip-phases <phases>", {
        description: "parts to leave out",
        words: RESET_PHASES.map(({ name }) => name),
      }),
    )
    .option(
      "--ignore-preflight-errors <checks>",
      "checks whose errors are warnings; all for every one",
      collectList,
    )
    .option("--cert-dir <dir>", "where init was told to put the certificates; another one is refused")
    .option("--cleanup-tmp-dir", "also remove /etc/kubernetes/tmp, where kubeadm keeps dry runs and backups")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((_options: unknown, self: Command) => act({ self, only: undefined }, context));
  refuseFlag(reset, {
    flags: "--cri-socket <url>",
    why: "reset stops the processes that init started, and none of a container runtime's",
    fix: "leave it out, and see to a runtime's pods with crictl rmp",
  });
  refuseFlag(reset, {
    flags: "--kubeconfig <file>",
    why: "reset asks no API server: etcd is asked with its own certificate, and the ledger knows the rest",
    fix: "leave it out",
  });
  const phase = describeCommand(reset.command("phase"), PHASE_HELP);
  for (const { name, alias, short } of RESET_PHASES) {
    const examples = [[`slipway reset phase ${name} --dry-run`]] as const;
    const command = describeCommand(phase.command(name), { purpose: short, examples });
    if (alias !== undefined) command.alias(alias);
    command.action((_options: unknown, self: Command) => act({ self, only: name }, context));
  }
}

const PHASE_HELP: HelpText = {
  purpose: "Do one part of reset alone, without asking",
  examples: [
    ["slipway reset phase preflight", "only looks whether this user may do it"],
    ["slipway reset phase remove-etcd-member", "etcd leaves its cluster, its data goes"],
    ["slipway reset phase cleanup-node", "all else"],
  ],
  notes: ["What a phase leaves stays known: slipway reset undoes the rest."],
};

/** The flags, and a file's ResetConfiguration where they say nothing. */
async function readOptions(
  system: System,
  {
    options,
    only,
    ui,
  }: { readonly options: ResetArguments; readonly only: ResetPhase | undefined; readonly ui: Ui },
): Promise<ResetOptions> {
  const file = options.config === undefined ? undefined : await readFile(system, options.config);
  for (const note of file?.notes ?? []) ui.note(note);
  const skipped = readResetPhases(options.skipPhases ?? file?.skipPhases ?? []);
  return {
    root: options.root,
    force: options.force === true || file?.force === true,
    dryRun: options.dryRun === true || file?.dryRun === true,
    phases: RESET_PHASES.map(({ name }) => name).filter(
      (name) => (only === undefined || name === only) && !skipped.includes(name),
    ),
    ignorePreflightErrors: [...(file?.ignorePreflightErrors ?? []), ...(options.ignorePreflightErrors ?? [])],
    certificatesDir: options.certDir ?? file?.certificatesDir,
    cleanupTmpDir: options.cleanupTmpDir === true || file?.cleanupTmpDir === true,
    etcdTimeoutMs: file?.etcdTimeoutMs,
    ui,
  };
}

async function readFile(system: System, path: string): Promise<ResetConfig> {
  const [{ parseResetConfig }, { readConfig }] = await Promise.all([
    import("../../config/parse-reset-config.ts"),
    import("../../commands/read-config.ts"),
  ]);
  return parseResetConfig({ text: await readConfig(system, path), path });
}

async function act(
  { self, only }: { readonly self: Command; readonly only: ResetPhase | undefined },
  { openSystem, signal, setExitCode, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ createUi }, { describeResetPlan }, { runReset }, { printAnswer }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../../commands/describe-reset-plan.ts"),
    import("../../commands/reset.ts"),
    import("../terminal/output.ts"),
  ]);
  const ui = createUi({ json });
  signal.addEventListener("abort", () =>
    ui.note("Reset goes on to its end; Ctrl-C again leaves it at once."),
  );
  const options: ResetArguments = self.optsWithGlobals();
  const result = await runReset(system, await readOptions(system, { options, only, ui }));
  // It has not been interrupted: the machine is as it was.
  setExitCode(0);
  printAnswer(result, {
    format: options.output,
    text: () => {
      if (only === "preflight") return "This user may undo init.\n";
      if (!result.changed) return `There is nothing to undo under ${result.root}.\n`;
      if (result.dryRun)
        return describeResetPlan(result.plan)
          .map((line) => `${line}\n`)
          .join("");
      if (!result.whole) return "Done. What else init has made is as it was: slipway reset undoes it.\n";
      return `The machine is as it was before init.\nBinaries stay in the cache: slipway components prune removes them.\n`;
    },
  });
}
