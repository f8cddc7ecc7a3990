import { dirname } from "node:path";
import { SlipwayError } from "../../core/errors.ts";
import { quoteShown } from "../../core/quote-shell.ts";
import type { System } from "../../system/system.ts";
import { ABSENT, DONE, type StepHandler, type StepOf } from "../step-handler.ts";

/**
 * A copy of admin.conf that belongs to a user. A file that is there already and says something else is never touched,
 * and a link of the user's leads into no directory but one of their own.
 */
export const copyKubeconfigHandler: StepHandler<"copy-kubeconfig"> = {
  observe: async (system, { step, context }) => {
    await refuseForeignDir(system, step);
    const text = await system.fs.readTextIfExists(step.path);
    if (text === undefined) return ABSENT;
    if (text === (await system.fs.readTextIfExists(step.from))) return DONE;
    if (context.isOurs(step.path))
      return { kind: "differs", what: `${step.path}: another cluster's administrator` };
    throw new SlipwayError({
      code: "SLIPWAY_KUBECONFIG_INVALID",
      what: `${step.path} is not overwritten`,
      why: "it is there already and says something else",
      fix: fixOf(step),
    });
  },
  apply: async (system, { step, context }) => {
    const { uid, gid } = step;
    const dir = dirname(step.path);
    const made = await system.fs.makeDir(dir, { mode: 0o700 });
    // An init that was killed may have made it and not given it away.
    if (made || context.isOurs(dir)) await system.fs.chown(dir, { uid, gid });
    const data = await system.fs.readText(step.from);
    await system.fs.writeAtomic(step.path, { data, mode: 0o600, owner: { uid, gid } });
  },
};

async function refuseForeignDir(system: System, step: StepOf<"copy-kubeconfig">): Promise<void> {
  const dir = dirname(step.path);
  if ((await system.fs.lstat(dir))?.kind !== "symlink") return;
  if ((await system.fs.stat(dir))?.uid === step.uid) return;
  throw new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `${step.path} is not written`,
    why: `${dir} is a symbolic link to what is not the user's own directory`,
    fix: fixOf(step),
  });
}

function fixOf({ from }: StepOf<"copy-kubeconfig">): string {
  return `run init without --user-kubeconfig, then use KUBECONFIG=${quoteShown(from)}`;
}
