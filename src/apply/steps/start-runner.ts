import { connectRunner } from "../../control/control-client.ts";
import { SlipwayError } from "../../core/errors.ts";
import { endRunner } from "../end-runner.ts";
import { startRunner } from "../start-runner.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** A running runner that has read its present configuration. An older one is replaced: pods outlive their runner. */
export const startRunnerHandler: StepHandler<"start-runner"> = {
  observe: async (system, { context }) => {
    const { paths } = context;
    try {
      const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
      const { startedAt } = await client.info();
      const config = await system.fs.stat(paths.runnerConfigPath);
      if (config === undefined || config.modifiedMs <= Date.parse(startedAt)) return DONE;
      return {
        kind: "differs",
        what: "the runner's configuration has changed; it is restarted, its pods are not",
      };
    } catch (error) {
      if (error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE") return ABSENT;
      throw error;
    }
  },
  apply: async (system, { context }) => {
    const { paths } = context;
    const standby = await context.standbyRunner();
    await endRunner(system, { paths, pods: false, except: standby.pid });
    await startRunner(system, { paths, standby, signal: context.signal });
  },
};
