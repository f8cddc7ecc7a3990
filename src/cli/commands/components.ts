import type { Command } from "commander";
import type { ComponentSource } from "../../components/types.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import {
  componentDirOption,
  componentMirrorOption,
  componentSourceOption,
  type OutputFormat,
  outputOption,
  terminalWidth,
  VERSION_FLAG,
} from "../options.ts";

interface ComponentArguments {
  readonly kubernetesVersion?: string;
  readonly components: ComponentSource;
  readonly componentDir?: string;
  readonly componentMirror?: string;
  readonly output: OutputFormat;
}

const HELP = {
  components: {
    purpose: "The binaries of a control plane, and kubectl",
    examples: [
      ["slipway components list", "what init needs and what is here"],
      ["slipway components fetch", "get it all now, so that init needs no network"],
      ["slipway components verify", "check the cache"],
      ["slipway components prune", "empty it of what is not in use"],
    ],
    notes: ["Files: /var/cache/slipway, or ~/.cache/slipway of an ordinary user."],
  },
  list: {
    purpose: "List what a version needs and what is on this machine",
    examples: [["slipway components list"], ["slipway components list --kubernetes-version 1.36"]],
    notes: ["Looks into the cache, --component-dir and the PATH.", "Next: slipway components fetch"],
  },
  fetch: {
    purpose: "Get binaries now, so that init needs no network later",
    examples: [
      ["slipway components fetch", "all, from wherever they are to be had"],
      ["slipway components fetch kubectl", "only that one"],
      ["slipway components fetch --components go", "built with Go; 20 minutes, once"],
      ["slipway components fetch --component-mirror https://mirror.example"],
    ],
    notes: [
      "Prints their paths. auto looks into the cache, --component-dir and PATH, then downloads the official release, then builds.",
      "Files: /var/cache/slipway, or ~/.cache/slipway of an ordinary user.",
      "Next: slipway init",
    ],
  },
  verify: {
    purpose: "Check every binary in the cache against its checksum",
    examples: [["slipway components verify"]],
    notes: ["Exit code 1 when one has changed."],
  },
  prune: {
    purpose: "Remove binaries from the cache that are not in use",
    examples: [["slipway components prune"]],
    notes: ["Those of a running control plane stay. Next: slipway components fetch gets them again"],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway components …`: the binaries of the control plane. */
export function addComponentsCommands(program: Command, context: CommandContext): void {
  const components = describeCommand(program.command("components"), HELP.components);
  describeCommand(components.command("list"), HELP.list)
    .option("--kubernetes-version <version>", VERSION_FLAG)
    .addOption(componentDirOption())
    .addOption(outputOption())
    .action((options: ComponentArguments) => list(options, context));
  describeCommand(components.command("fetch [names...]"), HELP.fetch)
    .option("--kubernetes-version <version>", VERSION_FLAG)
    .addOption(componentSourceOption())
    .addOption(componentDirOption())
    .addOption(componentMirrorOption())
    .addOption(outputOption())
    .action((names: readonly string[], options: ComponentArguments) => fetch({ names, ...options }, context));
  describeCommand(components.command("verify"), HELP.verify)
    .addOption(outputOption())
    .action((options: ComponentArguments) => verify(options, context));
  describeCommand(components.command("prune"), HELP.prune)
    .addOption(outputOption())
    .action((options: ComponentArguments) => prune(options, context));
}

async function list(
  { output, ...options }: ComponentArguments,
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runComponentsList }, { formatComponentList }, { printAnswer }] = await load();
  const answer = await runComponentsList(system, options);
  printAnswer(answer, { format: output, text: () => formatComponentList(answer, terminalWidth()) });
}

async function fetch(
  options: ComponentArguments & { readonly names: readonly string[] },
  { openSystem, signal, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runComponentsFetch }, , { printAnswer }] = await load();
  const { createUi } = await import("../terminal/create-ui.ts");
  const answer = await runComponentsFetch(system, { ...options, ui: createUi({ json }), signal });
  printAnswer(answer, {
    format: options.output,
    text: () => answer.items.map(({ path }) => `${path}\n`).join(""),
  });
}

async function verify(
  { output }: ComponentArguments,
  { openSystem, setExitCode }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runComponentsVerify }, { formatVerification }, { printAnswer }] = await load();
  const answer = await runComponentsVerify(system);
  printAnswer(answer, { format: output, text: () => formatVerification(answer, terminalWidth()) });
  setExitCode(answer.items.every(({ intact }) => intact) ? 0 : 1);
}

async function prune({ output }: ComponentArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runComponentsPrune }, { formatPruning }, { printAnswer }] = await load();
  const answer = await runComponentsPrune(system);
  printAnswer(answer, {
    format: output,
    text: () => formatPruning(answer),
  });
}

function load() {
  return Promise.all([
    import("../../commands/components.ts"),
    import("../format/format-components.ts"),
    import("../terminal/output.ts"),
  ]);
}
