import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { runStatus, type StatusAnswer } from "../view/status.ts";

/** What goes on when init is interrupted, in one line. Never rejects: that it was interrupted is what has to be told. */
export async function describeRunning(system: System, options: { readonly root: string }): Promise<string> {
  try {
    return describe(await runStatus(system, options));
  } catch (error) {
    return `what is still running cannot be told (${messageOf(error)}); to stop and remove it: slipway reset`;
  }
}

function describe({ runner, components }: StatusAnswer): string {
  const processes = [{ name: "the runner", pid: runner?.pid }, ...components];
  const running = processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [`${name} (pid ${pid})`]));
  return running.length === 0
    ? "nothing of this control plane is running"
    : `still running: ${running.join(", ")}; to stop and remove them: slipway reset`;
}
