import { formatElapsed } from "../core/duration.ts";
import { SlipwayError } from "../core/errors.ts";
import { pollUntil, type WaitClock } from "./poll-until.ts";
import { type Answer, requestOrReason } from "./request-or-reason.ts";
import type { ApiClient } from "./types.ts";

/** Ours: short enough not to be felt, long enough that a poll costs nothing. */
const POLL_INTERVAL_MS = 40;
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Waits until a path such as `/readyz` answers 200. Raises SLIPWAY_WAIT_TIMEOUT with what it last saw.
 * `onProgress` is told each time that what it sees changes.
 */
export async function waitForPath(
  system: { readonly clock: WaitClock },
  wait: {
    readonly client: ApiClient;
    readonly path: string;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (saw: string) => void;
  },
): Promise<void> {
  const { client } = wait;
  let lastSaw = "";
  await pollUntil(system.clock, {
    ...wait,
    intervalMs: POLL_INTERVAL_MS,
    attempt: async () => {
      const answer = await requestOrReason(client, {
        method: "GET",
        path: wait.path,
        timeoutMs: REQUEST_TIMEOUT_MS,
        ...(wait.signal === undefined ? {} : { signal: wait.signal }),
      });
      if (answer.response?.status === 200) return { done: true, value: undefined };
      const saw = describeUnready(answer);
      if (saw !== lastSaw) wait.onProgress?.(saw);
      lastSaw = saw;
      return { done: false, saw };
    },
    onTimeout: (saw) =>
      new SlipwayError({
        code: "SLIPWAY_WAIT_TIMEOUT",
        what: `${client.server}${wait.path} did not answer 200 within ${formatElapsed(wait.timeoutMs)}`,
        why: saw,
        fix: "see what the API server logged: slipway logs kube-apiserver",
      }),
  });
}

/** The names after `[-]` in a verbose health answer. Source: apiserver pkg/server/healthz. */
export function parseFailedChecks(text: string): readonly string[] {
  return [...text.matchAll(/^\[-\](\S+) failed/gm)].map((match) => match[1] ?? "");
}

function describeUnready(answer: Answer): string {
  const failed = parseFailedChecks(answer.response?.text ?? "");
  return failed.length === 0 ? answer.reason : `failing checks: ${failed.join(", ")}`;
}
