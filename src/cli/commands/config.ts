import { type Command, InvalidArgumentError } from "commander";
import type { ComponentKind } from "../../commands/config.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { collectList, listOption, type OutputFormat, outputOption, wordsOf } from "../options.ts";
import { refuseFlag } from "../refuse-flag.ts";
import { addImagesCommands } from "./config-images.ts";

const HELP = {
  config: {
    purpose: "Check, convert and print configuration files",
    examples: [
      ["slipway config validate --config kubeadm.yaml", "every error, with its line"],
      ["slipway config migrate --old-config old.yaml", "the same in the newest version"],
      ["slipway config print init-defaults", "what an empty file means"],
      ["slipway config images list", "what a cluster runs"],
      ["slipway init --print-effective", "what file, flags and machine say"],
    ],
  },
  print: {
    purpose: "Print defaults",
    examples: [["slipway config print init-defaults > kubeadm.yaml", "a file to begin with"]],
  },
  initDefaults: {
    purpose: "Print the configuration that an empty file stands for",
    examples: [
      ["slipway config print init-defaults > kubeadm.yaml"],
      ["slipway config print init-defaults --component-configs KubeletConfiguration"],
    ],
    notes: ["Next: slipway config validate --config kubeadm.yaml"],
  },
  validate: {
    purpose: "Check every document of a configuration file",
    examples: [["slipway config validate --config kubeadm.yaml"]],
    notes: [
      "Every error is told at once with line and column; an unknown field names the nearest right one. Exit code 0 when the file is good, 3 when not.",
      "Next: slipway init --dry-run --config kubeadm.yaml",
    ],
  },
  migrate: {
    purpose: "Rewrite a file in the newest version, with all defaults",
    examples: [
      ["slipway config migrate --old-config old.yaml", "prints it"],
      ["slipway config migrate --old-config old.yaml --new-config new.yaml"],
    ],
    notes: ["Reads kubeadm.k8s.io/v1beta3 and v1beta4, writes v1beta4. Components' own documents stay."],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway config …`, as kubeadm's. */
export function addConfigCommands(program: Command, context: CommandContext): void {
  const config = describeCommand(program.command("config"), HELP.config);
  refuseFlag(config, {
    flags: "--kubeconfig <file>",
    why: "no command of config asks an API server, and none of kubeadm's does",
    fix: "leave it out",
  });
  const print = describeCommand(config.command("print"), HELP.print);
  describeCommand(print.command("init-defaults"), HELP.initDefaults)
    .addOption(
      listOption("--component-configs <kinds>", {
        description: "documents of these, too",
        words: KINDS,
      }).argParser(collectKinds),
    )
    .action((options: { readonly componentConfigs?: readonly ComponentKind[] }) => printDefaults(options));
  for (const kind of ["join", "reset", "upgrade"] as const)
    describeCommand(print.command(`${kind}-defaults`), {
      purpose: `Print the defaults of kubeadm ${kind}`,
      examples: [[`slipway config print ${kind}-defaults`]],
    }).action(() => printOtherDefaults(kind, context));
  refuseExperimental(describeCommand(config.command("validate"), HELP.validate))
    .requiredOption("--config <file>", "the file")
    .option("--allow-deprecated-api", "read older versions, which is done anyway")
    .addOption(outputOption())
    .action((options: { readonly config: string; readonly output: OutputFormat }) =>
      validate(options, context),
    );
  refuseExperimental(describeCommand(config.command("migrate"), HELP.migrate))
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

const KINDS = wordsOf<ComponentKind>({ KubeletConfiguration: true, KubeProxyConfiguration: true });

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
  { openSystem, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runConfigValidate }, { printAnswer }] = await load();
  const { tell } = await import("../terminal/tell.ts");
  const { kinds, notes } = await runConfigValidate(system, { path: config });
  for (const note of notes) tell({ kind: "Note", message: `note: ${note}` }, { json });
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
