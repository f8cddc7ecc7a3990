import { explainContainer } from "../apply/explain-container.ts";
import { type Ledger, readLedger } from "../apply/ledger.ts";
import type { PodReport, RunnerInfo } from "../control/protocol.ts";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../core/constants.ts";
import { SlipwayError } from "../core/errors.ts";
import { buildPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import { type CertificateAge, readCertificateAges } from "./certificate-ages.ts";
import { connect } from "./ps.ts";

/** How one component does. */
export interface ComponentState {
  readonly name: ControlPlaneComponent;
  readonly ready: boolean;
  readonly restarts: number;
  readonly startedAt: string | undefined;
  readonly pid: number | undefined;
  /** What is wrong, and what to do; undefined while it is ready. */
  readonly problem: { readonly summary: string; readonly cause: string; readonly fix: string } | undefined;
}

/** What `slipway status` prints. */
export interface StatusAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "Status";
  readonly root: string;
  readonly healthy: boolean;
  readonly installed: boolean;
  readonly kubernetesVersion: string | undefined;
  readonly nodeName: string | undefined;
  readonly runner: RunnerInfo | undefined;
  readonly runnerProblem: string | undefined;
  readonly components: readonly ComponentState[];
  readonly certificates: readonly CertificateAge[];
}

/** Looks at the runner, the four components and the certificates; the API server is not asked. */
export async function runStatus(system: System, options: { readonly root: string }): Promise<StatusAnswer> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const ledger = await readLedger(system, paths);
  const { info, pods, problem } = await askRunner(system, options);
  const components = await Promise.all(
    CONTROL_PLANE_COMPONENTS.map((name) => describeComponent(system, { name, pods })),
  );
  const certificates = ledger === undefined ? [] : await readCertificateAges(system, ledger.entries);
  return {
    apiVersion: "slipway.dev/v1",
    kind: "Status",
    root: paths.root,
    healthy:
      info !== undefined &&
      components.every(({ ready }) => ready) &&
      certificates.every(({ daysLeft }) => daysLeft >= 0),
    installed: ledger !== undefined,
    ...describeLedger(ledger),
    runner: info,
    runnerProblem: problem,
    components,
    certificates,
  };
}

function describeLedger(ledger: Ledger | undefined): Pick<StatusAnswer, "kubernetesVersion" | "nodeName"> {
  return { kubernetesVersion: ledger?.kubernetesVersion, nodeName: ledger?.nodeName };
}

async function askRunner(
  system: System,
  options: { readonly root: string },
): Promise<{ readonly info?: RunnerInfo; readonly pods: readonly PodReport[]; readonly problem?: string }> {
  try {
    const client = await connect(system, options);
    const [info, pods] = await Promise.all([client.info(), client.pods()]);
    return { info, pods };
  } catch (error) {
    if (error instanceof SlipwayError) return { pods: [], problem: `${error.why}; ${error.fix}` };
    throw error;
  }
}

async function describeComponent(
  system: System,
  { name, pods }: { readonly name: ControlPlaneComponent; readonly pods: readonly PodReport[] },
): Promise<ComponentState> {
  const report = pods.find(({ pod }) => pod.metadata.labels?.["component"] === name);
  const status = report?.pod.status?.containerStatuses?.find((container) => container.name === name);
  const ready = status?.ready === true;
  return {
    name,
    ready,
    restarts: status?.restartCount ?? 0,
    startedAt: status?.state.running?.startedAt,
    pid: report?.containers.find((container) => container.name === name)?.pid,
    problem: ready ? undefined : await findProblem(system, { name, report }),
  };
}

async function findProblem(
  system: System,
  { name, report }: { readonly name: ControlPlaneComponent; readonly report: PodReport | undefined },
): Promise<ComponentState["problem"]> {
  if (report === undefined) {
    return { summary: "not running", cause: "the runner has no such pod", fix: "slipway init starts it" };
  }
  const failure = await explainContainer(system, { report, container: name });
  const probe = report.containers.find((container) => container.name === name)?.lastProbeFailure;
  if (failure === undefined || probe !== undefined) {
    return { summary: "not ready", cause: probe ?? "it has not answered yet", fix: `slipway logs ${name}` };
  }
  return { summary: failure.summary, cause: failure.cause, fix: failure.fix };
}
