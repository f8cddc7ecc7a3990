import { dirname, join } from "node:path";
import { findRunners } from "../../apply/find-runners.ts";
import type { Ledger } from "../../apply/ledger.ts";
import { ownComponents } from "../../config/own-components.ts";
import type { InitConfig } from "../../config/types.ts";
import { type ClusterPaths, hardeningPaths } from "../../core/paths.ts";
import { readInitFacts } from "../../facts/read-init-facts.ts";
import type { InitFacts, MachineFacts } from "../../facts/types.ts";
import { listenPorts } from "../../manifests/component-ports.ts";
import { skipsPhase } from "../../plan/build-plan.ts";
import { applyIgnore, formatFinding, raisePreflight } from "../../preflight/apply-ignore.ts";
import { checkEarlier, EARLIER_CHECKS } from "../../preflight/check-earlier.ts";
import { checkInit } from "../../preflight/check-init.ts";
import type { Finding } from "../../preflight/types.ts";
import type { System } from "../../system/system.ts";
import { listLostKeys, readEarlierPlane } from "../read-earlier-plane.ts";
import type { Ui } from "../ui.ts";
import type { PreparedInit } from "./prepare-init.ts";

/** What the machine shows about a configuration. */
export function readFactsOf(
  system: System,
  options: {
    readonly config: InitConfig;
    readonly paths: ClusterPaths;
    readonly machine: MachineFacts;
  },
): Promise<InitFacts> {
  const { config, paths, machine } = options;
  return readInitFacts(system, {
    config,
    machine,
    ports: listenPorts(config),
    paths: [
      config.cluster.etcd.dataDir,
      paths.kubernetesDir,
      paths.stateDir,
      dirname(paths.runnerLogPath),
      hardeningPaths(paths.root).encryptionPath,
      ...ownComponents(config.cluster).map((name) => join(paths.manifestDir, `${name}.yaml`)),
    ],
  });
}

/**
 * Reads the facts that the configuration asks about and judges them; gives the names of the checks that failed and are
 * ignored. Raises SLIPWAY_PREFLIGHT with every error, and tells the answers then, so that they need not be given again.
 */
export async function preflightInit(
  system: System,
  input: {
    readonly prepared: PreparedInit;
    readonly ui: Ui;
    readonly earlier: Ledger | undefined;
    /** The checks of these names alone. */
    readonly only?: readonly string[];
  },
): Promise<readonly string[]> {
  const { prepared, earlier, only } = input;
  const { config, options, paths } = prepared;
  const facts = await readFactsOf(system, prepared);
  const ownRunners = await findRunners(system, config.root);
  const checked = checkInit({
    config,
    facts,
    resuming: earlier !== undefined,
    before: await readEarlierPlane(system, { paths, earlier }),
    lostKeys: listLostKeys(config, earlier),
    ownRunners,
    runtime: options.runtime,
  });
  const asked = only === undefined ? checked : checked.filter(({ name }) => only.includes(name));
  tellFindings(asked, input);
  return [...new Set(asked.filter(({ severity }) => severity === "error").map(({ name }) => name))];
}

/**
 * The same of what an earlier init has made and this one would spoil, alone: it asks nothing of the machine but its
 * files, so that a dry run can tell it, too.
 */
export async function preflightEarlier(
  system: System,
  input: { readonly prepared: PreparedInit; readonly ui: Ui; readonly earlier: Ledger | undefined },
): Promise<void> {
  const { prepared, earlier } = input;
  const { config, paths } = prepared;
  if (skipsPhase(config.skipPhases, "preflight")) return;
  const before = await readEarlierPlane(system, { paths, earlier });
  tellFindings(checkEarlier({ config, before, lostKeys: listLostKeys(config, earlier) }), input);
}

function tellFindings(
  asked: readonly Finding[],
  { prepared, ui }: { readonly prepared: PreparedInit; readonly ui: Ui },
): void {
  const findings = applyIgnore({ findings: asked, ignore: prepared.config.ignorePreflightErrors });
  for (const finding of findings) {
    if (finding.severity === "warning") ui.warn(formatFinding(finding));
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0 && prepared.answers !== undefined)
    ui.note(`What was answered, as flags: slipway init ${prepared.answers}`);
  const isOfPlane = errors.every(({ name }) => EARLIER_CHECKS.some((check) => check === name));
  raisePreflight(findings, isOfPlane ? "init cannot go on with the control plane that is there" : undefined);
}
