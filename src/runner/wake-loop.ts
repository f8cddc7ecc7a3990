import { messageOf } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** Work that is done again after each wake. */
export interface WakeLoop {
  wake(): void;
  isClosed(): boolean;
  /** Resolves when a step has said that it was the last. */
  readonly ended: Promise<void>;
  /** No further step; resolves when the one under way is done. */
  close(): Promise<void>;
}

/** Ours: after a bug in one step the next one is tried after this. */
const RETRY_AFTER_BUG_MS = 10_000;

/**
 * Runs `step` after each wake and at the time that the last step named, never twice at a time; a wake during a step is
 * followed by another step.
 *
 *     idle ──wake──▶ busy ──wake──▶ woken ──step done──▶ busy ──step done──▶ idle        any ──close, ended──▶ closed
 */
export function createWakeLoop(
  system: Pick<System, "clock" | "log">,
  step: () => Promise<{ readonly wakeAtMs: number | undefined; readonly ended: boolean }>,
): WakeLoop {
  let phase: "idle" | "busy" | "woken" | "closed" = "idle";
  let current: Promise<void> = Promise.resolve();
  let cancelTimer: (() => void) | undefined;
  let resolveEnded: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve;
  });
  const isClosed = (): boolean => phase === "closed";
  const wakeAt = (atMs: number | undefined): void => {
    cancelTimer?.();
    cancelTimer =
      atMs === undefined ? undefined : system.clock.after(Math.max(0, atMs - system.clock.nowMs()), wake);
  };
  const run = async (): Promise<void> => {
    do {
      phase = "busy";
      try {
        const next = await step();
        if (isClosed()) return;
        wakeAt(next.wakeAtMs);
        if (next.ended) {
          phase = "closed";
          resolveEnded();
          return;
        }
      } catch (error) {
        system.log.error("a step of the runner failed, which is a bug", { error: messageOf(error) });
        wakeAt(system.clock.nowMs() + RETRY_AFTER_BUG_MS);
      }
    } while (wasWoken());
  };
  const wasWoken = (): boolean => {
    if (phase === "woken") return true;
    if (phase === "busy") phase = "idle";
    return false;
  };
  const wake = (): void => {
    if (phase === "busy") phase = "woken";
    if (phase === "idle") current = run();
  };
  return {
    wake,
    isClosed,
    ended,
    close: async () => {
      phase = "closed";
      cancelTimer?.();
      await current;
    },
  };
}
