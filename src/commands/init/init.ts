import { applyPlan } from "../../apply/apply-plan.ts";
import {
  findDamagedLedger,
  isNewCluster,
  type Ledger,
  listFiles,
  ownership,
  readLedger,
} from "../../apply/ledger.ts";
import { removeHalfWritten } from "../../apply/list-half-written.ts";
import { withLock } from "../../apply/lock.ts";
import { observePlan } from "../../apply/observe-plan.ts";
import { type ApiClients, openApiClients } from "../../apply/open-api-clients.ts";
import type { ApplyContext } from "../../apply/step-handler.ts";
import type { Component } from "../../components/types.ts";
import { SlipwayError, systemErrorCode } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { skipsPhase } from "../../plan/build-plan.ts";
import type { Step } from "../../plan/types.ts";
import type { System } from "../../system/system.ts";
import { createStandby, type Standby } from "../runner/standby.ts";
import type { Ui } from "../ui.ts";
import { agree } from "./agree.ts";
import { describeRunning } from "./describe-running.ts";
import { fetchComponents } from "./fetch-components.ts";
import { finishReset } from "./finish-reset.ts";
import type { InitOptions } from "./init-options.ts";
import { canBeJoined, createSecrets, type JoinCommands, readJoining } from "./joining.ts";
import { finishLedger, keepLedger } from "./keep-ledger.ts";
import { preflightInit } from "./preflight-init.ts";
import { type PreparedInit, prepareInit } from "./prepare-init.ts";
import { readEarlier } from "./read-earlier.ts";
import { createTimings, type Timing, type Timings } from "./timings.ts";

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
  readonly joinCommands: JoinCommands;
  /** What uploaded certificates were encrypted with; undefined when none were. A secret. */
  readonly certificateKey: string | undefined;
}

/**
 * Brings the control plane up: config and facts, preflight, plan, apply. Safe to run again at any time: what is done
 * is kept, what is missing is made, what differs is shown and asked for. Where the file asks for a dry run nothing is done.
 * Raises what its parts raise, SLIPWAY_INPUT_CHANGED and SLIPWAY_DECLINED.
 */
export async function runInit(
  system: System,
  input: { readonly options: InitOptions; readonly ui: Ui; readonly signal: AbortSignal },
): Promise<InitResult> {
  const timings = createTimings(system.clock);
  const standby = createStandby(system, input.options.root);
  const clients = openApiClients(system);
  try {
    const undone = await finishReset(system, input);
    if (await isFirstOnHost(system, input.options)) void standby.get();
    const prepared = await timings.measure("config, facts and plan", () =>
      prepareInit(system, { ...input, undone }),
    );
    if (prepared.dryRun) return { ...NOTHING_DONE, prepared, timings: timings.list() };
    return await withLock(system, {
      root: prepared.paths.root,
      command: "init",
      work: () => bringUp(system, { ...input, prepared, timings, standby, clients }),
    });
  } catch (error) {
    const { options, ui, signal } = input;
    if (signal.aborted) ui.note(await describeRunning(system, options));
    throw error;
  } finally {
    await standby.dismiss();
    await clients.close();
  }
}

const NOTHING_DONE: Omit<InitResult, "prepared" | "timings"> = {
  components: [],
  changed: false,
  elapsedMs: 0,
  joinCommands: { worker: [], controlPlane: [] },
  certificateKey: undefined,
};

/** Whether this init will start a runner for sure, unless it fails before: its process may load meanwhile. */
async function isFirstOnHost(system: System, { root, runtime }: InitOptions): Promise<boolean> {
  if (runtime === "external") return false;
  try {
    return (await system.fs.stat(buildPaths({ root, uid: system.host.uid }).ledgerPath)) === undefined;
  } catch (error) {
    if (systemErrorCode(error) !== "EACCES") throw error;
    return false;
  }
}

/** What init, or a phase of it, works with. */
export interface Work {
  readonly prepared: PreparedInit;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  readonly timings: Timings;
  readonly standby: Standby;
  readonly clients: ApiClients;
}

async function bringUp(system: System, work: Work): Promise<InitResult> {
  const { prepared, ui, signal, timings } = work;
  const preflight = async (earlier: Ledger | undefined): Promise<readonly string[] | undefined> => {
    if (skipsPhase(prepared.config.skipPhases, "preflight")) return undefined;
    return timings.measure("preflight", () => preflightInit(system, { prepared, ui, earlier }));
  };
  const secrets = createSecrets(system, prepared.config);
  const { earlier, context, differences } = await timings
    .measure("compare with the machine", () => compare(system, work, secrets))
    .catch(async (error: unknown) => {
      if (error instanceof SlipwayError && TOLD_BY_CHECKS.includes(error.code))
        await preflight(await readEarlier(system, prepared.paths));
      throw error;
    });
  const ignored = await preflight(earlier);
  if (differences.length > 0) await agree(system, { differences, earlier, prepared, ui });
  const startMs = system.clock.monotonicMs();
  const components = await timings.measure("components", () =>
    fetchComponents(system, { options: prepared.options, config: prepared.config, ui, signal }),
  );
  const changed = differences.length > 0;
  const { tokens, madeObjects } = await applyPrepared(system, work, {
    context,
    earlier,
    changed,
    ignored,
    whole: true,
  });
  const elapsedMs = system.clock.monotonicMs() - startMs;
  const usable = canBeJoined(prepared.config) ? tokens : [];
  const joining = await readJoining(system, { prepared, tokens: usable, secrets });
  return {
    prepared,
    components,
    changed: changed || madeObjects,
    elapsedMs,
    timings: timings.list(),
    ...joining,
  };
}

