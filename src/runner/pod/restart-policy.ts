import type { Container, Pod, RestartRule } from "../../pod/types.ts";

/** How a run ended, as far as its restart depends on it. */
export interface RunEnd {
  readonly exitCode: number;
  /** It was killed because a probe had failed for good: then its rules are not asked. */
  readonly condemned: boolean;
}

/**
 * Whether a container that ended starts again: its own rules first, then its own policy, then the pod's.
 * Source: pkg/api/v1/pod/util.go ContainerShouldRestart; kuberuntime_manager.go computePodActions (failed probes).
 */
export function shouldRestart(options: {
  readonly pod: Pod;
  readonly container: Container;
  readonly end: RunEnd;
}): boolean {
  const { container, end } = options;
  const policy = container.restartPolicy ?? options.pod.spec.restartPolicy;
  if (end.condemned) return policy !== "Never";
  if (findRestartRule(container, end.exitCode) !== undefined) return true;
  return policy === "Always" || (policy === "OnFailure" && end.exitCode !== 0);
}

/** Whether this end restarts the whole pod, init containers too. Source: container/helpers.go ShouldAllContainersRestart. */
export function restartsAll(container: Container, end: RunEnd): boolean {
  return !end.condemned && findRestartRule(container, end.exitCode)?.action === "RestartAllContainers";
}

/** An init container that stays: the next one waits for its start, not for its end. */
export function isSidecar(initContainer: Container): boolean {
  return initContainer.restartPolicy === "Always";
}

/** The first rule that an exit code meets. Source: pkg/api/v1/pod/util.go FindMatchingContainerRestartRule. */
function findRestartRule(container: Container, exitCode: number): RestartRule | undefined {
  if (container.restartPolicy === undefined) return undefined;
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
    const isListed = exitCodes?.values?.includes(exitCode) === true;
    return exitCodes !== undefined && isListed === (exitCodes.operator === "In");
  });
  return rule !== undefined && RULE_ACTIONS.includes(rule.action) ? rule : undefined;
}

/** Any other action falls back to the policy. Source: core/v1 types.go ContainerRestartRuleAction. */
const RULE_ACTIONS: readonly string[] = ["Restart", "RestartAllContainers"];
