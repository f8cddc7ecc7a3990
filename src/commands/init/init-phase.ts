import { listTokens } from "../../api/list-tokens.ts";
import { readLedger } from "../../apply/ledger.ts";
import { withLock } from "../../apply/lock.ts";
import { type ApiClients, openApiClients } from "../../apply/open-api-clients.ts";
import { EARLIER_CHECKS } from "../../preflight/check-earlier.ts";
import type { System } from "../../system/system.ts";
import { createStandby } from "../runner/standby.ts";
import type { Ui } from "../ui.ts";
import { readStates } from "./dry-run.ts";
import { fetchComponents } from "./fetch-components.ts";
import { finishReset } from "./finish-reset.ts";
import { applyPrepared, buildContext, type Work } from "./init.ts";
import type { InitOptions } from "./init-options.ts";
import { createSecrets, type JoinCommands, readJoining } from "./joining.ts";
import { formatPhaseDryRun } from "./phase-dry-run.ts";
import { preflightInit } from "./preflight-init.ts";
import { type PreparedInit, prepareInit } from "./prepare-init.ts";
import { createTimings } from "./timings.ts";

/** What a phase has come to. The tokens and the key are secrets. */
export interface PhaseResult {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "PhaseResult";
  readonly phase: string;
  /** How many steps it has; none when there is nothing to do. */
  readonly steps: number;
  readonly tokens: readonly string[];
  readonly certificateKey: string | undefined;
  readonly joinCommands: JoinCommands;
  /** What it would do, where the file asks for a dry run. */
  readonly dryRun?: string;
}

/**
 * Runs one phase of init, or one part of it, alone. It may be repeated: what is done is kept, and what is Slipway's own
 * and differs is made anew. What it makes is written to the ledger, so that reset undoes phases, too.
 * Raises what init raises, but asks nothing.
 */
export async function runInitPhase(
  system: System,
  input: {
    /** `certs/apiserver`, `certs/all`, `preflight`. */
    readonly phase: string;
    readonly options: InitOptions;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<PhaseResult> {
  const { phase, ui, options } = input;
  const undone = phase === "preflight" ? undefined : await finishReset(system, input);
  const prepared = await prepareInit(system, { options, ui, only: [phase], undone });
  if (prepared.dryRun)
    return {
      ...emptyResult(phase),
      dryRun: formatPhaseDryRun(prepared, await readStates(system, { prepared, ui })),
    };
  const standby = createStandby(system, options.root);
  const clients = openApiClients(system);
  try {
    if (phase === "preflight") {
      await preflightInit(system, { prepared, ui, earlier: await readLedger(system, prepared.paths) });
      return { ...emptyResult(phase), steps: 1 };
    }
    if (phase === "show-join-command")
      return { ...emptyResult(phase), ...(await showJoining(system, { prepared, clients })) };
    if (prepared.plan.steps.length === 0) return emptyResult(phase);
    const timings = createTimings(system.clock);
    return await withLock(system, {
      root: prepared.paths.root,
      command: "init",
      work: () => applyPhase(system, { ...input, prepared, timings, standby, clients }),
    });
  } finally {
    await standby.dismiss();
    await clients.close();
  }
}

async function applyPhase(system: System, work: Work & { readonly phase: string }): Promise<PhaseResult> {
  const { phase, prepared, ui, signal } = work;
  const { plan, config, options, paths } = prepared;
  const earlier = await readLedger(system, paths);
  const secrets = createSecrets(system, config);
  if (plan.steps.some(({ kind }) => kind === "start-runner"))
    await fetchComponents(system, { options, config, ui, signal });
  const encrypts = plan.steps.some(({ kind }) => kind === "encryption-config");
  const only = encrypts ? [...EARLIER_CHECKS, "Encryption"] : EARLIER_CHECKS;
  if (earlier !== undefined) await preflightInit(system, { prepared, ui, earlier, only });
  const context = buildContext(work, { earlier, secrets });
  const { tokens } = await applyPrepared(system, work, { context, earlier, changed: true });
  const joining = await readJoining(system, { prepared, tokens, secrets });
  return { ...emptyResult(phase), steps: plan.steps.length, tokens, ...joining };
}

function emptyResult(phase: string): PhaseResult {
  return {
    apiVersion: "slipway.dev/v1",
    kind: "PhaseResult",
    phase,
    steps: 0,
    tokens: [],
    certificateKey: undefined,
    joinCommands: { worker: [], controlPlane: [] },
  };
}

/** The commands for the tokens that the cluster has and that nodes can join with. */
async function showJoining(
  system: System,
  { prepared, clients }: { readonly prepared: PreparedInit; readonly clients: ApiClients },
): Promise<Pick<PhaseResult, "tokens" | "joinCommands" | "steps">> {
  const client = await clients.get(prepared.apiKubeconfigPath);
  const found = await listTokens(system, { client, timeoutMs: prepared.config.apiCallTimeoutMs });
  const nowMs = system.clock.nowMs();
  const tokens = found
    .filter(({ usages }) => usages.includes("signing") && usages.includes("authentication"))
    .filter(({ expires }) => expires === undefined || Date.parse(expires) > nowMs)
    .map(({ token }) => token);
  const certificateKey = prepared.config.certificateKey ?? "";
  const { joinCommands } = await readJoining(system, {
    prepared,
    tokens,
    secrets: { certificateKey },
    server: client.server,
  });
  return { tokens, joinCommands, steps: 1 };
}