/** What may not be read is best told by the check that says who may, and what nobody signs by the one of the CA's key. */
const TOLD_BY_CHECKS = ["SLIPWAY_FILE_ACCESS", "SLIPWAY_EXTERNAL_CA"];

/** What an earlier init left, and what of the plan is not there yet. */
async function compare(system: System, work: Work, secrets: ApplyContext["secrets"]) {
  const earlier = await readLedger(system, work.prepared.paths);
  const context = buildContext(work, { earlier, secrets });
  return { earlier, context, differences: await observePlan(system, { plan: work.prepared.plan, context }) };
}

/**
 * Writes the ledger when something will change, and applies the plan. Gives the tokens that nodes can join with, and
 * whether an object had to be made or changed in the API.
 */
export async function applyPrepared(
  system: System,
  work: Work,
  options: {
    readonly context: ApplyContext;
    readonly earlier: Ledger | undefined;
    readonly changed: boolean;
    /** The checks that failed and are ignored; undefined: none was made. */
    readonly ignored?: readonly string[] | undefined;
    /** It is all of init, and not a phase. */
    readonly whole?: true;
  },
): Promise<{ readonly tokens: readonly string[]; readonly madeObjects: boolean }> {
  const { prepared, timings } = work;
  const { earlier } = options;
  const tokens: string[] = [];
  if (earlier !== undefined) await removeHalfWritten(system, listFiles(earlier.entries, prepared.paths));
  const damaged = await findDamagedLedger(system, prepared.paths);
  if (damaged !== undefined) work.ui.note(`${damaged} cannot be read; it is written again`);
  const goesOn = options.whole === true && earlier?.unfinished === true;
  const changed = options.changed || goesOn || damaged !== undefined;
  const ledger = await timings.measure("ledger", () => keepLedger(system, { prepared, ...options, changed }));
  const context = {
    ...options.context,
    isOurs: ownership(ledger),
    onToken: (token: string) => void tokens.push(token),
  };
  const madeObjects = await applyWithProgress(system, work, { context, changed: options.changed });
  await finishLedger(system, { ...work, ...options, ledger, changed });
  return { tokens, madeObjects };
}

/** What the steps of a prepared init need beside themselves. */
export function buildContext(
  work: Work,
  { earlier, secrets }: { readonly earlier: Ledger | undefined; readonly secrets: ApplyContext["secrets"] },
): ApplyContext {
  return {
    paths: work.prepared.paths,
    isOurs: ownership(earlier),
    isNewCluster: isNewCluster(earlier),
    secrets,
    onToken: () => undefined,
    apiClient: work.clients.get,
    standbyRunner: work.standby.get,
    onWait: () => undefined,
    signal: work.signal,
  };
}

/** Kinds of steps that say whether they made or changed something in the API. */
const OBJECT_KINDS: readonly Step["kind"][] = ["api-object", "publish-ca", "bootstrap-token", "mark-node"];

/** Gives whether something was made or changed in the API. */
async function applyWithProgress(
  system: System,
  { prepared, ui, timings }: Work,
  options: {
    readonly context: ApplyContext;
    /** False: everything is there already, and only its health is looked at. */
    readonly changed: boolean;
  },
): Promise<boolean> {
  const { plan } = prepared;
  let madeObjects = false;
  const progress = ui.showProgress(
    plan.phases.map((phase) => ({
      ...phase,
      steps: plan.steps.filter((step) => step.phase === phase.name).length,
    })),
  );
  try {
    await applyPlan(system, {
      plan,
      context: { ...options.context, onWait: (step, detail) => progress.waiting(step.phase, detail) },
      onEvent: (event) => {
        timings.follow(event);
        if (event.kind !== "done") return;
        const verbose = prepared.options.verbosity > 0;
        const isMade = event.changed && OBJECT_KINDS.includes(event.step.kind);
        madeObjects ||= isMade;
        const changed = isMade || (options.changed && event.changed && event.step.kind !== "directory");
        const title = event.changed ? event.step.title : `${event.step.title}: done already`;
        progress.done(event.step.phase, verbose || changed ? title : undefined);
      },
    });
    await progress.end(true);
    return madeObjects;
  } catch (error) {
    await progress.end(false);
    throw error;
  }
}
