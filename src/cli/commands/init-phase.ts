import type { Command } from "commander";
import type { Phase } from "../../plan/phase.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText, helpStyle } from "../help.ts";
import { type InitArguments, toInitOptions } from "../init-arguments.ts";
import { refuseFlag } from "../refuse-flag.ts";

const HELP: HelpText = {
  purpose: "Run one phase of init alone",
  examples: [
    ["slipway init phase certs all --config kubeadm.yaml"],
    ["slipway init phase control-plane apiserver --dry-run"],
    ["slipway init phase upload-certs --upload-certs"],
  ],
  notes: [
    "Each phase is as kubeadm's, works alone and may be repeated. The flags of slipway init hold: --config, --root, --dry-run and so on; slipway init --help lists them.",
  ],
};

const NOTES = ["May be repeated. The flags of slipway init hold: slipway init --help"];

/** `slipway init phase …`: a command for each phase, and for each of its parts and for all of them. */
export function addPhaseCommands(
  init: Command,
  { context, phases }: { readonly context: CommandContext; readonly phases: readonly Phase[] },
): void {
  const root = describeCommand(init.command("phase"), HELP).configureHelp({
    ...helpStyle(),
    // Those of init are thirty: they are told once.
    visibleGlobalOptions: () => [],
  });
  for (const { name, short, aliases = [], phases: parts } of phases) {
    const command = root.command(name).aliases(aliases);
    if (parts === undefined) {
      makeRunnable(command, { path: name, purpose: short, context });
      continue;
    }
    const first = `slipway init phase ${name}`;
    const examples = [
      [`${first} all`],
      ...parts.slice(0, 1).map((part) => [`${first} ${part.name} --dry-run`] as const),
    ] as const;
    describeCommand(command, { purpose: short, examples, notes: NOTES });
    for (const part of [{ name: "all", short: `${short}: all of these` }, ...parts])
      makeRunnable(command.command(part.name), {
        path: `${name}/${part.name}`,
        purpose: part.short,
        context,
      });
  }
}

function makeRunnable(
  command: Command,
  options: { readonly path: string; readonly purpose: string; readonly context: CommandContext },
): void {
  const { path, purpose, context } = options;
  const line = `slipway init phase ${path.replace("/", " ")}`;
  if (path.startsWith("kubeconfig/"))
    refuseFlag(command, {
      flags: "--kubeconfig-dir <dir>",
      why: "the manifests read the kubeconfigs where they lie, so both move together",
      fix: "--root DIR",
    });
  if (path.startsWith("addon/")) command.option("--print-manifest", "as --dry-run");
  describeCommand(command, {
    purpose,
    examples: [[line], [`${line} --dry-run`, "what it would write"]],
    notes: NOTES,
  })
    .option("--kubeconfig <file>", "who asks the API server (default: super-admin.conf, else admin.conf)")
    .action((_options: unknown, self: Command) => act(path, { options: self.optsWithGlobals(), context }));
}

/** These change nothing in any case. */
const ONLY_LOOKS: readonly string[] = ["preflight", "show-join-command"];

async function act(
  phase: string,
  { options, context }: { readonly options: InitArguments; readonly context: CommandContext },
): Promise<void> {
  const system = await context.openSystem();
  const [{ createUi }, { printAnswer, printText }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../terminal/output.ts"),
  ]);
  const ui = createUi(context);
  const given = { ...toInitOptions(options), yes: true };
  const { describeNothing, formatPhase } = await import("../format/format-phase.ts");
  const isDryRun = options.dryRun === true || options.plan === true || options.printManifest === true;
  if (isDryRun && !ONLY_LOOKS.includes(phase)) {
    const { prepareInit } = await import("../../commands/init/prepare-init.ts");
    const { readStates } = await import("../../commands/init/dry-run.ts");
    const { formatPhaseDryRun } = await import("../../commands/init/phase-dry-run.ts");
    const prepared = await prepareInit(system, { options: given, ui, only: [phase] });
    const states = await readStates(system, { prepared, ui });
    printText(
      prepared.plan.steps.length === 0
        ? `# ${describeNothing(phase)}\n`
        : formatPhaseDryRun(prepared, states),
    );
    return;
  }
  const { runInitPhase } = await import("../../commands/init/init-phase.ts");
  const result = await runInitPhase(system, { phase, options: given, ui, signal: context.signal });
  printAnswer(result, { format: options.output, text: () => formatPhase(result, given), secret: true });
}
