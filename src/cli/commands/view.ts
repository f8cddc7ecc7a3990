import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
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

const HELP = {
  status: {
    purpose: "Tell how components, node, certificates and runner are",
    examples: [["slipway status"], ["slipway status -o json"]],
    notes: [
      "Needs neither the API server nor the runner. Exit code 0 only when all is well.",
      "Next: slipway doctor says why and what to do, slipway logs POD shows a log",
    ],
  },
  ps: {
    purpose: "List the pods that the runner runs",
    examples: [["slipway ps"], ["slipway ps -o json"]],
    notes: [
      "Without a runner it shows what the runner's records tell, and - for what is ready.",
      "Next: slipway events, slipway logs POD",
    ],
  },
  events: {
    purpose: "List what happened to the pods lately",
    examples: [["slipway events"], ["slipway events -o json"]],
    notes: ["Next: slipway logs POD"],
  },
  restart: {
    purpose: "Stop a pod's containers; they start again at once",
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
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: ViewArguments) => showStatus(options, context));
  describeCommand(program.command("ps"), HELP.ps)
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
