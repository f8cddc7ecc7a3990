import { SlipwayError } from "../core/errors.ts";
import { createRefusal, isSuccess } from "./describe-response.ts";
import { type BootstrapToken, parseTokenSecret, TOKEN_SECRET_TYPE } from "./objects/bootstrap-token.ts";
import { pollUntil, type WaitClock } from "./poll-until.ts";
import { readField } from "./read-field.ts";
import { requestOrReason } from "./request-or-reason.ts";
import type { ApiClient } from "./types.ts";

/** Where the Secrets of tokens are. */
export const TOKEN_SECRETS_PATH = "/api/v1/namespaces/kube-system/secrets";

const RETRY_INTERVAL_MS = 100;

/**
 * The bootstrap tokens that the cluster has; Secrets that hold none that works are left out. A server that is not
 * there yet, or has not made its own roles, is asked again. Raises SLIPWAY_API_REQUEST.
 */
export function listTokens(
  system: { readonly clock: WaitClock },
  options: { readonly client: ApiClient; readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<readonly BootstrapToken[]> {
  const { client } = options;
  const path = `${TOKEN_SECRETS_PATH}?fieldSelector=${encodeURIComponent(`type=${TOKEN_SECRET_TYPE}`)}`;
  return pollUntil(system.clock, {
    ...options,
    intervalMs: RETRY_INTERVAL_MS,
    attempt: async () => {
      const signal = options.signal === undefined ? {} : { signal: options.signal };
      const { response, reason } = await requestOrReason(client, { method: "GET", path, ...signal });
      if (response === undefined || response.status === 403 || response.status >= 500)
        return { done: false, saw: reason };
      if (!isSuccess(response)) throw createRefusal("list bootstrap tokens", response);
      const items = readField(response.body, "items");
      const secrets: readonly unknown[] = Array.isArray(items) ? items : [];
      return { done: true, value: secrets.map(parseTokenSecret).filter((token) => token !== undefined) };
    },
    onTimeout: (saw) =>
      new SlipwayError({
        code: "SLIPWAY_API_REQUEST",
        what: `the bootstrap tokens cannot be listed at ${client.server}`,
        why: saw,
        fix: "check that the API server is up: slipway status",
      }),
  });
}
