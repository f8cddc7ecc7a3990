import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { type OutputFormat, outputOption, rootOption, terminalWidth } from "../options.ts";

interface DoctorArguments {
  readonly root: string;
  readonly config?: string;
  readonly bundle?: string;
  readonly output: OutputFormat;
}

const HELP: HelpText = {
  purpose: "Look for everything that is wrong, before or after init",
  examples: [
    ["slipway doctor", "what is wrong, why, and what to do"],
    ["slipway doctor --config kubeadm.yaml", "before init: what its preflight would say"],
    ["slipway doctor -o json", "the same for machines"],
    ["slipway doctor --bundle out.tar.gz", "and pack what others need to help"],
  ],
  notes: [
    "Looks at the machine, the runner, the four components, certificates, manifests and the API server; none of them need run. Changes nothing. Keys and tokens never get into the bundle.",
    "Exit code 0 without errors, 1 with some.",
  ],
};

/** `slipway doctor`. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  describeCommand(program.command("doctor"), HELP)
    .option("--config <file>", "before init: the configuration that it will be given")
    .option("--bundle <file>", "pack logs, manifests, versions and facts, without secrets")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: DoctorArguments) => act(options, context));
}

async function act(
  { root, config, bundle, output }: DoctorArguments,
  { openSystem, setExitCode, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runDoctor }, { formatDoctor }, { printAnswer }, { tell }] = await Promise.all([
    import("../../commands/doctor/doctor.ts"),
    import("../format/format-doctor.ts"),
    import("../terminal/output.ts"),
    import("../terminal/tell.ts"),
  ]);
  const answer = await runDoctor(system, { root, configPath: config });
  printAnswer(answer, { format: output, text: () => formatDoctor(answer, terminalWidth()) });
  setExitCode(answer.healthy ? 0 : 1);
  if (bundle === undefined) return;
  const { writeBundle } = await import("../../commands/doctor/write-bundle.ts");
  const { path, files, sizeBytes } = await writeBundle(system, { root, path: bundle, diagnosis: answer });
  const message = `${path}: ${files} files, ${Math.ceil(sizeBytes / 1024)} KiB; keys and tokens are left out`;
  tell({ kind: "Note", message }, { json });
}
