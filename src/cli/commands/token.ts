import { resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { collectList, type OutputFormat, outputOption, rootOption } from "../options.ts";
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

const HELP = `Examples:
  slipway token create --print-join-command     what a node runs to join, with a token for 24 hours
  slipway token list
  slipway token delete abcdef

Tokens are Secrets of the cluster; whoever has one can join a node. They are printed because that was asked for.
`;

/** `slipway token …`, as kubeadm's. */
export function addTokenCommands(program: Command, context: CommandContext): void {
  const token = program
    .command("token")
    .description("Make, list and delete the tokens that nodes join with")
    .addHelpText("before", HELP)
    .option("--kubeconfig <file>", "who asks the API server (default: KUBECONFIG, else admin.conf)")
    .option("--dry-run", "make and delete nothing")
    .addOption(rootOption());
  token
    .command("create [token]")
    .description("Make a token; a random one unless it is named")
    .option(
      "--config <file>",
      "make the bootstrapTokens of this kubeadm configuration; flags win over the first",
    )
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
  refuseTemplateFlags(token.command("list").description("List the tokens"))
    .addOption(outputOption())
    .action((_options: unknown, self: Command) => list(self.optsWithGlobals(), context));
  token
    .command("delete <tokens...>")
    .description("Delete tokens, named whole or by their ids")
    .action((tokens: readonly string[], _options: unknown, self: Command) =>
      remove({ tokens, options: self.optsWithGlobals() }, context),
    );
  token
    .command("generate")
    .description("Print a random token without making it")
    .action(() => generate(context));
}

function toChoice({ root, kubeconfig }: TokenArguments) {
  return { root, kubeconfigPath: kubeconfig === undefined ? undefined : resolve(kubeconfig) };
}

async function create(
  { text, options }: { readonly text: string | undefined; readonly options: CreateArguments },
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runTokenCreate }, { printAnswer }, { createUi }, { SlipwayError }] = await Promise.all([
    import("../../commands/token.ts"),
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
    createUi().note(
      `note: the cluster has no ${created.missingAddons.join(" and no ")} yet; before nodes join: slipway init phase addon all`,
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
    { format: options.output, text: () => formatTokens(items, system.clock.nowMs()), secret: true },
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
