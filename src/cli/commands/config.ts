import { type Command, InvalidArgumentError } from "commander";
import type { ComponentKind } from "../../commands/config.ts";
import type { CommandContext } from "../command-context.ts";
import { collectList, type OutputFormat, outputOption } from "../options.ts";
import { refuseFlag } from "../refuse-flag.ts";
import { addImagesCommands } from "./config-images.ts";

const HELP = `Examples:
  slipway config validate --config kubeadm.yaml          every error with its line and the nearest right name
  slipway config migrate --old-config old.yaml           the same in the newest version, with all defaults
  slipway config print init-defaults                     what a file that says nothing means
  slipway config images list
  slipway init --config kubeadm.yaml --print-effective   what file, flags and this machine come to
`;

/** `slipway config …`, as kubeadm's. */
export function addConfigCommands(program: Command, context: CommandContext): void {
  const config = program
    .command("config")
    .description("Check, convert and print configuration files")
    .addHelpText("before", HELP);
  refuseFlag(config, {
    flags: "--kubeconfig <file>",
    why: "no command of config asks an API server, and none of kubeadm's does",
    fix: "leave it out",
  });
  const print = config.command("print").description("Print defaults");
  print
    .command("init-defaults")
    .description("Print the configuration that an empty file stands for")
    .option("--component-configs <kinds>", "also KubeletConfiguration, KubeProxyConfiguration", collectKinds)
    .action((options: { readonly componentConfigs?: readonly ComponentKind[] }) => printDefaults(options));
  for (const kind of ["join", "reset", "upgrade"] as const)
    print
      .command(`${kind}-defaults`)
      .description(`Print the defaults of kubeadm ${kind}`)
      .action(() => printOtherDefaults(kind, context));
  refuseExperimental(config.command("validate"))
    .description("Check every document of a file")
    .requiredOption("--config <file>", "the file")
    .option("--allow-deprecated-api", "read older versions, which is done anyway")
    .addOption(outputOption())
    .action((options: { readonly config: string; readonly output: OutputFormat }) =>
      validate(options, context),
    );
  refuseExperimental(config.command("migrate"))
    .description("Rewrite a file in the newest version, with all defaults")
    .requiredOption("--old-config <file>", "the file")
    .option("--new-config <file>", "write it there, not to standard output")
    .action((options: { readonly oldConfig: string; readonly newConfig?: string }) =>
      migrate(options, context),
    );
  addImagesCommands(config, context);
}

function refuseExperimental(command: Command): Command {
  return refuseFlag(command, {
    flags: "--allow-experimental-api [yes]",
    why: "kubeadm.k8s.io/v1 is experimental and may still change, so it is not read; all it has more is mergeMethod",
    fix: "write the file in kubeadm.k8s.io/v1beta4",
  });
}

/** The names are known here, so that help loads no command. */
const KINDS: readonly ComponentKind[] = ["KubeletConfiguration", "KubeProxyConfiguration"];

function collectKinds(text: string, before: readonly ComponentKind[] | undefined): readonly ComponentKind[] {
  const kinds = collectList(text, undefined).map((name) => {
    const kind = KINDS.find((known) => known === name);
    if (kind === undefined) throw new InvalidArgumentError(`It is none of ${KINDS.join(", ")}.`);
    return kind;
  });
  return [...(before ?? []), ...kinds];
}

async function printDefaults(options: {
  readonly componentConfigs?: readonly ComponentKind[];
}): Promise<void> {
  const [{ runPrintDefaults }, { printText }] = await load();
  printText(runPrintDefaults({ componentConfigs: options.componentConfigs ?? [] }));
}

async function printOtherDefaults(
  kind: "join" | "reset" | "upgrade",
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runPrintOtherDefaults }, { printText }] = await load();
  printText(runPrintOtherDefaults(system, kind));
}

async function validate(
  { config, output }: { readonly config: string; readonly output: OutputFormat },
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runConfigValidate }, { printAnswer }] = await load();
  const { kinds, notes } = await runConfigValidate(system, { path: config });
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  const answer = {
    apiVersion: "slipway.dev/v1",
    kind: "ConfigValidation",
    valid: true,
    documents: kinds,
    notes,
  };
  printAnswer(answer, { format: output, text: () => "ok\n" });
}

async function migrate(
  options: { readonly oldConfig: string; readonly newConfig?: string },
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runConfigMigrate }, { printText }] = await load();
  printText(await runConfigMigrate(system, { oldPath: options.oldConfig, newPath: options.newConfig }));
}

function load() {
  return Promise.all([import("../../commands/config.ts"), import("../terminal/output.ts")]);
}
