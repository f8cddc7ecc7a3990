import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { checkRunner, checkRunnerConfig } from "../../preflight/check-plane.ts";
import { checkPodFaults, checkRefused } from "../../preflight/check-pods.ts";
import { errorFinding, toFindingText } from "../../preflight/init-check.ts";
import type { PlaneFacts } from "../../preflight/plane-facts.ts";
import type { Finding } from "../../preflight/types.ts";
import type { System } from "../../system/system.ts";
import { isUnreachable } from "../runner/connect.ts";
import { findRunnerConfig } from "../runner/find-runner-config.ts";
import { type PsAnswer, runPs } from "../view/ps.ts";
import { runStatus } from "../view/status.ts";
import type { Diagnosis } from "./doctor.ts";

/** What a runner without a control plane, its pods and their manifests show. */
export async function diagnosePods(system: System, paths: ClusterPaths): Promise<Diagnosis> {
  const { root } = paths;
  const [{ runnerProblem, runner }, pods, runnerConfigProblem] = await Promise.all([
    runStatus(system, { root }),
    runPs(system, { root }).catch(whenNone),
    findConfigProblem(system, paths),
  ]);
  return {
    kubernetesVersion: undefined,
    nodeName: runner?.nodeName,
    findings: [
      ...checkRunner({ runnerProblem }),
      ...checkRunnerConfig({ runnerConfigProblem }),
      ...(await checkManifestPath(system, runner?.manifestPath)),
      ...checkRefused((pods?.refused ?? []).map((refused) => ({ ...refused, isOwn: false }))),
      ...checkPodFaults(pods?.failures ?? []),
    ],
    unknown: [],
  };
}

/** Neither a runner nor a record of its pods is there; that no runner answers is told of the runner. */
function whenNone(error: unknown): PsAnswer | undefined {
  if (isUnreachable(error)) return undefined;
  throw error;
}

/** A path that is gone is empty to the runner, as to the kubelet. */
async function checkManifestPath(
  system: Pick<System, "fs">,
  path: string | undefined,
): Promise<readonly Finding[]> {
  if (path === undefined || (await system.fs.stat(path)) !== undefined) return [];
  return [
    errorFinding("Manifest", {
      what: `${path} is not there`,
      why: "the runner reads its manifests there, and stops the pods of those that are gone",
      fix: "put it back; the runner sees that by itself",
    }),
  ];
}

async function findConfigProblem(
  system: System,
  paths: ClusterPaths,
): Promise<PlaneFacts["runnerConfigProblem"]> {
  try {
    await findRunnerConfig(system, paths);
    return undefined;
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return toFindingText(error);
  }
}
