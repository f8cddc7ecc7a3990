import { dirname, join } from "node:path";
import { readInitFacts } from "../facts/read-init-facts.ts";
import { listenPorts } from "../manifests/component-ports.ts";
import { applyIgnore, formatFinding, raisePreflight } from "../preflight/apply-ignore.ts";
import { checkInit } from "../preflight/check-init.ts";
import type { System } from "../system/system.ts";
import type { PreparedInit } from "./prepare-init.ts";
import type { Ui } from "./ui.ts";

/** Reads the facts that the configuration asks about and judges them. Raises SLIPWAY_PREFLIGHT with every error. */
export async function preflightInit(
  system: System,
  input: { readonly prepared: PreparedInit; readonly ui: Ui; readonly resuming: boolean },
): Promise<void> {
  const { config, paths, machine, manifests, options } = input.prepared;
  const facts = await readInitFacts(system, {
    config,
    machine,
    ports: listenPorts(config),
    paths: [
      config.cluster.etcd.dataDir,
      paths.kubernetesDir,
      paths.stateDir,
      dirname(paths.runnerLogPath),
      ...manifests.map(({ fileName }) => join(paths.manifestDir, fileName)),
    ],
  });
  const findings = applyIgnore({
    findings: checkInit({ config, facts, resuming: input.resuming, runtime: options.runtime }),
    ignore: config.ignorePreflightErrors,
  });
  for (const finding of findings) {
    if (finding.severity === "warning") input.ui.warn(formatFinding(finding));
  }
  raisePreflight(findings);
}
