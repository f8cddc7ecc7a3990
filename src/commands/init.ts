import { applyPlan } from "../apply/apply-plan.ts";
import { type Ledger, readLedger, writeLedger } from "../apply/ledger.ts";
import { withLock } from "../apply/lock.ts";
import { observeEntries } from "../apply/observe-entries.ts";
import { observePlan, type PlanDifference } from "../apply/observe-plan.ts";
import { type ApiClients, openApiClients } from "../apply/open-api-clients.ts";
import type { ApplyContext } from "../apply/step-handler.ts";
import type { Component } from "../components/types.ts";
import { SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { fetchComponents } from "./fetch-components.ts";
import type { InitOptions } from "./init-options.ts";
import { runnerCommand } from "./manage-runner.ts";
import { preflightInit } from "./preflight-init.ts";
import { type PreparedInit, prepareInit } from "./prepare-init.ts";
import { createTimings, type Timing, type Timings } from "./timings.ts";
import type { Ui } from "./ui.ts";

/** What init has come to. */
export interface InitResult {
  readonly prepared: PreparedInit;
  readonly components: readonly Component[];
  /** False when everything was as it should be already. */
  readonly changed: boolean;
  /** Since the plan was agreed to. */
  readonly elapsedMs: number;
  /** Where the time went: the parts of the command and every step. */
  readonly timings: readonly Timing[];
}

/**
 * Brings the control plane up: config and facts, preflight, plan, apply. Safe to run again at any time: what is done
 * is kept, what is missing is made, what differs is shown and asked for.
 * Raises what its parts raise, SLIPWAY_INPUT_CHANGED and SLIPWAY_DECLINED.
 */
export async function runInit(
  system: System,
  input: { readonly options: InitOptions; readonly ui: Ui; readonly signal: AbortSignal },
): Promise<InitResult> {
  const { ui, signal } = input;
  const timings = createTimings(system.clock);
  const prepared = await timings.measure("config, facts and plan", () => prepareInit(system, input));
  return withLock(system, {
    root: prepared.paths.root,
    command: "init",
    work: async () => {
      const earlier = await readLedger(system, prepared.paths);
      const clients = openApiClients(system);
      const context = buildContext(input, { prepared, earlier, clients });
      const differences = await timings.measure("compare with the machine", () =>
        observePlan(system, { plan: prepared.plan, context }),
      );
      await timings.measure("preflight", () =>
        preflightInit(system, { prepared, ui, resuming: earlier !== undefined }),
      );
      if (differences.length > 0) await agree({ differences, earlier, prepared, ui });
      const startMs = system.clock.monotonicMs();
      const components = await timings.measure("components", () =>
        fetchComponents(system, { options: prepared.options, config: prepared.config, ui, signal }),
      );
      const ledger = await buildLedger(system, { prepared, earlier });
      if (differences.length > 0) await writeLedger(system, { paths: prepared.paths, ledger });
      await applyWithProgress(system, {
        prepared,
        context: { ...context, isOurs: ownership(ledger) },
        ui,
        changing: differences.length > 0,
        timings,
      }).finally(clients.close);
      return {
        prepared,
        components,
        changed: differences.length > 0,
        elapsedMs: system.clock.monotonicMs() - startMs,
        timings: timings.list(),
      };
    },
  });
}

function buildContext(
  input: { readonly signal: AbortSignal },
  {
    prepared,
    earlier,
    clients,
  }: {
    readonly prepared: PreparedInit;
    readonly earlier: Ledger | undefined;
    readonly clients: ApiClients;
  },
): ApplyContext {
  return {
    paths: prepared.paths,
    isOurs: ownership(earlier),
    apiClient: clients.get,
    runnerCommand: runnerCommand(),
    onWait: () => undefined,
    signal: input.signal,
  };
}

function ownership(ledger: Ledger | undefined): (path: string) => boolean {
  const ours = new Set(ledger?.entries.filter(({ existedBefore }) => !existedBefore).map(({ path }) => path));
  return (path) => ours.has(path);
}

async function agree(input: {
  readonly differences: readonly PlanDifference[];
  readonly earlier: Ledger | undefined;
  readonly prepared: PreparedInit;
  readonly ui: Ui;
}): Promise<void> {
  const { differences, earlier, prepared, ui } = input;
  const changes = differences.filter(({ observation }) => observation.kind === "differs");
  const { yes } = prepared.options;
  if (changes.length > 0) {
    ui.note(`init was run before on ${prepared.paths.root}; now it would change:`);
    for (const { step, observation } of differences)
      ui.note(`  ${observation.kind === "differs" ? observation.what : step.title}`);
    if (!ui.interactive && !yes) throw changedError(prepared, differences.length);
  } else if (earlier === undefined && ui.interactive && !yes) {
    showPlan(prepared, ui);
  }
  if (!ui.interactive || yes || (changes.length === 0 && earlier !== undefined)) return;
  if (await ui.confirm({ message: "Go on?", initial: changes.length === 0 })) return;
  throw new SlipwayError({
    code: "SLIPWAY_DECLINED",
    what: "init was not begun",
    why: "the question was answered with no",
    fix: "slipway init --dry-run prints what it would write",
  });
}

function changedError(prepared: PreparedInit, count: number): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_INPUT_CHANGED",
    what: `init was run before on ${prepared.paths.root}, and what is there is not what it would make now`,
    why: `${count} ${count === 1 ? "thing" : "things"} would change, see above`,
    fix: "run it again with --yes to make these changes, or with the input of the first run",
  });
}

