import { type Command, Option } from "commander";
import type { InitSystem } from "../../plan/boot/boot-scripts.ts";
import type { CommandContext, LogFormat } from "../command-context.ts";
import { addKubeletOptions, type KubeletArguments, readKubeletFlags } from "../kubelet-options.ts";
import { type OutputFormat, outputOption, rootOption } from "../options.ts";

const INIT_SYSTEMS: readonly InitSystem[] = ["systemd", "openrc", "sysv", "container"];

interface RunnerArguments {
  readonly root: string;
  readonly output: OutputFormat;
  readonly pods?: boolean;
  readonly standby?: boolean;
  readonly logFormat?: LogFormat;
}

/** `slipway runner …`: the background process that runs static pods. */
export function addRunnerCommands(program: Command, context: CommandContext): void {
  const runner = program.command("runner").description("The static pod runner itself");
  addKubeletOptions(runner.command("run"))
    .description("Run it in the foreground: what init has set up, or manifests of your own without a cluster")
    .addOption(
      new Option("--log-format <format>", "how each event is told").choices(["text", "json"]).default("text"),
    )
    .addOption(new Option("--standby", "begin when stdin names the file for its log").hideHelp())
    .addOption(rootOption())
    .action((options: RunnerArguments & KubeletArguments) => run(options, context));
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
    .command("reload")
    .description("Let it read its configuration and the manifests again, as SIGHUP does")
    .addOption(rootOption())
    .action((options: RunnerArguments) => reload(options, context));
  runner
    .command("boot-script")
    .description("Print what starts it at boot")
    .addOption(new Option("--init <system>", "for which").choices(INIT_SYSTEMS).makeOptionMandatory())
    .addOption(rootOption())
    .action((options: RunnerArguments & { readonly init: InitSystem }) => bootScript(options, context));
  runner
    .command("status")
    .description("Tell whether it runs")
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => status(options, context));
}

async function run(
  options: RunnerArguments & KubeletArguments,
  { openSystem, signal }: CommandContext,
): Promise<void> {
  const { logFormat = "text" } = options;
  const system = await openSystem({ logFormat });
  const { runRunner } = await import("../../commands/runner/run-runner.ts");
  if (options.standby === true) {
    const { standBy } = await import("../terminal/standby.ts");
    if (!(await standBy()) || signal.aborted) return;
  }
  await runRunner(system, {
    root: options.root,
    flags: readKubeletFlags(options),
    signal,
    onReload: (reload) => process.on("SIGHUP", reload),
  });
}

async function start(options: RunnerArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStart }, { printAnswer }] = await Promise.all([
    import("../../commands/runner/manage-runner.ts"),
    import("../terminal/output.ts"),
  ]);
  const info = await runRunnerStart(system, { root: options.root, signal });
  printAnswer(info, { format: options.output, text: () => `the runner runs with pid ${info.pid}\n` });
}

async function restart(options: RunnerArguments, { openSystem, signal }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerRestart }, { printAnswer }] = await Promise.all([
    import("../../commands/runner/manage-runner.ts"),
    import("../terminal/output.ts"),
  ]);
  const info = await runRunnerRestart(system, { root: options.root, signal });
  printAnswer(info, { format: options.output, text: () => `the runner runs with pid ${info.pid}\n` });
}

async function stop(options: RunnerArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStop }, { printText }] = await Promise.all([
    import("../../commands/runner/manage-runner.ts"),
    import("../terminal/output.ts"),
  ]);
  const stopped = await runRunnerStop(system, { root: options.root, pods: options.pods === true });
  printText(
    stopped
      ? `the runner has stopped; ${options.pods === true ? "so have its pods" : "its pods go on"}\n`
      : "no runner runs\n",
  );
}

async function reload(options: RunnerArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerReload }, { printText }] = await Promise.all([
    import("../../commands/runner/manage-runner.ts"),
    import("../terminal/output.ts"),
  ]);
  await runRunnerReload(system, { root: options.root });
  printText("the runner has read its configuration and the manifests again\n");
}

async function bootScript(
  options: RunnerArguments & { readonly init: InitSystem },
  { openSystem }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ runBootScript }, { printText }] = await Promise.all([
    import("../../commands/runner/boot-script.ts"),
    import("../terminal/output.ts"),
  ]);
  printText(runBootScript(system, options));
}

async function status(options: RunnerArguments, { openSystem }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStatus }, { printAnswer }] = await Promise.all([
    import("../../commands/runner/manage-runner.ts"),
    import("../terminal/output.ts"),
  ]);
  const info = await runRunnerStatus(system, { root: options.root });
  printAnswer(info, {
    format: options.output,
    text: () =>
      `the runner runs with pid ${info.pid} since ${info.startedAt} on ${info.manifestPath ?? info.manifestUrl ?? "nothing"}\n`,
  });
}
