import { dirname, join } from "node:path";
import { findRunners } from "../../apply/find-runners.ts";
import { ownComponents } from "../../config/own-components.ts";
import type { InitConfig } from "../../config/types.ts";
import { type ClusterPaths, hardeningPaths } from "../../core/paths.ts";
import { readInitFacts } from "../../facts/read-init-facts.ts";
import type { InitFacts, MachineFacts } from "../../facts/types.ts";
import { listenPorts } from "../../manifests/component-ports.ts";
import { applyIgnore, formatFinding, raisePreflight } from "../../preflight/apply-ignore.ts";
import { checkInit } from "../../preflight/check-init.ts";
import type { System } from "../../system/system.ts";
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
    readonly resuming: boolean;
    /** The check of this name alone. */
    readonly only?: string;
  },
): Promise<readonly string[]> {
  const { prepared, resuming, only } = input;
  const { config, options } = prepared;
  const facts = await readFactsOf(system, prepared);
  const ownRunners = await findRunners(system, config.root);
  const checked = checkInit({ config, facts, resuming, ownRunners, runtime: options.runtime });
  const asked = only === undefined ? checked : checked.filter(({ name }) => name === only);
  const findings = applyIgnore({ findings: asked, ignore: config.ignorePreflightErrors });
  for (const finding of findings) {
    if (finding.severity === "warning") input.ui.warn(formatFinding(finding));
  }
  const isReady = findings.every(({ severity }) => severity === "warning");
  if (!isReady && prepared.answers !== undefined)
    input.ui.note(`What was answered, as flags: slipway init ${prepared.answers}`);
  raisePreflight(findings);
  return [...new Set(asked.filter(({ severity }) => severity === "error").map(({ name }) => name))];
}
