import { describeFileError, SlipwayError } from "../core/errors.ts";
import type { Plan, Step } from "../plan/types.ts";
import type { System } from "../system/system.ts";
import type { ApplyContext } from "./step-handler.ts";
import { handlerOf } from "./step-handlers.ts";

/** What happens to a step, as it happens. */
export type StepEvent =
  | { readonly kind: "started"; readonly step: Step }
  | { readonly kind: "done"; readonly step: Step; readonly changed: boolean }
  | { readonly kind: "failed"; readonly step: Step; readonly error: unknown };

/**
 * Runs every step as soon as all that it needs are done. A step that is done already changes nothing. After the
 * first failure nothing new starts, what runs is told to stop, and that failure is raised; but one of our own files
 * before it, for a full or read-only disk may keep the runner from starting at the same moment, and that tells less.
 */
export async function applyPlan(
  system: System,
  options: {
    readonly plan: Plan;
    readonly context: ApplyContext;
    readonly onEvent: (event: StepEvent) => void;
  },
): Promise<void> {
  const stop = new AbortController();
  const context = { ...options.context, signal: AbortSignal.any([options.context.signal, stop.signal]) };
  const runs = new Map<string, Promise<void>>();
  const byId = new Map(options.plan.steps.map((step) => [step.id, step]));
  const run = (step: Step): Promise<void> => {
    const running = runs.get(step.id);
    if (running !== undefined) return running;
    const started = (async () => {
      const earlier = step.after?.flatMap((id) => byId.get(id) ?? []) ?? [];
      await Promise.all([...step.needs.map((id) => stepOf(byId, id)), ...earlier].map(run));
      context.signal.throwIfAborted();
      await applyStep(system, { step, context, onEvent: options.onEvent });
    })();
    runs.set(step.id, started);
    started.catch((error: unknown) => stop.abort(error));
    return started;
  };
  const results = await Promise.allSettled(options.plan.steps.map(run));
  options.context.signal.throwIfAborted();
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (failures.length > 0) throw failures.find(isOfFile) ?? stop.signal.reason;
}

function isOfFile(error: unknown): boolean {
  return (
    error instanceof SlipwayError &&
    (error.code === "SLIPWAY_FILE_ACCESS" || error.code === "SLIPWAY_NO_SPACE")
  );
}

async function applyStep(
  system: System,
  options: {
    readonly step: Step;
    readonly context: ApplyContext;
    readonly onEvent: (event: StepEvent) => void;
  },
): Promise<void> {
  const { step, context, onEvent } = options;
  onEvent({ kind: "started", step });
  try {
    const handler = handlerOf(step);
    const { kind } = await handler.observe(system, { step, context });
    const outcome = kind === "done" ? "unchanged" : await handler.apply(system, { step, context });
    onEvent({ kind: "done", step, changed: outcome !== "unchanged" });
  } catch (error) {
    onEvent({ kind: "failed", step, error });
    throw describeFileError(error, { action: "write", path: pathOf(step) ?? context.paths.stateDir });
  }
}

/** The file that a step writes. */
function pathOf(step: Step): string | undefined {
  if ("certPath" in step) return step.certPath;
  if ("keyPath" in step) return step.keyPath;
  return step.kind === "wait-object" || !("path" in step) ? undefined : step.path;
}

function stepOf(byId: ReadonlyMap<string, Step>, id: string): Step {
  const step = byId.get(id);
  if (step === undefined) throw new Error(`the plan has no step ${id}`);
  return step;
}
