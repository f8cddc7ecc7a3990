import type { Command } from "commander";
import type { Phase } from "../../plan/phase.ts";
import type { CommandContext } from "../command-context.ts";
import { type InitArguments, toInitOptions } from "../init-arguments.ts";
import { refuseFlag } from "../refuse-flag.ts";

const HELP = `Examples:
  slipway init phase certs all --config kubeadm.yaml
  slipway init phase control-plane apiserver --dry-run
  slipway init phase upload-certs --upload-certs

Each phase is as kubeadm's, works alone and may be repeated. The flags of slipway init hold, --dry-run too.
`;

/** `slipway init phase …`: a command for each phase, and for each of its parts and for all of them. */
export function addPhaseCommands(
  init: Command,
  { context, phases }: { readonly context: CommandContext; readonly phases: readonly Phase[] },
): void {
  const root = init.command("phase").description("Run one phase of init alone").addHelpText("before", HELP);
  for (const phase of phases) {
    const command = root
      .command(phase.name)
      .description(phase.short)
      .aliases(phase.aliases ?? []);
    if (phase.phases === undefined) makeRunnable(command, { path: phase.name, context });
    else {
      const parts = [{ name: "all", short: "All of these" }, ...phase.phases];
      for (const { name, short } of parts)
        makeRunnable(command.command(name).description(short), { path: `${phase.name}/${name}`, context });
    }
  }
}

function makeRunnable(
  command: Command,
  { path, context }: { readonly path: string; readonly context: CommandContext },
): void {
  if (path.startsWith("kubeconfig/"))
    refuseFlag(command, {
      flags: "--kubeconfig-dir <dir>",
      why: "the manifests read the kubeconfigs where they lie, so both move together",
      fix: "--root DIR",
    });
  if (path.startsWith("addon/")) command.option("--print-manifest", "as --dry-run");
  command
    .option("--kubeconfig <file>", "who asks the API server (default: super-admin.conf, else admin.conf)")
    .action((_options: unknown, self: Command) => act(path, { options: self.optsWithGlobals(), context }));
}

async function act(
  phase: string,
  { options, context }: { readonly options: InitArguments; readonly context: CommandContext },
): Promise<void> {
  const system = await context.openSystem();
  const [{ createUi }, { printAnswer, printText }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../terminal/output.ts"),
  ]);
  const ui = createUi();
  const given = { ...toInitOptions(options), yes: true };
  if (options.dryRun === true || options.plan === true || options.printManifest === true) {
    const { prepareInit } = await import("../../commands/init/prepare-init.ts");
    const { formatPhaseDryRun } = await import("../../commands/init/phase-dry-run.ts");
    printText(formatPhaseDryRun(await prepareInit(system, { options: given, ui, only: [phase] })));
    return;
  }
  const { runInitPhase } = await import("../../commands/init/init-phase.ts");
  const { formatPhase } = await import("../format/format-phase.ts");
  const result = await runInitPhase(system, { phase, options: given, ui, signal: context.signal });
  printAnswer(result, { format: options.output, text: () => formatPhase(result, given), secret: true });
}
