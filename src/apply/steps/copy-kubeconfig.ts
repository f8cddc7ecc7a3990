import { dirname } from "node:path";
import { SlipwayError } from "../../core/errors.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** A copy of admin.conf that belongs to a user. A file that is there already and says something else is never touched. */
export const copyKubeconfigHandler: StepHandler<"copy-kubeconfig"> = {
  observe: async (system, { step, context }) => {
    const text = await system.fs.readTextIfExists(step.path);
    if (text === undefined) return ABSENT;
    if (text === (await system.fs.readTextIfExists(step.from))) return DONE;
    if (context.isOurs(step.path))
      return { kind: "differs", what: `${step.path}: another cluster's administrator` };
    throw new SlipwayError({
      code: "SLIPWAY_KUBECONFIG_INVALID",
      what: `${step.path} is not overwritten`,
      why: "it is there already and says something else",
      fix: `run init without --user-kubeconfig, then use KUBECONFIG=${step.from}`,
    });
  },
  apply: async (system, { step }) => {
    const { uid, gid } = step;
    if (await system.fs.makeDir(dirname(step.path), { mode: 0o700 }))
      await system.fs.chown(dirname(step.path), { uid, gid });
    const data = await system.fs.readText(step.from);
    await system.fs.writeAtomic(step.path, { data, mode: 0o600, owner: { uid, gid } });
  },
};
