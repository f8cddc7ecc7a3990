import { resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { collectList, type OutputFormat, outputOption, rootOption, terminalWidth } from "../options.ts";
import { refuseTemplateFlags } from "../refuse-flag.ts";

interface TokenArguments {
  readonly root: string;
  readonly kubeconfig?: string;
  readonly output: OutputFormat;
  readonly dryRun?: boolean;
}

interface CreateArguments extends TokenArguments {
  readonly config?: string;
  readonly ttl?: string;
  readonly description?: string;
  readonly usages?: readonly string[];
  readonly groups?: readonly string[];
  readonly printJoinCommand?: boolean;
  readonly certificateKey?: string;
}

const SECRET = "Tokens are Secrets of the cluster; whoever has one can join a node.";

const HELP = {
  token: {
    purpose: "Make, list and delete the tokens that nodes join with",
    examples: [
      ["slipway token create --print-join-command", "what a node runs to join"],
      ["slipway token list"],
      ["slipway token delete abcdef"],
    ],
    notes: [`${SECRET} They are printed because that was asked for.`],
  },
  create: {
    purpose: "Make a token; a random one unless it is named",
    examples: [
      ["slipway token create --print-join-command", "what a node runs to join"],
      ["slipway token create --ttl 2h --description 'for rack 7'"],
    ],
    notes: [SECRET, "Next: run the join command on the node, then kubectl get nodes"],
  },
  list: {
    purpose: "List the tokens",
    examples: [["slipway token list"], ["slipway token list -o json"]],
    notes: [SECRET],
  },
  delete: {
    purpose: "Delete tokens, named whole or by their ids",
    examples: [["slipway token delete abcdef"], ["slipway token delete abcdef --dry-run"]],
    notes: ["Nodes that have joined stay. Next: slipway token list"],
  },
  generate: {
    purpose: "Print a random token without making it",
    examples: [["slipway token generate", "for --token of init, or a configuration file"]],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway token …`, as kubeadm's. */
export function addTokenCommands(program: Command, context: CommandContext): void {
  const token = describeCommand(program.command("token"), HELP.token)
    .option("--kubeconfig <file>", "who asks the API server (default: KUBECONFIG, else admin.conf)")
    .option("--dry-run", "make and delete nothing")
    .addOption(rootOption());
  describeCommand(token.command("create [token]"), HELP.create)
    .option("--config <file>", "make the bootstrapTokens of this file; flags win over the first")
    .option("--ttl <duration>", "how long it is valid; 0: for ever (default: 24h)")
    .option("--description <text>", "what it is for")
    .option("--usages <names>", "signing, authentication or both (default: both)", collectList)
    .option("--groups <names>", "groups that it authenticates as", collectList)
    .option("--print-join-command", "print the whole command that a node joins with")
    .option(
      "--certificate-key <hex>",
      "with --print-join-command: join a control plane with uploaded certificates",
    )
    .addOption(outputOption())
    .action((text: string | undefined, _options: unknown, self: Command) =>
      create({ text, options: self.optsWithGlobals() }, context),
    );
  refuseTemplateFlags(describeCommand(token.command("list"), HELP.list))
    .addOption(outputOption())
    .action((_options: unknown, self: Command) => list(self.optsWithGlobals(), context));
  describeCommand(token.command("delete <tokens...>"), HELP.delete).action(
    (tokens: readonly string[], _options: unknown, self: Command) =>
      remove({ tokens, options: self.optsWithGlobals() }, context),
  );
  describeCommand(token.command("generate"), HELP.generate).action(() => generate(context));
}

function toChoice({ root, kubeconfig }: TokenArguments) {
  return { root, kubeconfigPath: kubeconfig === undefined ? undefined : resolve(kubeconfig) };
}

const LOOPBACK_JOIN = /^kubeadm join (?:127\.|\[::1\]|localhost:)/;

async function create(
  { text, options }: { readonly text: string | undefined; readonly options: CreateArguments },
  { openSystem, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runTokenCreate }, { RULES }, { printAnswer }, { createUi }, { SlipwayError }] = await Promise.all([
    import("../../commands/token.ts"),
    import("../../config/field-rules.ts"),
    import("../terminal/output.ts"),
    import("../terminal/create-ui.ts"),
    import("../../core/errors.ts"),
  ]);
  if (options.certificateKey !== undefined && options.printJoinCommand !== true)
    throw new SlipwayError({
      code: "SLIPWAY_USAGE",
      what: "--certificate-key cannot be used alone",
      why: "it is part of the join command",
      fix: "add --print-join-command",
    });
  if (options.certificateKey !== undefined && RULES.certificateKey(options.certificateKey) !== undefined)
    throw new SlipwayError({
      code: "SLIPWAY_USAGE",
      what: "--certificate-key cannot be used",
      why: "it is no key of 64 hexadecimal digits",
      fix: "take the one that init --upload-certs printed; to upload the certificates anew: slipway init phase upload-certs --upload-certs",
    });
  const created = await runTokenCreate(system, {
    ...toChoice(options),
    configPath: options.config,
    request: {
      token: text,
      ttl: options.ttl,
      description: options.description,
      usages: options.usages,
      groups: options.groups,
      certificateKey: options.certificateKey,
      dryRun: options.dryRun === true,
    },
  });
  if (options.printJoinCommand === true && created.missingAddons.length > 0)
    createUi({ json }).note(
      `note: the cluster has no ${created.missingAddons.join(" and no ")} yet; before nodes join: slipway init phase addon all`,
    );
  if (options.printJoinCommand === true && LOOPBACK_JOIN.test(created.joinCommand))
    createUi({ json }).note(
      "note: this address is a machine's own: other machines cannot join by it; the API server would have to advertise another (init --apiserver-advertise-address)",
    );
  printAnswer(
    { apiVersion: "slipway.dev/v1", kind: "CreatedToken", ...created },
    {
      format: options.output,
      text: () => `${options.printJoinCommand === true ? created.joinCommand : created.token}\n`,
      secret: true,
    },
  );
}

async function list(options: TokenArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runTokenList }, { printAnswer }, { formatTokens }] = await Promise.all([
    import("../../commands/token.ts"),
    import("../terminal/output.ts"),
    import("../format/format-tokens.ts"),
  ]);
  const items = await runTokenList(system, toChoice(options));
  printAnswer(
    { apiVersion: "slipway.dev/v1", kind: "BootstrapTokenList", items },
    {
      format: options.output,
      text: () => formatTokens(items, { nowMs: system.clock.nowMs(), ...terminalWidth() }),
      secret: true,
    },
  );
}

async function remove(
  { tokens, options }: { readonly tokens: readonly string[]; readonly options: TokenArguments },
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runTokenDelete }, { printText }] = await Promise.all([
    import("../../commands/token.ts"),
    import("../terminal/output.ts"),
  ]);
  const dryRun = options.dryRun === true;
  const ids = await runTokenDelete(system, { ...toChoice(options), tokens, dryRun });
  const done = dryRun ? "would be deleted" : "deleted";
  printText(ids.map((id) => `bootstrap token "${id}" ${done}\n`).join(""));
}

async function generate({ openSystem }: CommandContext): Promise<void> {
  const { random } = await openSystem();
  const [{ generateToken }, { printText }] = await Promise.all([
    import("../../api/objects/bootstrap-token.ts"),
    import("../terminal/output.ts"),
  ]);
  printText(`${generateToken(random)}\n`);
}
