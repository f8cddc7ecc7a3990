import { applyObject } from "../../api/apply-object.ts";
import { listTokens } from "../../api/list-tokens.ts";
import { type BootstrapToken, buildTokenSecret, generateToken } from "../../api/objects/bootstrap-token.ts";
import type { ApiClient } from "../../api/types.ts";
import type { System } from "../../system/system.ts";
import { ABSENT, type ApplyContext, type StepHandler, type StepOf } from "../step-handler.ts";

type TokenStep = StepOf<"bootstrap-token">;

/**
 * A token that nodes join with. One of a value of its own is made or brought to what it should be; in place of a
 * random one, a token that an earlier init made for the same use serves on while half of its time is left.
 */
export const bootstrapTokenHandler: StepHandler<"bootstrap-token"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const client = await context.apiClient(step.kubeconfigPath);
    const { token, made } = await provideToken(system, { client, step, context });
    context.onToken(token);
    return made ? undefined : "unchanged";
  },
};

async function provideToken(
  system: System,
  work: { readonly client: ApiClient; readonly step: TokenStep; readonly context: ApplyContext },
): Promise<{ readonly token: string; readonly made: boolean }> {
  const { client, step, context } = work;
  const given = context.secrets.tokens[step.index];
  const nowMs = system.clock.nowMs();
  const { timeoutMs } = step;
  const options = { client, timeoutMs, signal: context.signal };
  if (given === undefined) {
    const earlier = (await listTokens(system, options)).find((token) => serves(token, { step, nowMs }));
    if (earlier !== undefined) return { token: earlier.token, made: false };
  }
  const token = given ?? generateToken(system.random);
  const object = buildTokenSecret(token, { settings: step.settings, nowMs });
  const applied = await applyObject(system, { ...options, object });
  return { token, made: applied !== "unchanged" };
}

function serves(
  token: BootstrapToken,
  { step, nowMs }: { readonly step: TokenStep; readonly nowMs: number },
): boolean {
  const { settings } = step;
  const endMs = token.expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(token.expires);
  return (
    token.description === settings.description &&
    token.usages.join() === settings.usages.toSorted().join() &&
    token.groups.join() === settings.groups.join() &&
    settings.expires === undefined &&
    endMs >= nowMs + settings.ttlMs / 2
  );
}
