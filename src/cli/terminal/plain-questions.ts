import { createInterface } from "node:readline";
import type { Ui } from "../../commands/ui.ts";

/** Raised when a question is left with Ctrl-C, or its input has ended; the message says which. */
export class QuestionLeftError extends Error {}

/**
 * The questions of a terminal that understands no cursor movements (`TERM=dumb`: Emacs' shell, a serial log): a line
 * that says what Enter alone means, and a line for the answer. What is no answer is asked again.
 */
export function createPlainQuestions(streams: {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}): Pick<Ui, "confirm" | "select" | "input"> {
  const tell = (line: string): void => void streams.output.write(`${line}\n`);
  return {
    confirm: async ({ message, initial }) => {
      const prompt = `${message} (${initial ? "Y/n" : "y/N"}) `;
      for (;;) {
        const answer = (await askLine(streams, prompt)).toLowerCase();
        if (answer === "") return initial;
        if (["y", "yes"].includes(answer)) return true;
        if (["n", "no"].includes(answer)) return false;
        tell("Answer y or n.");
      }
    },
    select: async ({ message, choices }) => {
      tell(message);
      choices.forEach(({ name }, index) => {
        tell(`  ${index + 1}) ${name}`);
      });
      for (;;) {
        const answer = (await askLine(streams, "Number (1) ")) || "1";
        const choice = /^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined;
        if (choice !== undefined) return choice.value;
        tell(`Answer with a number from 1 to ${choices.length}.`);
      }
    },
    input: async ({ message, initial, check }) => {
      for (;;) {
        const answer = (await askLine(streams, `${message} (${initial}) `)) || initial;
        const problem = check(answer);
        if (problem === undefined) return answer;
        tell(problem);
      }
    },
  };
}

/** One line; the terminal itself lets it be edited, and turns Ctrl-C into SIGINT. */
function askLine(
  { input, output }: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
  prompt: string,
): Promise<string> {
  const reader = createInterface({ input, terminal: false });
  let onInterrupt = (): void => {};
  let onEnd = (): void => {};
  return new Promise<string>((resolve, reject) => {
    const leaveWith = (why: string) => (): void => {
      output.write("\n");
      reject(new QuestionLeftError(why));
    };
    onInterrupt = leaveWith("the question was left with Ctrl-C");
    onEnd = leaveWith("the input has ended without an answer");
    process.once("SIGINT", onInterrupt);
    reader.once("close", onEnd);
    reader.once("line", (line) => resolve(line.trim()));
    output.write(prompt);
  }).finally(() => {
    process.off("SIGINT", onInterrupt);
    reader.off("close", onEnd);
    reader.close();
  });
}
