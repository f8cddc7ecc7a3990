import { type Answer, requestOrReason } from "../../api/request-or-reason.ts";
import type { ApiClient } from "../../api/types.ts";
import type { System } from "../../system/system.ts";

type ApiRequest = Parameters<ApiClient["request"]>[0];

/** The way to the API server that the cluster jobs share; it knows whether the server can be reached. */
export interface ApiLink {
  readonly client: ApiClient;
  /** A request whose broken exchange is an answer too. Says in the log once that the server is gone, once that it is back. */
  ask(request: ApiRequest): Promise<Answer>;
  /** Why the last exchange broke; undefined while the server answers. */
  problem(): string | undefined;
  /** From now on it is no news that the server goes: it ends with the machine. */
  expectDown(): void;
  /** Calls back when the server cannot be reached any more. */
  onDown(listener: () => void): void;
  /** Calls back when the server answers again after it could not be reached. */
  onUp(listener: () => void): void;
}

/** A link over a client, which stays the caller's to close. */
export function createApiLink(system: Pick<System, "log">, client: ApiClient): ApiLink {
  const downListeners: (() => void)[] = [];
  const upListeners: (() => void)[] = [];
  let problem: string | undefined;
  let isExpected = false;

  const note = (answer: Answer): void => {
    const before = problem;
    problem = answer.response === undefined ? answer.reason : undefined;
    if (before === undefined && problem !== undefined) {
      if (!isExpected) system.log.info("the API server cannot be reached; pods run on", { error: problem });
      for (const listener of downListeners) listener();
    }
    if (before !== undefined && problem === undefined) {
      system.log.info("the API server answers");
      for (const listener of upListeners) listener();
    }
  };

  return {
    client,
    ask: async (request) => {
      const answer = await requestOrReason(client, request);
      note(answer);
      return answer;
    },
    problem: () => problem,
    expectDown: () => {
      isExpected = true;
    },
    onDown: (listener) => downListeners.push(listener),
    onUp: (listener) => upListeners.push(listener),
  };
}
