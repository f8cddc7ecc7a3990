import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { type OutputFormat, outputOption, rootOption } from "../options.ts";

interface ManifestArguments {
  readonly root: string;
  readonly output: OutputFormat;
}

const HELP = {
  manifests: {
    purpose: "Static pod manifests of this machine",
    examples: [
      ["slipway manifests path", "where a kubelet or runner reads them here"],
      ["slipway manifests validate pod.yaml", "what a runner would make of a file"],
      ["slipway manifests list", "the files there, and the pods they name"],
    ],
  },
  path: {
    purpose: "Tell where static pods are read here, and how that is known",
    examples: [["slipway manifests path"], ["slipway manifests path -o json"]],
    notes: [
      "By a running kubelet or runner, or by the kubelet's systemd unit. Exit code 1 when nobody reads any.",
      "Next: slipway manifests list",
    ],
  },
  validate: {
    purpose: "Judge manifests, or a whole directory, as a runner would",
    examples: [
      ["slipway manifests validate pod.yaml"],
      ["slipway manifests validate /etc/kubernetes/manifests"],
      ["slipway manifests validate - < pod.yaml", "standard input"],
    ],
    notes: [
      "A line for each finding, as compilers print them. Exit code 1 when one is refused; a container whose program this machine lacks is a warning.",
    ],
  },
  list: {
    purpose: "List the manifests that are read here, and their pods",
    examples: [["slipway manifests list"], ["slipway manifests list -o json"]],
    notes: ["Next: slipway ps shows what became of them"],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway manifests …`: where static pods are read, and what a runner would make of a file. */
export function addManifestsCommands(program: Command, context: CommandContext): void {
  const manifests = describeCommand(program.command("manifests"), HELP.manifests);
  describeCommand(manifests.command("path"), HELP.path)
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ManifestArguments) => showPaths(options, context));
  describeCommand(manifests.command("validate <file...>"), HELP.validate)
    .addOption(rootOption())
    .addOption(outputOption())
    .action((paths: readonly string[], options: ManifestArguments) =>
      validate({ paths, ...options }, context),
    );
  describeCommand(manifests.command("list"), HELP.list)
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
  const [{ runManifestsValidate }, { formatJudged }, { printAnswer }, { decodeText }] = await Promise.all([
    import("../../commands/runner/manifests.ts"),
    import("../format/format-manifests.ts"),
    import("../terminal/output.ts"),
    import("../../core/decode-text.ts"),
  ]);
  const { buffer } = await import("node:stream/consumers");
  const answer = await runManifestsValidate(system, {
    root: options.root,
    paths: options.paths,
    readInput: async () => decodeText(await buffer(process.stdin)),
  });
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
