import type { StepState } from "../../apply/observe-plan.ts";
import { formatYaml } from "../../core/yaml.ts";
import type { Step } from "../../plan/types.ts";
import type { PreparedInit } from "./prepare-init.ts";

/**
 * What a phase would do, as a YAML stream: a comment for each step, with what would become of it, below it the file or
 * object that it would write.
 * Keys, certificates and tokens are not part of a plan, so they are named only.
 */
export function formatPhaseDryRun(
  { plan }: Pick<PreparedInit, "plan">,
  states: ReadonlyMap<string, StepState>,
): string {
  const mark = ({ id }: Step): string => (states.get(id)?.kind === "done" ? ": done already" : "");
  return plan.steps
    .map((step) => `# [${step.phase}] ${step.title}${mark(step)}\n${formatContent(step)}`)
    .join("");
}

function formatContent(step: Step): string {
  if (step.kind === "api-object") return `---\n${formatYaml(step.object)}`;
  if (step.kind !== "file") return "";
  if (/\.ya?ml$/.test(step.path)) return `---\n${step.content}`;
  return step.content.replace(/^(?=.)/gm, "# ");
}
