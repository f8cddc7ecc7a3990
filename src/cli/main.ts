import { writeSync } from "node:fs";
import type { Command } from "commander";
import type { System } from "../system/system.ts";
import type { CommandContext, LogFormat } from "./command-context.ts";
import { locate } from "./completion/locate.ts";
import { COMPLETE } from "./completion/scripts.ts";
import { buildProgram } from "./program.ts";
import { readWords } from "./read-words.ts";
import { INTERRUPTED, printFailure } from "./terminal/print-failure.ts";
import { formatTold } from "./terminal/tell.ts";

/** How a process ends that a signal interrupted. Source: 128 + signal number, as shells have it. */
const SIGNAL_EXIT: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGTERM: 143 };

/** Runs one command line and gives its exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  let exitCode = 0;
  const json = wantsJson(argv);
  const context: CommandContext = {
    signal: interrupt.signal,
    json,
    openSystem: (options = {}) =>
      openSystem({
        logFormat: json ? "json" : "text",
        ...options,
        verbosity: program.opts<{ v?: number }>().v ?? 0,
      }),
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      // Who shows progress holds back what is written meanwhile, and has hidden the cursor.
      const start = process.stderr.isTTY ? "\u001b[?25h\n" : "";
      writeSync(process.stderr.fd, start + formatTold(INTERRUPTED, { json }));
      // `process.exit` would wait for a thread that waits for a pipe.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      process.exit(SIGNAL_EXIT[name] ?? 1);
    }
    exitCode = SIGNAL_EXIT[name] ?? 1;
    interrupt.abort(new Error(`interrupted by ${name}`));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const phases = argv.includes("phase") ? (await import("../plan/build-plan.ts")).INIT_PHASES : [];
  const program = buildProgram(context, phases);
  try {
    if (argv[0] === COMPLETE) return await printCompletion(program, { words: argv.slice(1), context });
    await program.parseAsync([...readWords(program, argv)], { from: "user" });
    return exitCode;
  } catch (error) {
    return printFailure(error, {
      json,
      place: locate(program, [...argv, ""]),
      interrupted: interrupt.signal.aborted ? exitCode : undefined,
    });
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** Answers a shell's completion script; says nothing beside, whatever may fail. */
async function printCompletion(
  program: Command,
  options: { readonly words: readonly string[]; readonly context: CommandContext },
): Promise<number> {
  const [{ complete }, { printText }] = await Promise.all([
    import("./completion/complete.ts"),
    import("./terminal/output.ts"),
  ]);
  const { candidates, files } = await complete(program, { words: options.words, ...options.context });
  printText(candidates.map(({ word, what }) => `${word}\t${what}\n`).join(""));
  if (files !== undefined) printText(`:${files}\n`);
  return 0;
}

/** Whether all that is told is to be JSON, as far as one can tell before the command line is understood. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      word === "--output=json" ||
      word === "-ojson" ||
      (word === "json" && /^(-o|--output)$/.test(argv[index - 1] ?? "")),
  );
}

async function openSystem({
  logFormat,
  verbosity,
}: {
  readonly logFormat: LogFormat;
  readonly verbosity: number;
}): Promise<System> {
  const [{ createSystem }, { createLog, formatLogJson, formatLogText }, { traceSystem }] = await Promise.all([
    import("../system/create-system.ts"),
    import("../system/log.ts"),
    import("../system/trace-system.ts"),
  ]);
  const log = createLog({
    level: verbosity > 0 ? "debug" : "info",
    format: logFormat === "json" ? formatLogJson : formatLogText,
    write: (line) => process.stderr.write(line),
    nowMs: () => Date.now(),
  });
  return traceSystem(createSystem({ log }), verbosity);
}
