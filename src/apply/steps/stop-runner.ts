import { join } from "node:path";
import { endDeafServer } from "../end-deaf-server.ts";
import { findRunners } from "../find-runners.ts";
import { stopEverything } from "../reset/stop-everything.ts";
import { disableService } from "../service.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** The pods in order, also those that a runner which is gone has left; then the runner, for good. */
export const stopRunnerHandler: StepHandler<"stop-runner"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const { paths } = context;
    const runnerPids = await findRunners(system, paths.root);
    const onWait = (detail: string): void => context.onWait(step, detail);
    const manifest = (await system.fs.readTextIfExists(join(paths.manifestDir, "kube-apiserver.yaml"))) ?? "";
    const work = (): Promise<void> => stopEverything(system, { paths, plan: { runnerPids }, onWait });
    await endDeafServer(system, { manifest, work });
    await disableService(system, paths.root);
    return undefined;
  },
};
