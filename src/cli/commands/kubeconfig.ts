import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { collectList, rootOption } from "../options.ts";

interface UserArguments {
  readonly root: string;
  readonly config?: string;
  readonly clientName: string;
  readonly org?: readonly string[];
  readonly token?: string;
  readonly validityPeriod?: string;
}

const HELP = {
  kubeconfig: {
    purpose: "Kubeconfig files for further users",
    examples: [["slipway kubeconfig user --client-name anna > anna.conf"]],
  },
  user: {
    purpose: "Print a kubeconfig for another user, signed by the CA",
    examples: [
      ["slipway kubeconfig user --client-name anna --org developers > anna.conf"],
      ["slipway kubeconfig user --client-name ci --validity-period 24h > ci.conf"],
    ],
    notes: [
      "The file holds the user's private key. What the user may do is up to role bindings.",
      "Next: kubectl create clusterrolebinding anna --clusterrole=view --user=anna",
    ],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway kubeconfig user`, as kubeadm's. */
export function addKubeconfigCommands(program: Command, context: CommandContext): void {
  const kubeconfig = describeCommand(program.command("kubeconfig"), HELP.kubeconfig);
  describeCommand(kubeconfig.command("user"), HELP.user)
    .requiredOption("--client-name <name>", "the user's name (CN)")
    .option("--org <names>", "the user's groups (O)", collectList)
    .option("--token <token>", "a token in place of a certificate")
    .option("--validity-period <duration>", "how long the certificate is valid (default: 8760h)")
    .option("--config <file>", "a kubeadm configuration file")
    .addOption(rootOption())
    .action((options: UserArguments) => act(options, context));
}

async function act(options: UserArguments, { openSystem, json }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runKubeconfigUser }, { createUi }, { printText }] = await Promise.all([
    import("../../commands/certs/kubeconfig-user.ts"),
    import("../terminal/create-ui.ts"),
    import("../terminal/output.ts"),
  ]);
  const text = await runKubeconfigUser(system, {
    root: options.root,
    configPath: options.config,
    clientName: options.clientName,
    organizations: options.org ?? [],
    token: options.token,
    validityPeriod: options.validityPeriod,
    warn: createUi({ json }).warn,
  });
  printText(text);
}
