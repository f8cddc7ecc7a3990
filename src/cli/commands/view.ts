import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { type OutputFormat, outputOption, parseWhole, rootOption, terminalWidth } from "../options.ts";

interface ViewArguments {
  readonly root: string;
  readonly output: OutputFormat;
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

/** Commands that look at what runs. They need the runner's control socket or files, never the API server. */
export function addViewCommands(program: Command, context: CommandContext): void {
  program
    .command("status")
    .description(
      "Tell how the four components, the node, the certificates and the runner are; exit 0 when all is well",
    )
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showStatus(options, context));
  program
    .command("ps")
    .description("List the pods that the runner runs")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showPods(options, context));
  program
    .command("events")
    .description("List what happened to the pods lately")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showEvents(options, context));
  program
    .command("restart <pod>")
    .description("Stop a pod's containers; they start again at once")
    .addOption(rootOption())
    .action((pod: string, options: { readonly root: string }) =>
      restartPod({ pod, root: options.root }, context),
    );
  addLogsCommand(program, context);
}

function addLogsCommand(program: Command, context: CommandContext): void {
  program
    .command("logs <pod>")
    .description("Print a container's log, also with the API server down")
    .option("-c, --container <name>", "which container; default: the pod's first")
    .option("-f, --follow", "go on with what comes, over restarts too")
    .option("-p, --previous", "the run before this one")
    .option("--timestamps", "put each line's time before it")
    .option("--tail <lines>", "only the last lines", parseWhole)
    .option("--since <duration>", "only what is newer: 10s, 5m, 1h")
    .option("--since-time <time>", "only what is newer: 2026-11-22T17:00:00Z")
    .addOption(rootOption())
    .action((pod: string, options: LogArguments) => showLogs({ pod, ...options }, context));
}

async function showStatus(
  options: ViewArguments,
  { openSystem, setExitCode }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runStatus }, { formatStatus }, { printAnswer }] = await Promise.all([
    import("../../commands/view/status.ts"),
    import("../format/format-status.ts"),
    import("../terminal/output.ts"),
  ]);
  const status = await runStatus(system, { root: options.root });
  printAnswer(status, { format: options.output, text: () => formatStatus(status) });
  setExitCode(status.healthy ? 0 : 1);
}

async function showPods(options: ViewArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runPs }, { formatPods }, { printAnswer }] = await Promise.all([
    import("../../commands/view/ps.ts"),
    import("../format/format-pods.ts"),
    import("../terminal/output.ts"),
  ]);
  const answer = await runPs(system, { root: options.root });
  printAnswer(answer, {
    format: options.output,
    text: () => formatPods(answer, { nowMs: system.clock.nowMs(), ...terminalWidth() }),
  });
}

async function showEvents(options: ViewArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runEvents }, { formatEvents }, { printAnswer }] = await Promise.all([
    import("../../commands/view/ps.ts"),
    import("../format/format-pods.ts"),
    import("../terminal/output.ts"),
  ]);
  const answer = await runEvents(system, { root: options.root });
  printAnswer(answer, { format: options.output, text: () => formatEvents(answer, terminalWidth()) });
}

async function restartPod(
  options: { readonly pod: string; readonly root: string },
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runRestart }, { printText }] = await Promise.all([
    import("../../commands/view/ps.ts"),
    import("../terminal/output.ts"),
  ]);
  printText(`${await runRestart(system, options)}\n`);
}

async function showLogs(
  options: LogArguments & { readonly pod: string },
  { openSystem, signal }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runLogs }, { printNote, writeOut }] = await Promise.all([
    import("../../commands/view/logs.ts"),
    import("../terminal/output.ts"),
  ]);
  await runLogs(system, { ...options, signal, write: writeOut, tell: printNote });
}
