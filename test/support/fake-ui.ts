import type { ProgressPhase, Ui } from "../../src/commands/ui.ts";

/** What was said and asked. */
export interface FakeUi extends Ui {
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly questions: readonly string[];
  /** Lines of all progress displays, and how each display ended. */
  readonly progress: readonly string[];
}

/** A person who gives the next of `answers` to each question; asking more is an error. Without answers: no terminal. */
export function createFakeUi(answers?: readonly (string | boolean)[]): FakeUi {
  const notes: string[] = [];
  const warnings: string[] = [];
  const questions: string[] = [];
  const progress: string[] = [];
  const ask = async (message: string): Promise<string | boolean> => {
    questions.push(message);
    const answer = answers?.[questions.length - 1];
    if (answer === undefined) throw new Error(`nobody answers: ${message}`);
    return answer;
  };
  return {
    interactive: answers !== undefined,
    notes,
    warnings,
    questions,
    progress,
    note: (line) => notes.push(line),
    warn: (line) => warnings.push(line),
    confirm: async ({ message }) => (await ask(message)) === true,
    select: async ({ message, choices }) => {
      const answer = String(await ask(message));
      if (!choices.some(({ value }) => value === answer)) throw new Error(`${answer} is no choice`);
      return answer;
    },
    input: async ({ message, check }) => {
      const answer = String(await ask(message));
      const problem = check(answer);
      if (problem !== undefined) throw new Error(problem);
      return answer;
    },
    showProgress: (phases: readonly ProgressPhase[]) => {
      progress.push(`begin ${phases.map(({ name }) => name).join(" ")}`);
      return {
        waiting: (phase, detail) => progress.push(`${phase} waits: ${detail}`),
        done: (phase, title) => progress.push(`${phase} done${title === undefined ? "" : `: ${title}`}`),
        end: async (ok) => {
          progress.push(ok ? "end" : "failed");
        },
      };
    },
  };
}
