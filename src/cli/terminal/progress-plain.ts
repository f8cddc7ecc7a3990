import type { Progress } from "../../commands/ui.ts";

/** On a quiet machine no wait takes longer. */
const FIRST_MS = 3000;

/** A wait is told again after this long, so that a log shows that something still happens. */
const REPEAT_MS = 10_000;

/** Progress as plain lines, one an event: `[certs] sign /etc/kubernetes/pki/apiserver.crt`. */
export function createPlainProgress(
  write: (line: { readonly phase: string; readonly message: string }) => void,
): Progress {
  const dueMs = new Map<string, number>();
  return {
    waiting: (phase, detail) => {
      const now = performance.now();
      const due = dueMs.get(phase);
      if (due !== undefined && now < due) return;
      dueMs.set(phase, now + (due === undefined ? FIRST_MS : REPEAT_MS));
      if (due === undefined) return;
      write({ phase, message: `waiting: ${detail}` });
    },
    done: (phase, title) => {
      if (title !== undefined) write({ phase, message: title });
    },
    end: async () => undefined,
  };
}
