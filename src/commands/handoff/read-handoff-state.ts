import { join } from "node:path";
import { createApiClient } from "../../api/create-api-client.ts";
import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import { type Ledger, readLedger } from "../../apply/ledger.ts";
import { usesService } from "../../apply/service.ts";
import { ownComponents } from "../../config/own-components.ts";
import type { InitConfig } from "../../config/types.ts";
import { ANNOTATIONS } from "../../core/constants.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { parseYamlDocuments } from "../../core/yaml.ts";
import { type HandoffFacts, readHandoffFacts } from "../../facts/read-handoff-facts.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import { readSystemdUnit } from "../../facts/read-systemd-unit.ts";
import { type HealthUrls, healthUrls } from "../../manifests/component-ports.ts";
import { kubeconfigPath } from "../../plan/phases/kubeconfig.ts";
import { objectOf, objectsOf, textOf } from "../../pod/loose.ts";
import type { HandoffCheckInput } from "../../preflight/check-handoff.ts";
import type { System } from "../../system/system.ts";
import { readPlaneConfig } from "../doctor/read-plane-config.ts";
import { readCredentials } from "../open-cluster.ts";
import { hasPlane, noPlaneError } from "../runner/read-runner-config.ts";
import type { HandoffOptions } from "./handoff.ts";

/** A control plane that may be handed over, and the machine it is on. */
export interface HandoffState
  extends Pick<HandoffCheckInput, "facts" | "otherPods" | "command" | "manifestDir"> {
  readonly paths: ClusterPaths;
  readonly config: InitConfig;
  readonly healthUrls: HealthUrls;
  /** The target runs everything already. */
  readonly isDone: boolean;
}

/** An API server that is up answers at once; a hand-over may be needed because it is not. */
const API_TIMEOUT_MS = 3000;

/** Looks at everything that a hand-over depends on. Raises SLIPWAY_RUNNER_UNREACHABLE where there is no control plane. */
export async function readHandoffState(
  system: System,
  { root, target, command }: Pick<HandoffOptions, "root" | "target" | "command">,
): Promise<HandoffState> {
  const paths = buildPaths({ root, uid: system.host.uid });
  if (!(await hasPlane(system, paths))) throw noPlaneError(paths);
  const ledger = await readLedger(system, paths);
  // A hand-over that was killed may have left some of them in the one, all of them in the other.
  const isHalfDone = (await system.fs.stat(paths.keptManifestDir)) !== undefined;
  const manifestDir = isHalfDone ? paths.keptManifestDir : paths.manifestDir;
  const machine = await readMachineFacts(system);
  const config = await readPlaneConfig(system, { paths, manifestDir, ledger, machine });
  const components = ownComponents(config.cluster);
  const texts = await Promise.all(
    components.map((name) => system.fs.readTextIfExists(join(manifestDir, `${name}.yaml`))),
  );
  const manifests = texts.filter((text) => text !== undefined);
  const facts = await readHandoffFacts(system, { paths, manifests, images: manifests.flatMap(listImages) });
  return {
    paths,
    config,
    facts,
    manifestDir: paths.manifestDir,
    healthUrls: healthUrls(config),
    command: command.length > 0 ? command : await chooseCommand(system, { root, target }),
    otherPods: target === "runner" ? await listOtherPods(system, { paths, nodeName: config.nodeName }) : [],
    isDone: !isHalfDone && isRunBy(target, { ledger, facts, count: components.length }),
  };
}

/** Where everything is as the hand-over would leave it. */
function isRunBy(
  target: HandoffOptions["target"],
  state: { readonly ledger: Ledger | undefined; readonly facts: HandoffFacts; readonly count: number },
): boolean {
  const { watchers, componentPids } = state.facts;
  const [only] = watchers;
  const runtime = target === "kubelet" ? "external" : "host";
  return (
    watchers.length === 1 &&
    (only?.command === "kubelet") === (target === "kubelet") &&
    (state.ledger?.runtime ?? "host") === runtime &&
    componentPids.length >= state.count
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

/** Those of the node that are no mirrors of static pods. None when the API server does not answer. */
async function listOtherPods(
  system: System,
  { paths, nodeName }: { readonly paths: ClusterPaths; readonly nodeName: string },
): Promise<HandoffState["otherPods"]> {
  const client = createApiClient(system, {
    credentials: await readCredentials(system, kubeconfigPath(paths, "admin")),
  });
  try {
    const path = `/api/v1/pods?fieldSelector=spec.nodeName%3D${encodeURIComponent(nodeName)}`;
    const response = await client
      .request({ method: "GET", path, timeoutMs: API_TIMEOUT_MS })
      .catch(() => undefined);
    if (response === undefined || !isSuccess(response)) return [];
    return objectsOf(objectOf(response.body)["items"]).flatMap((pod) => {
      const metadata = objectOf(pod["metadata"]);
      if (ANNOTATIONS.configMirror in objectOf(metadata["annotations"])) return [];
      if (["Succeeded", "Failed"].includes(textOf(readField(pod, "status", "phase")))) return [];
      const ofDaemonSet = objectsOf(metadata["ownerReferences"]).some(({ kind }) => kind === "DaemonSet");
      return [{ name: `${textOf(metadata["namespace"])}/${textOf(metadata["name"])}`, ofDaemonSet }];
    });
  } finally {
    client.close();
  }
}
