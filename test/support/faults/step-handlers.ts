import type { ApiClient } from "../../../src/api/types.ts";
import type { ApplyContext, StepHandler } from "../../../src/apply/step-handler.ts";
import { handlerOf as realHandlerOf } from "../../../src/apply/step-handlers.ts";
import type { Step, StepKind } from "../../../src/plan/types.ts";
import type { System } from "../../../src/system/system.ts";
import { interruptWrites } from "./interrupt-writes.ts";
import { reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/step-handlers.ts";

/** Takes the place of the program's own table: every step tells of its moments. */
export function handlerOf<K extends StepKind>(step: Extract<Step, { readonly kind: K }>): StepHandler<K> {
  const handler = realHandlerOf(step);
  return {
    observe: handler.observe,
    apply: async (system, options) => {
      reachPoint("before", step.id);
      const writing = interruptWrites(system, { id: step.id, files: countFiles(step) });
      const context = interruptClients(options.context, step);
      const outcome = await handler.apply(interruptWaits(writing, step), { ...options, context });
      reachPoint("after", step.id);
      return outcome;
    },
  };
}

function countFiles({ kind }: Step): number {
  if (kind === "directory") return 0;
  return kind === "certificate" || kind === "service-account-keys" ? 2 : 1;
}

/** Something was asked, or is waited for. */
function interruptWaits(system: System, { id }: Step): System {
  return {
    ...system,
    net: {
      ...system.net,
      request: async (request) => {
        const response = await system.net.request(request);
        reachPoint("in", id);
        return response;
      },
    },
    clock: {
      ...system.clock,
      sleep: async (ms, signal) => {
        reachPoint("in", id);
        return system.clock.sleep(ms, signal);
      },
    },
  };
}

/** The API server has done it, and init does not know. */
function interruptClients(context: ApplyContext, step: Step): ApplyContext {
  return {
    ...context,
    apiClient: async (path) => {
      const client = await context.apiClient(path);
      const request: ApiClient["request"] = async (asked) => {
        const response = await client.request(asked);
        if (asked.method !== "GET" || step.kind === "wait-object") reachPoint("in", step.id);
        return response;
      };
      return { ...client, request };
    },
  };
}
