import { Command, Option } from "commander";
import type { Phase } from "../plan/phase.ts";
import type { CommandContext } from "./command-context.ts";
import { addCertsCommands } from "./commands/certs.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addComponentsCommands } from "./commands/components.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addHandoffCommands } from "./commands/handoff.ts";
import { addInitCommand } from "./commands/init.ts";
import { addKubeconfigCommands } from "./commands/kubeconfig.ts";
import { addManifestsCommands } from "./commands/manifests.ts";
import { addResetCommand } from "./commands/reset.ts";
import { addRunnerCommands } from "./commands/runner.ts";
import { addTokenCommands } from "./commands/token.ts";
import { addViewCommands } from "./commands/view.ts";
import { describeCommand, type HelpText, helpStyle } from "./help.ts";
import { type OutputFormat, parseWhole, wordsOf } from "./options.ts";
import { refuseFlag } from "./refuse-flag.ts";

const HELP: HelpText = {
  purpose:
    "Takes a bare Linux machine to a running, supervised, kubeadm-compatible Kubernetes control plane.",
  examples: [
    ["slipway init", "a control plane on this machine, asking what it must"],
    ["slipway init --dry-run > all.yaml", "the manifests it would write; changes nothing"],
    ["slipway status", "the components, the node, the certificates"],
    ["slipway doctor", "what is wrong, why, and what to do"],
    ["slipway logs -f kube-apiserver", "works with the API server down, too"],
    ["slipway reset", "undo what init did"],
  ],
  notes: [
    "Files: /etc/kubernetes as kubeadm, /var/lib/slipway for our own state, /var/cache/slipway for binaries.",
  ],
};

const VERSION_HELP: HelpText = {
  purpose: "Print the versions of Slipway, Kubernetes and Node.js",
  examples: [
    ["slipway version", "the Kubernetes version is the one that init takes by default"],
    ["slipway version -o json"],
  ],
  notes: ["slipway --version is the same."],
};

/**
 * The command tree. A new command is a file of commands/: a help page (help.ts), flags (options.ts) and an action that
 * imports its work from ../commands/ when it runs and prints the answer (terminal/output.ts) with a text of format/;
 * then a line below, and a row in the README's table. Completion and the tests of help find it by themselves. Actions
 * import their command when they run, so that help loads commander and nothing else. `phases` are those of init, for
 * `init phase`. Errors of usage are thrown as CommanderError and not printed.
 */
export function buildProgram(context: CommandContext, phases: readonly Phase[] = []): Command {
  const program = describeCommand(new Command("slipway"), HELP)
    .addOption(new Option("--no-color", "no colours (also: NO_COLOR=1)"))
    .option("-v, --v <level>", "tell more; 1: steps, 5: programs, 6: requests", parseWhole)
    .configureHelp(helpStyle())
    // A usage error is told with its reason and what to do, as any other.
    .configureOutput({ outputError: () => undefined, ...(context.json ? { writeErr: () => undefined } : {}) })
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
  program.commandsGroup("Set up and undo:");
  addInitCommand(program, { context, phases });
  addResetCommand(program, context);
  program.commandsGroup("See how it does:");
  addViewCommands(program, context);
  addDoctorCommand(program, context);
  program.commandsGroup("Run it:");
  addRunnerCommands(program, context);
  addHandoffCommands(program, context);
  addTokenCommands(program, context);
  addCertsCommands(program, context);
  addKubeconfigCommands(program, context);
  program.commandsGroup("Files and binaries:");
  addConfigCommands(program, context);
  addManifestsCommands(program, context);
  addComponentsCommands(program, context);
  program.commandsGroup("More:");
  addCompletionCommand(program);
  addVersionCommand(program);
  return program.helpCommand("help [command]", "Print the help of a command");
}

function addVersionCommand(program: Command): void {
  describeCommand(program.command("version"), VERSION_HELP)
    .addOption(
      new Option("-o, --output <format>", "output format, short for the Kubernetes version alone")
        .choices(wordsOf<OutputFormat | "short">({ text: true, short: true, json: true, yaml: true }))
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
