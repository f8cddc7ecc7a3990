import type { System } from "../../system/system.ts";
import { runStatus } from "../view/status.ts";

/** What goes on when init is interrupted, in one line. */
export async function describeRunning(system: System, options: { readonly root: string }): Promise<string> {
  const { runner, components } = await runStatus(system, options);
  const processes = [{ name: "the runner", pid: runner?.pid }, ...components];
  const running = processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [`${name} (pid ${pid})`]));
  return running.length === 0
    ? "nothing of this control plane is running"
    : `still running: ${running.join(", ")}; slipway reset stops and removes them`;
}
