import { type Command, Option } from "commander";
import type { RunnerInfo } from "../../control/protocol.ts";
import type { InitSystem } from "../../plan/boot/boot-scripts.ts";
import type { CommandContext, LogFormat } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { addKubeletOptions, type KubeletArguments, readKubeletFlags } from "../kubelet-options.ts";
import { type OutputFormat, outputOption, rootOption, wordsOf } from "../options.ts";

const INIT_SYSTEMS = wordsOf<InitSystem>({ systemd: true, openrc: true, sysv: true, container: true });

interface RunnerArguments {
  readonly root: string;
  readonly output: OutputFormat;
  readonly pods?: boolean;
  readonly standby?: boolean;
  readonly logFormat?: LogFormat;
}

const HELP = {
  runner: {
    purpose: "The static pod runner itself",
    examples: [
      ["slipway runner status", "whether it runs"],
      ["slipway runner restart", "its pods go on meanwhile"],
      ["slipway runner stop --pods", "stop it and all its pods, in order"],
      ["slipway runner run --pod-manifest-path=/srv/pods", "pods without a cluster"],
    ],
    notes: [
      "Files: /var/lib/slipway for its state, /run/slipway for its socket, /var/log/slipway/runner.log for its log. Its pods outlive it.",
    ],
  },
  run: {
    purpose: "Run it in the foreground, also without a cluster",
    examples: [
      ["slipway runner run", "what init has set up"],
      ["slipway runner run --pod-manifest-path=/srv/pods", "manifests of your own"],
      ["slipway runner run --config=kubelet.yaml", "as a KubeletConfiguration says"],
      ["slipway runner run --manifest-url=https://pods.example/node-a --root ~/pods"],
    ],
    notes: [
      "A line on stderr for each event. Ctrl-C ends the runner; its pods go on. With a --root of your own it needs no root.",
      "Next: slipway ps, slipway logs POD",
      "To end it with its pods: slipway runner stop --pods",
    ],
  },
  start: {
    purpose: "Start it in the background; its pods are found again",
    examples: [["slipway runner start"], ["slipway runner start --root ~/plane"]],
    notes: ["Log: /var/log/slipway/runner.log. Next: slipway ps"],
  },
  stop: {
    purpose: "Stop it; its pods go on",
    examples: [
      ["slipway runner stop"],
      ["slipway runner stop --pods", "the pods, too: by priority, etcd last"],
    ],
    notes: ["Next: slipway runner start finds the pods again"],
  },
  restart: {
    purpose: "Stop and start it; its pods go on",
    examples: [["slipway runner restart", "after an upgrade of Slipway"]],
    notes: ["Next: slipway runner status"],
  },
  reload: {
    purpose: "Let it read its configuration and the manifests again",
    examples: [["slipway runner reload", "as SIGHUP does"]],
    notes: ["Pods go on; a configuration that cannot be used changes nothing."],
  },
  bootScript: {
    purpose: "Print what starts it at boot",
    examples: [
      ["slipway runner boot-script --init openrc > /etc/init.d/slipway-runner"],
      ["slipway runner boot-script --init container", "the PID 1 of a container"],
    ],
    notes: ["Where systemd runs the machine, init on / has made a service of it already."],
  },
  status: {
    purpose: "Tell whether it runs",
    examples: [["slipway runner status"], ["slipway runner status -o json"]],
    notes: ["Exit code 1 when it does not. Next: slipway status tells of the components, too"],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway runner …`: the background process that runs static pods. */
export function addRunnerCommands(program: Command, context: CommandContext): void {
  const runner = describeCommand(program.command("runner"), HELP.runner);
  addKubeletOptions(describeCommand(runner.command("run"), HELP.run))
    .addOption(
      new Option("--log-format <format>", "how each event is told")
        .choices(wordsOf<LogFormat>({ text: true, json: true }))
        .default(undefined, "text"),
    )
    .addOption(new Option("--standby", "begin when stdin names the file for its log").hideHelp())
    .addOption(rootOption())
    .action((options: RunnerArguments & KubeletArguments) => run(options, context));
  describeCommand(runner.command("start"), HELP.start)
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => start(options, context));
  describeCommand(runner.command("stop"), HELP.stop)
    .option("--pods", "stop the pods, too")
    .addOption(rootOption())
    .action((options: RunnerArguments) => stop(options, context));
  describeCommand(runner.command("restart"), HELP.restart)
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => restart(options, context));
  describeCommand(runner.command("reload"), HELP.reload)
    .addOption(rootOption())
    .action((options: RunnerArguments) => reload(options, context));
  describeCommand(runner.command("boot-script"), HELP.bootScript)
    .addOption(
      new Option("--init <system>", "what starts services there").choices(INIT_SYSTEMS).makeOptionMandatory(),
    )
    .addOption(rootOption())
    .action((options: RunnerArguments & { readonly init: InitSystem }) => bootScript(options, context));
  describeCommand(runner.command("status"), HELP.status)
    .addOption(rootOption())
    .addOption(outputOption())
    .action((options: RunnerArguments) => status(options, context));
}

async function run(
  options: RunnerArguments & KubeletArguments,
  { openSystem, signal }: CommandContext,
): Promise<void> {
  const { runRunner, recallLogFormat } = await import("../../commands/runner/run-runner.ts");
  const logFormat = options.logFormat ?? (await recallLogFormat(await openSystem(), options));
  const system = await openSystem(logFormat === undefined ? {} : { logFormat });
  if (options.standby === true) {
    const { standBy } = await import("../terminal/standby.ts");
    if (!(await standBy()) || signal.aborted) return;
  }
  const { podsGoOn } = await runRunner(system, {
    root: options.root,
    flags: readKubeletFlags(options),
    signal,
    onReload: (reload) => process.on("SIGHUP", reload),
  });
  if (podsGoOn && process.stderr.isTTY && logFormat !== "json") await tellPodsGoOn();
}

/** For who sits before it: in a log file the runner's own lines are enough. */
async function tellPodsGoOn(): Promise<void> {
  const { tell } = await import("../terminal/tell.ts");
  // A command alone on its line can be copied.
  const lines = [
    "The runner has ended; its pods go on.",
    "See them:   slipway ps",
    "Stop them:  slipway runner stop --pods",
  ];
  tell({ kind: "Note", message: lines.join("\n") }, { json: false });
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

async function stop(options: RunnerArguments, { openSystem, json }: CommandContext): Promise<void> {
  const system = await openSystem();
  const [{ runRunnerStop }, { printText }, { createUi }] = await Promise.all([
    import("../../commands/runner/manage-runner.ts"),
    import("../terminal/output.ts"),
    import("../terminal/create-ui.ts"),
  ]);
  const { root, pods = false } = options;
  const stopped = await runRunnerStop(system, { root, pods, onWait: createUi({ json }).note });
  printText(
    stopped
      ? `the runner has stopped; ${pods ? "so have its pods" : "its pods go on"}\n`
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
  printText(await runBootScript(system, options));
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
    text: () => describeRunner(info),
  });
}

function describeRunner(info: RunnerInfo): string {
  const { pid, startedAt, startedWith = [] } = info;
  const place = info.manifestPath ?? info.manifestUrl ?? "nothing";
  const flags = startedWith.length === 0 ? "" : `  with ${startedWith.join("\n       ")}\n`;
  return `the runner runs with pid ${pid} since ${startedAt} on ${place}\n${flags}`;
}
