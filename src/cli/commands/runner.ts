import { type Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { type OutputFormat, outputOption, rootOption } from "../options.ts";

interface RunnerArguments {
  readonly root: string;
  readonly output: OutputFormat;
  readonly pods?: boolean;
  readonly standby?: boolean;
}

/** `slipway runner …`: the background process that runs static pods. */
export function addRunnerCommands(program: Command, context: CommandContext): void {
  const runner = program.command("runner").description("The static pod runner itself");
  runner
    .command("run")
    .description("Run it in the foreground")
    .addOption(new Option("--standby", "begin when stdin names the file for its log").hideHelp())
    .addOption(rootOption())
    .action((options: RunnerArguments) => run(options, context));
  runner
    .command("start")
    .description("Start it in the background; its pods are found again, not started twice")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => start(options, context));
  runner
    .command("stop")
    .description("Stop it; its pods go on")
    .option("--pods", "stop the pods, too")
    .addOption(rootOption())
    .action((options: RunnerArguments) => stop(options, context));
  runner
    .command("restart")
    .description("Stop and start it; its pods go on")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => restart(options, context));
  runner
    .command("status")
    .description("Tell whether it runs")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => status(options, context));
}

async function run(options: RunnerArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const { runRunner } = await import("../../commands/run-runner.ts");
  if (options.standby === true) {
    const { standBy } = await import("../standby.ts");
    if (!(await standBy()) || signal.aborted) return;
  }
  await runRunner(system, {
    root: options.root,
    signal,
    onReload: (reload) => process.on("SIGHUP", reload),
  });
}

async function start(options: RunnerArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStart }, { printAnswer }] = await Promise.all([
    import("../../commands/manage-runner.ts"),
    import("../output.ts"),
  ]);
  const info = await runRunnerStart(system, { root: options.root, signal });
  printAnswer(info, { format: options.output, text: () => `the runner runs with pid ${info.pid}\n` });
}

async function restart(options: RunnerArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerRestart }, { printAnswer }] = await Promise.all([
    import("../../commands/manage-runner.ts"),
    import("../output.ts"),
  ]);
  const info = await runRunnerRestart(system, { root: options.root, signal });
  printAnswer(info, { format: options.output, text: () => `the runner runs with pid ${info.pid}\n` });
}

async function stop(options: RunnerArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStop }, { printText }] = await Promise.all([
    import("../../commands/manage-runner.ts"),
    import("../output.ts"),
  ]);
  const stopped = await runRunnerStop(system, { root: options.root, pods: options.pods === true });
  printText(
    stopped
      ? `the runner has stopped; ${options.pods === true ? "so have its pods" : "its pods go on"}\n`
      : "no runner runs\n",
  );
}

async function status(options: RunnerArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStatus }, { printAnswer }] = await Promise.all([
    import("../../commands/manage-runner.ts"),
    import("../output.ts"),
  ]);
  const info = await runRunnerStatus(system, { root: options.root });
  printAnswer(info, {
    format: options.output,
    text: () =>
      `the runner runs with pid ${info.pid} since ${info.startedAt} on ${info.manifestPath ?? info.manifestUrl ?? "nothing"}\n`,
  });
}
