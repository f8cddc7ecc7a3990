import { join } from "node:path";
import { type Ledger, readLedger } from "../../apply/ledger.ts";
import { usesService } from "../../apply/service.ts";
import { ownComponents } from "../../config/own-components.ts";
import type { InitConfig } from "../../config/types.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { parseYamlDocuments } from "../../core/yaml.ts";
import { type HandoffFacts, readHandoffFacts } from "../../facts/read-handoff-facts.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import { readSystemdUnit } from "../../facts/read-systemd-unit.ts";
import { type HealthUrls, healthUrls } from "../../manifests/component-ports.ts";
import { objectOf, objectsOf, textOf } from "../../pod/loose.ts";
import type { HandoffCheckInput } from "../../preflight/check-handoff.ts";
import type { System } from "../../system/system.ts";
import { readPlaneConfig } from "../doctor/read-plane-config.ts";
import { hasPlane, noPlaneError } from "../runner/read-runner-config.ts";
import { askNode } from "./ask-node.ts";
import type { HandoffOptions } from "./handoff.ts";

/** A control plane that may be handed over, and the machine it is on. */
export interface HandoffState
  extends Pick<HandoffCheckInput, "facts" | "otherPods" | "command" | "manifestDir"> {
  readonly paths: ClusterPaths;
  readonly config: InitConfig;
  readonly healthUrls: HealthUrls;
  /** The target has taken the pods over, and may be starting them still: a hand-over has come so far. */
  readonly isTaken: boolean;
  /** And everything runs, and the node is the target's. */
  readonly isDone: boolean;
}

/** Looks at everything that a hand-over depends on. Raises SLIPWAY_RUNNER_UNREACHABLE where there is no control plane. */
export async function readHandoffState(
  system: System,
  { root, target, command }: Pick<HandoffOptions, "root" | "target" | "command">,
): Promise<HandoffState> {
  const paths = buildPaths({ root, uid: system.host.uid });
  if (!(await hasPlane(system, paths))) throw await noPlaneError(system, paths);
  const ledger = await readLedger(system, paths);
  const machine = await readMachineFacts(system);
  const config = await readPlaneConfig(system, { paths, ledger, machine });
  const components = ownComponents(config.cluster);
  const manifests = await readManifests(system, { paths, components });
  const facts = await readHandoffFacts(system, {
    paths,
    manifests,
    images: [...new Set(manifests.flatMap(listImages))],
  });
  const { otherPods, isHostNode } = await askNode(system, { paths, nodeName: config.nodeName });
  const isHalfDone = (await system.fs.stat(paths.keptManifestDir)) !== undefined;
  const isTaken = !isHalfDone && isRunBy(target, { ledger, facts });
  return {
    paths,
    config,
    facts,
    manifestDir: paths.manifestDir,
    healthUrls: healthUrls(config),
    command: command.length > 0 ? command : await chooseCommand(system, { root, target }),
    otherPods: target === "runner" ? otherPods : [],
    isTaken,
    isDone:
      isTaken && facts.componentPids.length >= components.length && isHostNode === (target === "runner"),
  };
}

/**
 * One that was edited since a hand-over was cut off is another text than the one that it has kept: what runs may be
 * either.
 */
async function readManifests(
  system: System,
  options: { readonly paths: ClusterPaths; readonly components: readonly string[] },
): Promise<readonly string[]> {
  const { manifestDir, keptManifestDir } = options.paths;
  const files = [manifestDir, keptManifestDir].flatMap((dir) =>
    options.components.map((name) => join(dir, `${name}.yaml`)),
  );
  const texts = await Promise.all(files.map((path) => system.fs.readTextIfExists(path)));
  return [...new Set(texts.filter((text) => text !== undefined))];
}

/** Whether the target alone reads the manifests, and that is noted. */
function isRunBy(
  target: HandoffOptions["target"],
  state: { readonly ledger: Ledger | undefined; readonly facts: HandoffFacts },
): boolean {
  const [only, ...others] = state.facts.watchers;
  const runtime = target === "kubelet" ? "external" : "host";
  return (
    only !== undefined &&
    others.length === 0 &&
    (only.command === "kubelet") === (target === "kubelet") &&
    (state.ledger?.runtime ?? "host") === runtime
  );
}

async function chooseCommand(
  system: System,
  { root, target }: Pick<HandoffOptions, "root" | "target">,
): Promise<readonly string[] | undefined> {
  if (!(await usesService(system, { root }))) return undefined;
  if ((await readSystemdUnit(system, { name: "kubelet.service" })) === undefined) return undefined;
  return ["systemctl", target === "kubelet" ? "enable" : "disable", "--now", "kubelet"];
}

function listImages(manifest: string): readonly string[] {
  const spec = objectOf(objectOf(parseYamlDocuments(manifest)[0]?.value)["spec"]);
  return [...objectsOf(spec["initContainers"]), ...objectsOf(spec["containers"])].map(({ image }) =>
    textOf(image),
  );
}
