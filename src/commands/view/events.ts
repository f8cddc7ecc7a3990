import type { RunnerEvent } from "../../control/protocol.ts";
import { describeFileError, type Problem, toProblem } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { readEventFile } from "../../runner/event-file.ts";
import type { System } from "../../system/system.ts";
import { connect } from "../runner/connect.ts";
import { isWithoutRunner } from "./read-pods.ts";

/** What `slipway events` prints. */
export interface EventsAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "RunnerEventList";
  readonly items: readonly RunnerEvent[];
  /** Why no runner answers: then the events are those that the last one wrote down. */
  readonly runnerProblem: Problem | undefined;
}

/** The runner's latest events, or those that the last one left. Raises SLIPWAY_RUNNER_UNREACHABLE without either. */
export async function runEvents(system: System, options: { readonly root: string }): Promise<EventsAnswer> {
  const list = { apiVersion: "slipway.dev/v1", kind: "RunnerEventList" } as const;
  try {
    return { ...list, items: await (await connect(system, options)).events(), runnerProblem: undefined };
  } catch (error) {
    if (!isWithoutRunner(error)) throw error;
    const path = buildPaths({ root: options.root, uid: system.host.uid }).eventsPath;
    const items = await readEventFile(system, path).catch((failure: unknown) => {
      throw describeFileError(failure, { action: "read the events in", path });
    });
    if (items === undefined) throw error;
    return { ...list, items, runnerProblem: toProblem(error) };
  }
}
