import type { System } from "../system/system.ts";
import { DEFAULT_PATH } from "./shim.ts";
import type { TerminalSize } from "./types.ts";

/** Sets the size of a terminal. */
export async function setTerminalSize(
  system: Pick<System, "exec">,
  { device, size }: { readonly device: string; readonly size: TerminalSize },
): Promise<void> {
  const args = ["-F", device, "rows", String(size.rows), "cols", String(size.columns)];
  await system.exec.run({ command: "stty", args, env: { PATH: DEFAULT_PATH } });
}
