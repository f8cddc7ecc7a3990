import type { Ui } from "../ui.ts";
import { formatInput } from "./format-input.ts";
import type { PreparedInit } from "./prepare-init.ts";

/** Tells what is going to be made, before it is asked for. */
export function showPlan({ config, options, paths, plan }: PreparedInit, ui: Ui): void {
  ui.note("");
  ui.note(
    `A control plane with Kubernetes ${config.cluster.kubernetesVersion} on ${config.advertiseAddress}:${config.bindPort}`,
  );
  ui.note(
    `  node ${config.nodeName}, pod network ${config.cluster.podSubnet || "none"}, services ${config.cluster.serviceSubnet}`,
  );
  const dirs = [paths.kubernetesDir, ...plan.sharedTrees, paths.stateDir];
  ui.note(`  files under ${dirs.slice(0, -1).join(", ")} and ${dirs.at(-1)}`);
  for (const phase of plan.phases) {
    const count = plan.steps.filter((step) => step.phase === phase.name).length;
    ui.note(`  ${phase.short} (${count} ${count === 1 ? "step" : "steps"})`);
  }
  ui.note(`Every step: ${["slipway init --plan", formatInput(options)].join(" ").trimEnd()}`);
}
