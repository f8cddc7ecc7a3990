import { type Command, Option } from "commander";
import type { ComponentSource } from "../../components/types.ts";
import type { CommandContext } from "../command-context.ts";
import { type OutputFormat, outputOption } from "../options.ts";

interface ComponentArguments {
  readonly kubernetesVersion?: string;
  readonly components: ComponentSource;
  readonly componentDir?: string;
  readonly componentMirror?: string;
  readonly output: OutputFormat;
}

/** `slipway components …`: the binaries of the control plane. */
export function addComponentsCommands(program: Command, context: CommandContext): void {
  const components = program
    .command("components")
    .description("The binaries that a control plane needs, and kubectl");
  components
    .command("list")
    .description("List what a version needs and what is on this machine")
    .option("--kubernetes-version <version>", "v1.37.2, 1.36, stable, …")
    .option("--component-dir <dir>", "a directory with the binaries")
    .addOption(outputOption())
    .action((options: ComponentArguments) => list(options, context));
  components
    .command("fetch [names...]")
    .description("Get them now, so that init needs no network later")
    .option("--kubernetes-version <version>", "v1.37.2, 1.36, stable, …")
    .addOption(
      new Option("--components <source>", "where they come from")
        .choices(["auto", "dir", "download", "go"])
        .default("auto"),
    )
    .option("--component-dir <dir>", "a directory with the binaries")
    .option("--component-mirror <url>", "download from here in place of the official release")
    .addOption(outputOption())
    .action((names: readonly string[], options: ComponentArguments) => fetch({ names, ...options }, context));
  components
    .command("verify")
    .description("Check every binary in the cache against its checksum")
    .addOption(outputOption())
    .action((options: ComponentArguments) => verify(options, context));
  components
    .command("prune")
    .description("Remove every binary from the cache that is not in use")
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
  printAnswer(answer, { format: output, text: () => formatComponentList(answer) });
}

async function fetch(
  options: ComponentArguments & { readonly names: readonly string[] },
  { openSystem, signal }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runComponentsFetch }, , { printAnswer }] = await load();
  const { createUi } = await import("../terminal/create-ui.ts");
  const answer = await runComponentsFetch(system, { ...options, ui: createUi(), signal });
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
  printAnswer(answer, { format: output, text: () => formatVerification(answer) });
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
