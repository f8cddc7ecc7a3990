import { Argument, type Command } from "commander";
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from "../completion/scripts.ts";
import { describeCommand, type HelpText } from "../help.ts";

const HELP: HelpText = {
  purpose: "Print what makes a shell complete slipway's command lines",
  examples: [
    ["slipway completion bash > /etc/bash_completion.d/slipway", "bash"],
    ["slipway completion zsh > ~/.zfunc/_slipway", "zsh, where fpath has ~/.zfunc"],
    ["slipway completion fish > ~/.config/fish/completions/slipway.fish", "fish"],
  ],
  notes: [
    "For this shell alone, in bash: source <(slipway completion bash)",
    "Completes commands, flags, their values, files, and the pods of the runner. The next shell that starts has it.",
  ],
};

/** `slipway completion`. */
export function addCompletionCommand(program: Command): void {
  describeCommand(program.command("completion"), HELP)
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action(async (shell: Shell) => {
      const { printText } = await import("../terminal/output.ts");
      printText(COMPLETION_SCRIPTS[shell]);
    });
}
