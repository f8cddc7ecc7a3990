import type { Command } from "commander";
import type { HandoffResult } from "../../commands/handoff/handoff.ts";
import type { CommandContext } from "../command-context.ts";
import { describeCommand, type HelpText } from "../help.ts";
import { collectList, type OutputFormat, outputOption, rootOption } from "../options.ts";

interface HandoffArguments {
  readonly root: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly ignorePreflightErrors?: readonly string[];
  readonly output: OutputFormat;
}

const NOTES = [
  "etcd's data, certificates and manifests stay as they are; the API server is away for some seconds, and for how long is told.",
  "Where systemd does not run the kubelet, name what starts or stops it, as the last example does. A hand-over that was cut off may be run again.",
];

const HELP = {
  handoff: {
    purpose: "Hand the control plane to a kubelet of this machine, or back",
    examples: [
      ["slipway handoff kubelet", "systemd's kubelet.service takes the pods over"],
      ["slipway handoff runner", "back again"],
      ["slipway handoff kubelet -- rc-service kubelet start"],
    ],
    notes: NOTES,
  },
  kubelet: {
    purpose: "Stop the runner's pods and let the kubelet run them",
    examples: [
      ["slipway handoff kubelet --dry-run", "checks everything, lists the steps"],
      ["slipway handoff kubelet"],
      ["slipway handoff kubelet -- rc-service kubelet start"],
    ],
    notes: [...NOTES, "Next: slipway status; slipway handoff runner goes back"],
  },
  runner: {
    purpose: "Let the kubelet stop its pods and the runner run them",
    examples: [
      ["slipway handoff runner --dry-run", "checks everything, lists the steps"],
      ["slipway handoff runner"],
      ["slipway handoff runner -- rc-service kubelet stop"],
    ],
    notes: [...NOTES, "Next: slipway status"],
  },
} as const satisfies Record<string, HelpText>;

/** `slipway handoff …`: who runs the pods of a control plane. */
export function addHandoffCommands(program: Command, context: CommandContext): void {
  const handoff = describeCommand(program.command("handoff"), HELP.handoff);
  for (const target of ["kubelet", "runner"] as const) {
    describeCommand(handoff.command(target), HELP[target])
      .argument("[command...]", `after --: what ${target === "kubelet" ? "starts" : "stops"} the kubelet`)
      .option("--dry-run", "check, and list the steps; change nothing")
      .option("--yes", "do not ask")
      .option("--ignore-preflight-errors <checks>", "failures of these, or all, only warn", collectList)
      .addOption(rootOption())
      .addOption(outputOption())
      .action((command: readonly string[], options: HandoffArguments) =>
        act({ ...options, target, command }, context),
      );
  }
}

async function act(
  options: HandoffArguments & {
    readonly target: "kubelet" | "runner";
    readonly command: readonly string[];
  },
  { openSystem, signal, json }: CommandContext,
): Promise<void> {
  const system = await openSystem();
  const [{ createUi }, { runHandoff }, { printAnswer }] = await Promise.all([
    import("../terminal/create-ui.ts"),
    import("../../commands/handoff/handoff.ts"),
    import("../terminal/output.ts"),
  ]);
  const { root, target, command, ignorePreflightErrors = [] } = options;
  const result = await runHandoff(system, {
    options: {
      root,
      target,
      command,
      dryRun: options.dryRun === true,
      yes: options.yes === true,
      ignorePreflightErrors,
    },
    ui: createUi({ json }),
    signal,
  });
  printAnswer(result, { format: options.output, text: () => formatHandoff(result) });
}

function formatHandoff({ target, changed, dryRun, steps, downtimeMs }: HandoffResult): string {
  if (!changed) return `The ${target} runs the control plane already.\n`;
  if (dryRun) return steps.map((step) => `${step}\n`).join("");
  const back = target === "kubelet" ? "runner" : "kubelet";
  const away =
    downtimeMs === undefined ? "" : `The API server was away for ${(downtimeMs / 1000).toFixed(1)} s.\n`;
  return `The ${target} runs the control plane now.\n${away}Back again:  slipway handoff ${back}\n`;
}
