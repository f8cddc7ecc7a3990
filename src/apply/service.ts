import { SERVICE_NAME, SERVICE_PATH } from "../plan/boot/systemd-unit.ts";
import type { System } from "../system/system.ts";
import type { StandbyRunner } from "./standby-runner.ts";

/** Whether systemd runs this machine's services and ours is to be one of them. Source: sd_booted(3). */
export async function usesService(
  system: Pick<System, "fs" | "host">,
  { root }: { readonly root: string },
): Promise<boolean> {
  if (root !== "/" || system.host.uid !== 0) return false;
  return (await system.fs.stat("/run/systemd/system"))?.kind === "directory";
}

/** The runner as systemd starts it: nothing stands by, and it begins with its unit. */
export function createServiceRunner(system: Pick<System, "exec" | "log">): StandbyRunner {
  let exit: string | undefined;
  const begin = async (): Promise<void> => {
    const failure =
      (await runSystemctl(system, ["daemon-reload"])) ??
      (await runSystemctl(system, ["enable", "--now", SERVICE_NAME]));
    if (failure !== undefined) exit = failure;
  };
  return {
    pid: undefined,
    exit: () => exit,
    begin: () => void begin(),
    dismiss: () => undefined,
  };
}

/** Takes the unit out of the boot, when it is there; its file goes with the others. */
export async function disableService(
  system: Pick<System, "fs" | "exec" | "host">,
  root: string,
): Promise<void> {
  if (!(await usesService(system, { root })) || (await system.fs.stat(SERVICE_PATH)) === undefined) return;
  await runSystemctl(system, ["disable", "--now", SERVICE_NAME]);
}

/** Lets systemd forget a unit whose file has gone. */
export async function forgetService(
  system: Pick<System, "fs" | "exec" | "host">,
  root: string,
): Promise<void> {
  if (await usesService(system, { root })) await runSystemctl(system, ["daemon-reload"]);
}

/** Undefined when it succeeded, else what it said. */
async function runSystemctl(
  system: Pick<System, "exec">,
  args: readonly string[],
): Promise<string | undefined> {
  const { exitCode, stderr, startError } = await system.exec.run({
    command: "systemctl",
    args,
    timeoutMs: 60_000,
  });
  if (exitCode === 0) return undefined;
  return `systemctl ${args.join(" ")} failed: ${startError ?? stderr.trim()}`;
}
