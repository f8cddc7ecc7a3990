import { dirname } from "node:path";
import { directoryStep } from "../directory-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";

/** Starts the runner on the manifest directory. kubeadm starts a kubelet here, hence the name. */
export const runnerStartPhase: Phase = {
  name: "kubelet-start",
  short: "Start the static pod runner",
  plan: (input) => (input.runtime === "external" ? [] : planRunner(input)),
};

/** The id of the step after which a runner answers. */
export const RUNNER_STEP_ID = "runner";

function planRunner({ paths, runnerConfig }: PlanInput): readonly Step[] {
  const phase = "kubelet-start";
  const privateDirs = [paths.stateDir, dirname(paths.controlSocketPath)];
  const openDirs = [dirname(paths.runnerLogPath), paths.podLogsDir, paths.containerLogsDir];
  return [
    ...privateDirs.map((path) => directoryStep({ phase, path, mode: 0o700 })),
    ...openDirs.map((path) => directoryStep({ phase, path, mode: 0o755 })),
    {
      kind: "file",
      id: "runner-config",
      phase,
      title: `write ${paths.runnerConfigPath}`,
      needs: [`dir:${paths.stateDir}`],
      path: paths.runnerConfigPath,
      mode: 0o600,
      content: runnerConfig,
    },
    {
      kind: "start-runner",
      id: RUNNER_STEP_ID,
      phase,
      title: `start the runner on ${paths.manifestDir}`,
      needs: [
        "runner-config",
        `dir:${paths.manifestDir}`,
        ...[...privateDirs, ...openDirs].map((path) => `dir:${path}`),
      ],
    },
  ];
}
