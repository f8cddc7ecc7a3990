import type { Ui } from "../../commands/ui.ts";
import { SlipwayError } from "../../core/errors.ts";
import { createPlainQuestions, QuestionLeftError } from "./plain-questions.ts";
import { createListProgress } from "./progress-list.ts";
import { createPlainProgress } from "./progress-plain.ts";
import { tell } from "./tell.ts";
import { showsUnicode } from "./unicode.ts";

/**
 * The person at the terminal, or the log file in its place: without a terminal on both stdin and stderr there are no
 * questions (SLIPWAY_NO_TERMINAL when one is asked all the same) and progress is plain lines. With `json` a program
 * reads it: nothing is asked, and each line is one JSON object.
 */
export function createUi({ json }: { readonly json: boolean }): Ui {
  const terminal = process.stderr.isTTY === true && !json && !process.env["CI"];
  const interactive = process.stdin.isTTY === true && terminal;
  const dumb = process.env["TERM"] === "dumb";
  const display = terminal && process.stderr.columns > 0 && !dumb;
  const ask = async <T>(question: () => Promise<T>, unasked = "slipway init --yes"): Promise<T> => {
    if (!interactive) throw noTerminal({ json, unasked });
    try {
      return await question();
    } catch (error) {
      const left = error instanceof Error && error.name === "ExitPromptError";
      if (left && !error.message.includes("SIGTERM")) throw interrupted("the question was left with Ctrl-C");
      if (error instanceof QuestionLeftError) throw interrupted(error.message);
      throw error;
    }
  };
  const questions = dumb
    ? createPlainQuestions({ input: process.stdin, output: process.stderr })
    : createPrompts();
  return {
    interactive,
    note: (message) => tell({ kind: "Note", message }, { json }),
    warn: (message) => tell({ kind: "Warning", message }, { json }),
    confirm: (question) => ask(() => questions.confirm(question), question.unasked),
    select: (question) => ask(() => questions.select(question)),
    input: (question) => ask(() => questions.input(question)),
    showProgress: (phases) =>
      display
        ? createListProgress(phases)
        : createPlainProgress((line) => tell({ kind: "Progress", ...line }, { json })),
  };
}

/** The questions of a terminal that can move its cursor. */
function createPrompts(): Pick<Ui, "confirm" | "select" | "input"> {
  const theme = showsUnicode(process.env) ? {} : ASCII_THEME;
  return {
    confirm: async ({ message, initial }) => {
      const question = { type: "confirm", name: "answer", message, default: initial, theme } as const;
      const { answer } = await (await loadPrompt()).prompt<{ answer: boolean }>([question]);
      return answer;
    },
    select: async ({ message, choices }) => {
      const question = { type: "select", name: "answer", message, choices: [...choices], theme } as const;
      const { answer } = await (await loadPrompt()).prompt<{ answer: string }>([question]);
      return answer;
    },
    input: async ({ message, initial, check }) => {
      const validate = (text: string) => check(text.trim()) ?? true;
      const question = { type: "input", name: "answer", message, default: initial, theme, validate } as const;
      const { answer } = await (await loadPrompt()).prompt<{ answer: string }>([question]);
      return answer.trim();
    },
  };
}

/** The signs in questions where a terminal shows ASCII alone. */
const ASCII_THEME = {
  prefix: { idle: "?", done: ">" },
  icon: { cursor: ">" },
  style: { keysHelpTip: () => "(arrow keys, then Enter)" },
};

/** Prompts go to stderr: stdout is for answers. */
async function loadPrompt() {
  const { createPromptModule } = (await import("inquirer")).default;
  return { prompt: createPromptModule({ output: process.stderr }) };
}

function noTerminal({ json, unasked }: { readonly json: boolean; readonly unasked: string }): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_NO_TERMINAL",
    what: "nothing was done, for a question has to be answered first",
    why: json ? "under -o json nothing is asked" : "there is no terminal to ask on",
    fix: `${unasked} goes on without asking`,
  });
}

function interrupted(why: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_INTERRUPTED",
    what: "nothing was done",
    why,
    fix: "run the command again",
  });
}
