import type { Handler } from "../../pod/types.ts";
import { record, type SlotOptions } from "./container-context.ts";
import type { HookResult } from "./run-hook.ts";

/** Runs a hook of the newest run; `aborted` when that run has ended or is to end meanwhile. */
export async function runSlotHook(
  options: SlotOptions,
  hook: { readonly handler: Handler; readonly timeoutMs: number | undefined },
): Promise<HookResult | { readonly kind: "aborted" }> {
  const { context, slot } = options;
  const run = slot.newest;
  const ending = new AbortController();
  slot.abortHook = () => ending.abort();
  const { pod } = context.known.desired;
  const result = await context.hooks.run({
    ...hook,
    pod,
    container: slot.container,
    containerId: run?.id ?? "",
    signal: ending.signal,
  });
  if (ending.signal.aborted) return { kind: "aborted" };
  slot.abortHook = undefined;
  if (result.kind === "done" && result.warning !== undefined)
    record(options, { type: "Warning", reason: "LifecycleHTTPFallback", message: result.warning });
  return result;
}
