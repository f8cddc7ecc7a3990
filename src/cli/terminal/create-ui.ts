import type { Ui } from "../../commands/ui.ts";
import { SlipwayError } from "../../core/errors.ts";
import { redactSecrets } from "../../core/redact.ts";
import { colourOf } from "./colour.ts";
import { completeOwnHints } from "./complete-hints.ts";
import { fitTerminal } from "./fit-terminal.ts";
import { createListProgress } from "./progress-list.ts";
import { createPlainProgress } from "./progress-plain.ts";

/**
 * The person at the terminal, or the log file in its place: without a terminal on both stdin and stderr there are no
 * questions (SLIPWAY_NO_TERMINAL when one is asked all the same) and progress is plain lines.
 */
export function createUi(): Ui {
  const interactive = process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env["CI"];
  const display =
    process.stderr.isTTY === true &&
    process.stderr.columns > 0 &&
    process.env["TERM"] !== "dumb" &&
    !process.env["CI"];
  const write = (line: string): void => {
    process.stderr.write(`${fitTerminal(completeOwnHints(redactSecrets(line)))}\n`);
  };
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    if (!interactive) throw noTerminal();
    try {
      return await question();
    } catch (error) {
      const left = error instanceof Error && error.name === "ExitPromptError";
      if (left && !error.message.includes("SIGTERM")) throw interrupted();
      throw error;
    }
  };
  return {
    interactive,
    note: write,
    warn: (line) => write(`${colourOf(process.stderr).yellow("warning:")} ${line}`),
    confirm: ({ message, initial }) =>
      ask(async () =>
        (await loadPrompt())
          .prompt<{ answer: boolean }>([{ type: "confirm", name: "answer", message, default: initial }])
          .then(({ answer }) => answer),
      ),
    select: ({ message, choices }) =>
      ask(async () =>
        (await loadPrompt())
          .prompt<{ answer: string }>([{ type: "select", name: "answer", message, choices: [...choices] }])
          .then(({ answer }) => answer),
      ),
    input: ({ message, initial, check }) =>
      ask(async () =>
        (await loadPrompt())
          .prompt<{ answer: string }>([
            {
              type: "input",
              name: "answer",
              message,
              default: initial,
              validate: (text: string) => check(text.trim()) ?? true,
            },
          ])
          .then(({ answer }) => answer.trim()),
      ),
    showProgress: (phases) => (display ? createListProgress(phases) : createPlainProgress(write)),
  };
}

/** Prompts go to stderr: stdout is for answers. */
async function loadPrompt() {
  const { createPromptModule } = (await import("inquirer")).default;
  return { prompt: createPromptModule({ output: process.stderr }) };
}

function noTerminal(): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_NO_TERMINAL",
    what: "a question has to be answered",
    why: "there is no terminal to ask on",
    fix: "give the answer as a flag: --yes for init, --force for reset; --help lists them",
  });
}

function interrupted(): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_INTERRUPTED",
    what: "nothing was done",
    why: "the question was left with Ctrl-C",
    fix: "run the command again",
  });
}
