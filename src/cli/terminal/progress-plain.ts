import type { Progress } from "../../commands/ui.ts";

/** A wait is told again after this long, so that a log shows that something still happens. */
const REPEAT_MS = 10_000;

/** Progress as plain lines, one an event: `[certs] sign /etc/kubernetes/pki/apiserver.crt`. */
export function createPlainProgress(
  write: (line: { readonly phase: string; readonly message: string }) => void,
): Progress {
  const told = new Map<string, number>();
  return {
    waiting: (phase, detail) => {
      const now = performance.now();
      const last = told.get(phase);
      if (last === undefined) told.set(phase, now);
      if (last === undefined || now - last < REPEAT_MS) return;
      told.set(phase, now);
      write({ phase, message: `waiting: ${detail}` });
    },
    done: (phase, title) => {
      if (title !== undefined) write({ phase, message: title });
    },
    end: async () => undefined,
  };
}
