import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { type OutputFormat, outputOption, rootOption } from "../options.ts";

interface ManifestArguments {
  readonly root: string;
  readonly output: OutputFormat;
}

/** `slipway manifests …`: where static pods are read, and what a runner would make of a file. */
export function addManifestsCommands(program: Command, context: CommandContext): void {
  const manifests = program.command("manifests").description("Static pod manifests of this machine");
  manifests
    .command("path")
    .description("Tell where static pods are read here, by a kubelet or a runner, and how that is known")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ManifestArguments) => showPaths(options, context));
  manifests
    .command("validate <file...>")
    .description("Judge manifests, or all of a directory, as a runner would; exit 1 when one would not run")
    .addOption(outputOption())
    .action((paths: readonly string[], options: ManifestArguments) =>
      validate({ paths, ...options }, context),
    );
  manifests
    .command("list")
    .description("List the manifests in the places where static pods are read here, and the pods they name")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ManifestArguments) => list(options, context));
}

async function showPaths(
  options: ManifestArguments,
  { openSystem, setExitCode }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runManifestsPath }, { formatPaths }, { printAnswer }] = await Promise.all([
    import("../../commands/runner/manifests.ts"),
    import("../format/format-manifests.ts"),
    import("../terminal/output.ts"),
  ]);
  const answer = await runManifestsPath(system, { root: options.root });
  printAnswer(answer, { format: options.output, text: () => formatPaths(answer) });
  setExitCode(answer.items.length > 0 ? 0 : 1);
}

async function validate(
  options: ManifestArguments & { readonly paths: readonly string[] },
  { openSystem, setExitCode }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runManifestsValidate }, { formatJudged }, { printAnswer }] = await Promise.all([
    import("../../commands/runner/manifests.ts"),
    import("../format/format-manifests.ts"),
    import("../terminal/output.ts"),
  ]);
  const answer = await runManifestsValidate(system, { paths: options.paths });
  printAnswer(answer, { format: options.output, text: () => formatJudged(answer) });
  setExitCode(answer.items.every(({ pod }) => pod !== undefined) ? 0 : 1);
}

async function list(options: ManifestArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runManifestsList }, { formatJudged }, { printAnswer }] = await Promise.all([
    import("../../commands/runner/manifests.ts"),
    import("../format/format-manifests.ts"),
    import("../terminal/output.ts"),
  ]);
  const answer = await runManifestsList(system, { root: options.root });
  printAnswer(answer, { format: options.output, text: () => formatJudged(answer) });
}
