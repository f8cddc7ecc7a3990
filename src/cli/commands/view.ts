import { type Command, Option } from "commander";
import { describeProblem } from "../../core/errors.ts";
import type { Clock } from "../../system/clock.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { type OutputFormat, outputOption, parseWhole, rootOption, terminalWidth } from "../options.ts";
import type { Watched } from "../terminal/watch-answer.ts";

interface ViewArguments {
  readonly root: string;
  readonly output: OutputFormat;
  readonly watch?: boolean;
}

interface LogArguments {
  readonly root: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: number;
  readonly since?: string;
  readonly sinceTime?: string;
}

const HELP = {
  status: {
    purpose: "Tell how components, node, certificates and runner are",
    examples: [
      ["slipway status"],
      ["slipway status -w", "shows it again as it changes; Ctrl-C ends"],
      ["slipway status -o json"],
    ],
    notes: [
      "Needs neither the API server nor the runner. Exit code 0 only when all is well.",
      "Next: slipway doctor says why and what to do, slipway logs POD shows a log",
    ],
  },
  ps: {
    purpose: "List the pods that the runner runs",
    examples: [["slipway ps"], ["slipway ps -w", "as it changes; Ctrl-C ends"], ["slipway ps -o json"]],
    notes: [
      "Without a runner it shows what the runner's records tell, and - for what is ready.",
      "Next: slipway events, slipway logs POD",
    ],
  },
  events: {
    purpose: "List what happened to the pods lately",
    examples: [["slipway events"], ["slipway events -o json"]],
    notes: [
      "Without a runner it lists what the last one wrote down. What comes again within ten minutes is counted.",
      "Next: slipway logs POD",
    ],
  },
  restart: {
    purpose: "Stop a pod's containers and wait until they run again",
    examples: [["slipway restart kube-apiserver"]],
    notes: ["A pod that was refused is asked for again. Next: slipway ps"],
  },
  logs: {
    purpose: "Print a container's log, also with the API server down",
    examples: [
      ["slipway logs kube-apiserver"],
      ["slipway logs -f --tail 20 etcd", "the last lines, and what comes"],
      ["slipway logs -p --since 1h etcd", "of the run before this one"],
    ],
    notes: [
      "A pod's name may be given with or without its node. Files: /var/log/pods, rotated at 10 MiB.",
      "Next: slipway events",
    ],
  },
} as const satisfies Record<string, HelpText>;

/** Commands that look at what runs. They need the runner's control socket or files, never the API server. */
export function addViewCommands(program: Command, context: CommandContext): void {
  describeCommand(program.command("status"), HELP.status)
    .addOption(watchOption())
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showStatus(options, context));
  describeCommand(program.command("ps"), HELP.ps)
    .addOption(watchOption())
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showPods(options, context));
  describeCommand(program.command("events"), HELP.events)
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showEvents(options, context));
  describeCommand(program.command("restart <pod>"), HELP.restart)
    .addOption(rootOption())
    .action((pod: string, options: { readonly root: string }) =>
      restartPod({ pod, root: options.root }, context),
    );
  addLogsCommand(program, context);
}

function addLogsCommand(program: Command, context: CommandContext): void {
  describeCommand(program.command("logs <pod>"), HELP.logs)
    .option("-c, --container <name>", "which container; default: the pod's first")
    .option("-f, --follow", "go on with what comes, over restarts too")
    .option("-p, --previous", "the run before this one")
    .option("--timestamps", "put each line's time before it")
    .option("--tail <lines>", "only the last lines; -1 shows all", parseTail)
    .option("--since <duration>", "only what is newer: 10s, 5m, 1h")
    .option("--since-time <time>", "only what is newer: 2026-11-22T17:00:00Z")
    .addOption(rootOption())
    .action((pod: string, options: LogArguments) => showLogs({ pod, ...options }, context));
}

function watchOption(): Option {
  return new Option("-w, --watch", "go on, and show every change");
}

async function showStatus(
  options: ViewArguments,
  { openSystem, setExitCode, signal }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runStatus }, { formatStatus }, { printAnswer }] = await Promise.all([
    import("../../commands/view/status.ts"),
    import("../format/format-status.ts"),
    import("../terminal/output.ts"),
  ]);
  const read = () => runStatus(system, { root: options.root });
  const text = (status: Awaited<ReturnType<typeof read>>, nowMs: number) =>
    formatStatus(status, { nowMs, ...terminalWidth() });
  if (options.watch === true) return await watch({ read, text }, { ...options, clock: system.clock, signal });
  const status = await read();
  printAnswer(status, { format: options.output, text: () => text(status, system.clock.nowMs()) });
  setExitCode(status.healthy ? 0 : 1);
}

async function watch<T>(
  watched: Watched<T>,
  options: { readonly output: OutputFormat; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { watchAnswer } = await import("../terminal/watch-answer.ts");
  await watchAnswer(watched, { ...options, format: options.output });
}

async function showPods(options: ViewArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runPs }, { formatPods }, { printAnswer }] = await Promise.all([
    import("../../commands/view/ps.ts"),
    import("../format/format-pods.ts"),
    import("../terminal/output.ts"),
  ]);
  const read = () => runPs(system, { root: options.root });
  const text = (answer: Awaited<ReturnType<typeof read>>, nowMs: number) =>
    formatPods(answer, { nowMs, ...terminalWidth() });
  if (options.watch === true) return await watch({ read, text }, { ...options, clock: system.clock, signal });
  const answer = await read();
  printAnswer(answer, { format: options.output, text: () => text(answer, system.clock.nowMs()) });
}

async function showEvents(options: ViewArguments, { openSystem, json }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runEvents }, { formatEvents }, { printAnswer }, { tell }] = await Promise.all([
    import("../../commands/view/events.ts"),
    import("../format/format-pods.ts"),
    import("../terminal/output.ts"),
    import("../terminal/tell.ts"),
  ]);
  const answer = await runEvents(system, { root: options.root });
  if (answer.runnerProblem !== undefined) {
    const message = `no runner answers, this is what the last one wrote down: ${describeProblem(answer.runnerProblem)}`;
    tell({ kind: "Note", message }, { json });
  }
  printAnswer(answer, { format: options.output, text: () => formatEvents(answer, terminalWidth()) });
}

async function restartPod(
  options: { readonly pod: string; readonly root: string },
  { openSystem, signal, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runRestart }, { createUi }, { printText }] = await Promise.all([
    import("../../commands/view/ps.ts"),
    import("../terminal/create-ui.ts"),
    import("../terminal/output.ts"),
  ]);
  printText(`${await runRestart(system, { ...options, ui: createUi({ json }), signal })}\n`);
}

async function showLogs(
  options: LogArguments & { readonly pod: string },
  { openSystem, signal }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runLogs }, { writeOut }, { tell }] = await Promise.all([
    import("../../commands/view/logs.ts"),
    import("../terminal/output.ts"),
    import("../terminal/tell.ts"),
  ]);
  await runLogs(system, {
    ...options,
    signal,
    write: writeOut,
    tell: (message) => tell({ kind: "Note", message }, { json: false }),
  });
}

/** As kubectl has it: -1 for all. */
function parseTail(text: string): number | undefined {
  return text === "-1" ? undefined : parseWhole(text);
}
