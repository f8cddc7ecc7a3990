import { applyPlan } from "../../apply/apply-plan.ts";
import { withLock } from "../../apply/lock.ts";
import { openApiClients } from "../../apply/open-api-clients.ts";
import { SlipwayError } from "../../core/errors.ts";
import { buildHandoffPlan, DOWN_STEP_IDS } from "../../plan/handoff-plan.ts";
import { waitStepId } from "../../plan/manifest-step.ts";
import type { Plan } from "../../plan/types.ts";
import { applyIgnore, formatFinding, raisePreflight } from "../../preflight/apply-ignore.ts";
import { checkHandoff, type HandoffTarget } from "../../preflight/check-handoff.ts";
import type { System } from "../../system/system.ts";
import { createStandby } from "../runner/standby.ts";
import type { Ui } from "../ui.ts";
import { type HandoffState, readHandoffState } from "./read-handoff-state.ts";

/** What the command line of a hand-over says. */
export interface HandoffOptions {
  /** Absolute. */
  readonly root: string;
  readonly target: HandoffTarget;
  /** What starts or stops the kubelet; empty: systemd's kubelet.service. */
  readonly command: readonly string[];
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly ignorePreflightErrors: readonly string[];
}

/** What a hand-over has done, or would do. */
export interface HandoffResult {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "HandoffResult";
  readonly root: string;
  readonly target: HandoffTarget;
  readonly dryRun: boolean;
  /** False: the target runs the control plane already. */
  readonly changed: boolean;
  readonly steps: readonly string[];
  /** How long there was no API server. */
  readonly downtimeMs: number | undefined;
}

/**
 * Hands a running control plane from the runner to a kubelet of this machine, or back. etcd's data, certificates and
 * manifests stay where they are. Safe to run again: what a killed hand-over has not done is done.
 * Raises SLIPWAY_PREFLIGHT before anything is changed, SLIPWAY_DECLINED, SLIPWAY_NO_TERMINAL, SLIPWAY_LOCKED,
 * SLIPWAY_KUBELET_SERVICE, SLIPWAY_COMPONENT_FAILED and SLIPWAY_WAIT_TIMEOUT.
 */
export async function runHandoff(
  system: System,
  input: { readonly options: HandoffOptions; readonly ui: Ui; readonly signal: AbortSignal },
): Promise<HandoffResult> {
  const { options } = input;
  const { root, target, dryRun } = options;
  const work = async (): Promise<HandoffResult> => {
    const state = await readHandoffState(system, options);
    const result = { apiVersion: "slipway.dev/v1", kind: "HandoffResult", root, target, dryRun } as const;
    if (state.isDone) return { ...result, changed: false, steps: [], downtimeMs: undefined };
    if (!state.isTaken) judge(state, input);
    const plan = buildHandoffPlan({ target, ...state, command: state.command ?? [] });
    const steps = plan.steps.map(({ title }) => title);
    if (dryRun) return { ...result, changed: true, steps, downtimeMs: undefined };
    await agree(steps, input);
    return { ...result, changed: true, steps, downtimeMs: await apply(system, { ...input, state, plan }) };
  };
  return dryRun ? work() : withLock(system, { root, command: "handoff", work });
}

function judge(
  state: HandoffState,
  { options, ui }: { readonly options: HandoffOptions; readonly ui: Ui },
): void {
  const findings = applyIgnore({
    findings: checkHandoff({
      ...options,
      ...state,
      kubernetesVersion: state.config.cluster.kubernetesVersion,
    }),
    ignore: options.ignorePreflightErrors,
  });
  for (const finding of findings) if (finding.severity === "warning") ui.warn(formatFinding(finding));
  raisePreflight(findings, `the control plane cannot be handed to the ${options.target}`);
}

async function agree(
  steps: readonly string[],
  { options, ui }: { readonly options: HandoffOptions; readonly ui: Ui },
): Promise<void> {
  if (options.yes) return;
  for (const step of steps) ui.note(`  ${step}`);
  const message = `Hand the control plane under ${options.root} to the ${options.target}? It is away for some seconds`;
  const unasked = `slipway handoff ${options.target} --yes`;
  if (await ui.confirm({ message, initial: false, unasked })) return;
  throw new SlipwayError({
    code: "SLIPWAY_DECLINED",
    what: "the control plane was not handed over",
    why: "the question was answered with no",
    fix: `to see what would be done: slipway handoff ${options.target} --dry-run`,
  });
}

/** Gives the time without an API server. */
async function apply(
  system: System,
  input: {
    readonly options: HandoffOptions;
    readonly state: HandoffState;
    readonly plan: Plan;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<number | undefined> {
  const { options, plan, ui, signal, state } = input;
  const { paths } = state;
  const standby = createStandby(system, options.root);
  const clients = openApiClients(system);
  const progress = ui.showProgress(
    plan.phases.map((phase) => ({
      ...phase,
      steps: plan.steps.filter((step) => step.phase === phase.name).length,
    })),
  );
  let downMs: number | undefined;
  let upMs: number | undefined;
  try {
    await applyPlan(system, {
      plan,
      context: {
        paths,
        isOurs: () => false,
        isNewCluster: false,
        secrets: { tokens: [], certificateKey: "" },
        onToken: () => undefined,
        apiClient: clients.get,
        standbyRunner: standby.get,
        onWait: (step, detail) => progress.waiting(step.phase, detail),
        signal,
      },
      onEvent: ({ kind, step }) => {
        if (kind === "started" && step.id === DOWN_STEP_IDS[options.target])
          downMs = system.clock.monotonicMs();
        if (kind === "done" && step.id === waitStepId("kube-apiserver")) upMs = system.clock.monotonicMs();
        if (kind === "done") progress.done(step.phase, step.title);
      },
    });
    await progress.end(true);
  } catch (error) {
    await progress.end(false);
    throw error;
  } finally {
    await standby.dismiss();
    await clients.close();
  }
  return downMs === undefined || upMs === undefined ? undefined : upMs - downMs;
}
