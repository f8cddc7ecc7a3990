import { Command, Option } from "commander";
import type { Phase } from "../plan/phase.ts";
import type { CommandContext } from "./command-context.ts";
import { addCertsCommands } from "./commands/certs.ts";
import { addComponentsCommands } from "./commands/components.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addInitCommand } from "./commands/init.ts";
import { addKubeconfigCommands } from "./commands/kubeconfig.ts";
import { addManifestsCommands } from "./commands/manifests.ts";
import { addResetCommand } from "./commands/reset.ts";
import { addRunnerCommands } from "./commands/runner.ts";
import { addTokenCommands } from "./commands/token.ts";
import { addViewCommands } from "./commands/view.ts";
import { type OutputFormat, parseWhole } from "./options.ts";
import { refuseFlag } from "./refuse-flag.ts";

const EXAMPLES = `Examples:
  slipway init                              a control plane on this machine, asking what it must
  slipway init --dry-run > manifests.yaml   the manifests that init would write; changes nothing
  slipway status                            the four components, the node, the certificates
  slipway doctor                            what is wrong, why, and what to do
  slipway logs -f kube-apiserver            works with the API server down, too
  slipway reset                             undo what init did

Files: /etc/kubernetes as kubeadm, /var/lib/slipway for our own state, /var/cache/slipway for binaries.
`;

/**
 * The command tree. Actions import their command when they run, so that help loads commander and nothing else.
 * `phases` are those of init, for `init phase`. Errors of usage are printed, unless they shall be JSON, and thrown as CommanderError.
 */
export function buildProgram(context: CommandContext, phases: readonly Phase[] = []): Command {
  const program = new Command("slipway")
    .description(
      "Takes a bare Linux machine to a running, supervised, kubeadm-compatible Kubernetes control plane.",
    )
    .addHelpText("before", EXAMPLES)
    .addOption(new Option("--no-color", "no colours (also: NO_COLOR=1)"))
    .option(
      "-v, --v <level>",
      "more on stderr; 1: every step, 5: every program, 6: every request",
      parseWhole,
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(context.json ? { writeErr: () => undefined } : {})
    .showSuggestionAfterError(true)
    .exitOverride();
  refuseFlag(program, {
    flags: "--rootfs <dir>",
    why: "nothing changes its root directory here; the paths in flags and manifests move instead",
    fix: "--root DIR",
  });
  refuseFlag(program, {
    flags: "--vmodule <files>",
    why: "there is no log by source files of Go",
    fix: "-v N tells more of everything; slipway logs COMPONENT shows a component's own log",
  });
  addInitCommand(program, { context, phases });
  addResetCommand(program, context);
  addViewCommands(program, context);
  addDoctorCommand(program, context);
  addRunnerCommands(program, context);
  addTokenCommands(program, context);
  addConfigCommands(program, context);
  addCertsCommands(program, context);
  addKubeconfigCommands(program, context);
  addManifestsCommands(program, context);
  addComponentsCommands(program, context);
  addVersionCommand(program);
  pointAtOwnHelp(program, "slipway");
  return program;
}

/** The command that a command line names, as far as it names one: `slipway runner start`. */
export function nameCommand(program: Command, argv: readonly string[]): string {
  const [word] = argv.filter((candidate) => !candidate.startsWith("-"));
  const next = program.commands.find((command) => command.name() === word);
  if (next === undefined || word === undefined) return program.name();
  return `${program.name()} ${nameCommand(next, argv.slice(argv.indexOf(word) + 1))}`;
}

/** A usage error ends with where the flags of that very command are listed. */
function pointAtOwnHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(see ${path} --help)`);
  for (const child of command.commands) pointAtOwnHelp(child, `${path} ${child.name()}`);
}

function addVersionCommand(program: Command): void {
  program
    .command("version")
    .description("Print the versions of Slipway, its default Kubernetes and Node.js")
    .addOption(
      new Option("-o, --output <format>", "output format; short: the Kubernetes version alone, as kubeadm's")
        .choices(["text", "short", "json", "yaml"])
        .default("text"),
    )
    .action(async ({ output }: { readonly output: OutputFormat | "short" }) => {
      const { runVersion } = await import("../commands/version.ts");
      const { printAnswer } = await import("./terminal/output.ts");
      const version = runVersion();
      printAnswer(version, {
        format: output === "short" ? "text" : output,
        text: () =>
          output === "short"
            ? `${version.kubernetesVersion}\n`
            : `slipway ${version.version} (Kubernetes ${version.kubernetesVersion}, Node.js ${version.nodeVersion})\n`,
      });
    });
}
