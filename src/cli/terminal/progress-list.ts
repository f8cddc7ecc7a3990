import type { Progress, ProgressPhase } from "../../commands/ui.ts";
import { showsUnicode } from "./unicode.ts";

/** What we use of a listr2 task: the line below it. */
interface Task {
  output: string;
}

/** A phase on the display: how many of its steps are left, and whom to tell when there are none. */
interface Row {
  readonly phase: ProgressPhase;
  left: number;
  task: Task | undefined;
  readonly finished: Promise<void>;
  finish(): void;
  fail(error: Error): void;
}

/**
 * Progress as a list that redraws itself on stderr: a line a phase in order, with what goes on below the current one.
 * Steps of later phases may be done before their line comes up.
 */
export function createListProgress(phases: readonly ProgressPhase[]): Progress {
  const rows = phases.map(createRow);
  let latest = "";
  const shown = run(rows, () => latest);
  const show = (text: string): void => {
    latest = text;
    for (const row of rows) if (row.task !== undefined && row.left > 0) row.task.output = text;
  };
  return {
    waiting: (_phase, detail) => show(detail),
    done: (name, title) => {
      if (title !== undefined) show(title);
      const row = rows.find(({ phase }) => phase.name === name);
      if (row === undefined) return;
      row.left -= 1;
      if (row.left === 0) row.finish();
    },
    end: async (ok) => {
      for (const row of rows) {
        if (ok) row.finish();
        else row.fail(new Error(latest));
      }
      await shown;
    },
  };
}

/** The signs before lines where a terminal shows ASCII alone. */
const ASCII_ICONS = {
  PENDING: ">",
  OUTPUT: ">",
  WAITING: "-",
  COMPLETED: "+",
  COMPLETED_WITH_SISTER_TASKS_FAILED: "+",
  FAILED: "x",
} as const;

function createRow(phase: ProgressPhase): Row {
  let finish: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  finished.catch(() => undefined);
  return { phase, left: phase.steps, task: undefined, finished, finish, fail };
}

async function run(rows: readonly Row[], latest: () => string): Promise<void> {
  const { Listr, ListrLogger, PRESET_TIMER, ProcessOutput, Spinner } = await import("listr2");
  class AsciiSpinner extends Spinner {
    protected override readonly spinner = ["-", "\\", "|", "/"];
  }
  const signs = showsUnicode(process.env) ? {} : { icon: ASCII_ICONS, spinner: new AsciiSpinner() };
  const output = new ProcessOutput(process.stderr, process.stderr);
  const list = new Listr<unknown, "default">(
    rows.map((row) => ({
      title: row.phase.short,
      task: async (_context: unknown, task: Task) => {
        row.task = task;
        if (row.left > 0) task.output = latest();
        await row.finished;
      },
    })),
    {
      concurrent: false,
      exitOnError: true,
      registerSignalListeners: false,
      rendererOptions: {
        collapseErrors: false,
        showErrorMessage: false,
        timer: PRESET_TIMER,
        ...signs,
        logger: new ListrLogger({ processOutput: output }),
      },
    },
  );
  // The failure itself is raised by whoever ends the display.
  await list.run().catch(() => undefined);
}