function showPlan({ config, paths, plan, options }: PreparedInit, ui: Ui): void {
  ui.note("");
  ui.note(
    `A control plane with Kubernetes ${config.cluster.kubernetesVersion} on ${config.advertiseAddress}:${config.bindPort}`,
  );
  ui.note(
    `  node ${config.nodeName}, pod network ${config.cluster.podSubnet || "none"}, services ${config.cluster.serviceSubnet}`,
  );
  ui.note(`  files under ${paths.kubernetesDir}, ${config.cluster.etcd.dataDir} and ${paths.stateDir}`);
  for (const phase of plan.phases) {
    const count = plan.steps.filter((step) => step.phase === phase.name).length;
    ui.note(`  ${phase.short} (${count} ${count === 1 ? "step" : "steps"})`);
  }
  ui.note(`Every step: slipway init --plan${options.root === "/" ? "" : ` --root ${options.root}`}`);
}

async function buildLedger(
  system: System,
  { prepared, earlier }: { readonly prepared: PreparedInit; readonly earlier: Ledger | undefined },
): Promise<Ledger> {
  const { config, paths, plan } = prepared;
  return {
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root: paths.root,
    kubernetesVersion: config.cluster.kubernetesVersion,
    nodeName: config.nodeName,
    entries: [...(await observeEntries(system, { plan, earlier: earlier?.entries ?? [] }))],
  };
}

async function applyWithProgress(
  system: System,
  input: {
    readonly prepared: PreparedInit;
    readonly context: ApplyContext;
    readonly ui: Ui;
    /** False: everything is there already, and only its health is looked at. */
    readonly changing: boolean;
    readonly timings: Timings;
  },
): Promise<void> {
  const { plan } = input.prepared;
  const progress = input.ui.showProgress(
    plan.phases.map((phase) => ({
      ...phase,
      steps: plan.steps.filter((step) => step.phase === phase.name).length,
    })),
  );
  try {
    await applyPlan(system, {
      plan,
      context: { ...input.context, onWait: (step, detail) => progress.waiting(step.phase, detail) },
      onEvent: (event) => {
        if (event.kind !== "done") return;
        const endMs = system.clock.monotonicMs();
        input.timings.add({ name: event.step.title, startMs: endMs - event.elapsedMs, endMs });
        const worthALine = input.changing && event.changed && event.step.kind !== "directory";
        progress.done(event.step.phase, worthALine ? event.step.title : undefined);
      },
    });
    await progress.end(true);
  } catch (error) {
    await progress.end(false);
    throw error;
  }
}
