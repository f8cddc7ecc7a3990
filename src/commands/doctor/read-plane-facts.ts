import { dirname, join } from "node:path";
import { readReadiness } from "../../api/read-readiness.ts";
import { findDamagedLedger } from "../../apply/ledger.ts";
import type { InitConfig } from "../../config/types.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { healthUrls } from "../../manifests/component-ports.ts";
import { toFindingText } from "../../preflight/init-check.ts";
import type { PlaneFacts } from "../../preflight/plane-facts.ts";
import type { System } from "../../system/system.ts";
import { withCluster } from "../open-cluster.ts";
import { isUnreachable } from "../runner/connect.ts";
import { readRunnerConfig } from "../runner/read-runner-config.ts";
import type { StatusAnswer } from "../view/status.ts";
import { findCertificateFaults } from "./find-certificate-faults.ts";

/** A certificate that ends sooner than this is worth a word. */
const SOON_DAYS = 30;

/** What a control plane shows of itself; changes nothing. A few milliseconds; seconds when the API server hangs. */
export async function readPlaneFacts(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly config: InitConfig;
    readonly status: StatusAnswer;
    /** A kubelet runs the pods: there is no runner, and only their health can be seen. */
    readonly external: boolean;
    /** A check of its own tells of these. */
    readonly lostKeys: readonly string[];
    readonly podFaults: PlaneFacts["podFaults"];
  },
): Promise<PlaneFacts> {
  const { paths, config, status, external } = options;
  const [certificateFaults, apiServer, missing, runnerConfigProblem, damagedLedger] = await Promise.all([
    findCertificateFaults(system, { config, paths }),
    askApiServer(system, options),
    findMissingManifests(system, options),
    external ? undefined : findRunnerConfigProblem(system, paths),
    findDamagedLedger(system, paths),
  ]);
  return {
    cutOff: status.cutOff,
    runnerProblem: external ? undefined : status.runnerProblem,
    ledgerProblem: status.ledgerProblem,
    damagedLedger,
    runnerConfigProblem,
    components: external ? status.components.map(describeUnseen) : status.components,
    refused: (status.runner?.refused ?? []).map((refused) => ({
      ...refused,
      isOwn: status.components.some(({ name }) => refused.origin === manifestPath(paths, name)),
    })),
    podFaults: options.podFaults.filter(({ container }) =>
      status.components.every(({ name }) => name !== container),
    ),
    ...missing,
    certificateFaults,
    missingFiles: status.missingFiles.filter(
      (path) =>
        path !== paths.runnerConfigPath &&
        !options.lostKeys.includes(path) &&
        dirname(path) !== paths.manifestDir &&
        !certificateFaults.some(({ what, why }) => `${what} ${why} `.includes(`${path} `)),
    ),
    ending: status.certificates.filter(({ daysLeft }) => daysLeft >= 0 && daysLeft < SOON_DAYS),
    apiServer,
    lostData: status.lostData,
    slowDisk: status.slowDisk,
    nodeProblem: describeNode(status),
  };
}

function manifestPath({ manifestDir }: ClusterPaths, component: string): string {
  return join(manifestDir, `${component}.yaml`);
}

function describeUnseen({ name }: StatusAnswer["components"][number]): PlaneFacts["components"][number] {
  return { name, ready: true, problem: undefined, outdatedFile: undefined };
}

async function findRunnerConfigProblem(
  system: System,
  paths: ClusterPaths,
): Promise<PlaneFacts["runnerConfigProblem"]> {
  try {
    const { staticPodPath } = (await readRunnerConfig(system, paths)).kubelet;
    if (staticPodPath === paths.manifestDir) return undefined;
    return {
      what: `${paths.runnerConfigPath} names another manifest directory`,
      why: `its staticPodPath is ${staticPodPath ?? "not set"}, and init writes the manifests to ${paths.manifestDir}`,
      fix: "to write it again: slipway init",
    };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    if (isUnreachable(error)) {
      const what = `${paths.runnerConfigPath} is not there`;
      return { what, why: "the runner reads it when it starts", fix: "to write it anew: slipway init" };
    }
    return toFindingText(error);
  }
}

function describeNode({ runner }: StatusAnswer): string | undefined {
  if (runner === undefined || runner.cluster.mode === "standalone") return undefined;
  const { nodeRegistered, lastError } = runner.cluster;
  return lastError ?? (nodeRegistered ? undefined : "it is not known to be registered yet");
}

async function askApiServer(
  system: System,
  { paths, config }: { readonly paths: ClusterPaths; readonly config: InitConfig },
): Promise<PlaneFacts["apiServer"]> {
  const url = healthUrls(config)["kube-apiserver"];
  try {
    return await withCluster(system, {
      root: paths.root,
      kubeconfigPath: join(paths.kubernetesDir, "admin.conf"),
      work: async ({ client }) => ({ url, ...(await readReadiness(client)) }),
    });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const { what, why } = error;
    return { url, problem: `${what}: ${why}`, unasked: { what, why }, failedChecks: [] };
  }
}

async function findMissingManifests(
  system: System,
  { paths, status }: { readonly paths: ClusterPaths; readonly status: StatusAnswer },
): Promise<Pick<PlaneFacts, "missingManifests" | "missingDir">> {
  if ((await system.fs.stat(paths.manifestDir)) === undefined)
    return { missingManifests: [], missingDir: paths.manifestDir };
  const wanted = status.components.map(({ name }) => ({
    component: name,
    path: manifestPath(paths, name),
  }));
  const found = await Promise.all(wanted.map(({ path }) => system.fs.stat(path)));
  return {
    missingManifests: wanted.filter((_file, index) => found[index] === undefined),
    missingDir: undefined,
  };
}
