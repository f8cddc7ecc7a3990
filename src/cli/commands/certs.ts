import { resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { type OutputFormat, outputOption, rootOption, terminalWidth } from "../options.ts";
import { refuseTemplateFlags } from "../refuse-flag.ts";

interface CertsArguments {
  readonly root: string;
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly certDir?: string;
  readonly kubeconfigDir?: string;
  readonly output: OutputFormat;
  /** `--no-restart`. */
  readonly restart?: boolean;
}

const HELP = {
  certs: {
    purpose: "Look at, renew and share certificates",
    examples: [
      ["slipway certs check-expiration", "when each certificate ends"],
      ["slipway certs renew all", "all anew; what loads them is restarted, in order"],
      ["slipway certs renew apiserver"],
    ],
    notes: ["Files: /etc/kubernetes/pki and /etc/kubernetes/*.conf."],
  },
  checkExpiration: {
    purpose: "Tell when each certificate ends",
    examples: [["slipway certs check-expiration"], ["slipway certs check-expiration -o json"]],
    notes: [
      "Certificates of etcd, the API server and the kubeconfigs end after a year, CAs after ten.",
      "Next: slipway certs renew all",
    ],
  },
  renew: {
    purpose: "Make a certificate anew, or all of them",
    examples: [
      ["slipway certs renew all", "what loads them is restarted, one by one"],
      ["slipway certs renew apiserver", "that one; check-expiration lists the names"],
      ["slipway certs renew admin.conf --no-restart"],
    ],
    notes: ["CAs are not renewed; the keys of all others are made anew. Next: slipway status"],
  },
  certificateKey: {
    purpose: "Print a random key for --certificate-key",
    examples: [["slipway certs certificate-key", "for init --upload-certs; keep it secret"]],
  },
  generateCsr: {
    purpose: "Make keys and signing requests, for CAs kept elsewhere",
    examples: [
      ["slipway certs generate-csr", "beside where the certificates belong"],
      ["slipway certs generate-csr --cert-dir csr --kubeconfig-dir csr"],
    ],
    notes: [
      "Prints the requests' paths. Have the CAs' owner sign them and put each NAME.crt beside its key.",
      "Next: slipway init",
    ],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway certs …`, as kubeadm's. */
export function addCertsCommands(program: Command, context: CommandContext): void {
  const certs = describeCommand(program.command("certs").alias("certificates"), HELP.certs);
  refuseTemplateFlags(
    withCluster(describeCommand(certs.command("check-expiration"), HELP.checkExpiration)),
  ).action((options: CertsArguments) => check(options, context));
  withCluster(describeCommand(certs.command("renew <name>"), HELP.renew))
    .option("--no-restart", "leave what runs with the old ones as it is")
    .action((name: string, options: CertsArguments) => renew({ name, options }, context));
  describeCommand(certs.command("certificate-key"), HELP.certificateKey).action(() => printKey(context));
  describeCommand(certs.command("generate-csr"), HELP.generateCsr)
    .option("--config <file>", "a kubeadm configuration file")
    .option("--cert-dir <dir>", "where the certificates' keys and requests go")
    .option("--kubeconfig-dir <dir>", "where the kubeconfigs and their requests go")
    .addOption(rootOption())
    .action((options: CertsArguments) => generateCsr(options, context));
}

function withCluster(command: Command): Command {
  return command
    .option("--config <file>", "a kubeadm configuration file (default: what the cluster has stored)")
    .option("--cert-dir <dir>", "where the certificates lie")
    .option("--kubeconfig <file>", "who asks the API server for its configuration (default: admin.conf)")
    .addOption(rootOption())
    .addOption(outputOption());
}

async function readSettings(options: CertsArguments, { openSystem, json }: CommandContext) {
  const system = await openSystem();
  const [{ readClusterSettings }, { createUi }] = await Promise.all([
    import("../../commands/certs/read-cluster-settings.ts"),
    import("../terminal/create-ui.ts"),
  ]);
  const path = (text: string | undefined) => (text === undefined ? undefined : resolve(text));
  const { cluster, note } = await readClusterSettings(system, {
    root: options.root,
    configPath: options.config,
    kubeconfigPath: path(options.kubeconfig),
    certDir: path(options.certDir),
  });
  const ui = createUi({ json });
  if (note !== undefined) ui.note(note);
  return { system, cluster, ui };
}

async function check(options: CertsArguments, context: CommandContext): Promise<void> {
  const { system, cluster, ui } = await readSettings(options, context);
  const [{ runCheckExpiration }, { formatExpiration }, { printAnswer }] = await Promise.all([
    import("../../commands/certs/check-expiration.ts"),
    import("../format/format-certs.ts"),
    import("../terminal/output.ts"),
  ]);
  const answer = await runCheckExpiration(system, { root: options.root, cluster });
  printAnswer(answer, { format: options.output, text: () => formatExpiration(answer, terminalWidth()) });
  const unread = [...answer.certificates, ...answer.certificateAuthorities].flatMap(
    ({ unreadable }) => unreadable ?? [],
  );
  if (unread.length === 0) return;
  for (const line of unread) ui.warn(line);
  context.setExitCode(1);
}

async function renew(
  { name, options }: { readonly name: string; readonly options: CertsArguments },
  context: CommandContext,
): Promise<void> {
  const { system, cluster, ui } = await readSettings(options, context);
  const [{ describeMissing, runRenew }, { formatRenewal }, { printAnswer }] = await Promise.all([
    import("../../commands/certs/certs-renew.ts"),
    import("../format/format-certs.ts"),
    import("../terminal/output.ts"),
  ]);
  const { root } = options;
  const keepRunning = options.restart === false;
  const answer = await runRenew(system, { root, name, cluster, keepRunning, ui, signal: context.signal });
  printAnswer(answer, { format: options.output, text: () => formatRenewal(answer) });
  const missing = describeMissing(answer, name);
  if (missing !== undefined) throw missing;
}

async function printKey({ openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ createCertificateKey }, { printText }] = await Promise.all([
    import("../../commands/init/joining.ts"),
    import("../terminal/output.ts"),
  ]);
  printText(`${createCertificateKey(system)}\n`);
}

async function generateCsr(options: CertsArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runGenerateCsr }, { printText }] = await Promise.all([
    import("../../commands/certs/generate-csr.ts"),
    import("../terminal/output.ts"),
  ]);
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(path));
  const paths = await runGenerateCsr(system, {
    root: options.root,
    configPath: options.config,
    certDir: absolute(options.certDir),
    kubeconfigDir: absolute(options.kubeconfigDir),
  });
  printText(paths.map((path) => `${path}\n`).join(""));
}
