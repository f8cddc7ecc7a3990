import type { ControlClient } from "../../control/control-client.ts";
import { findComponent } from "../../control/find-component.ts";
import type { PodReport } from "../../control/protocol.ts";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../../core/constants.ts";
import type { ContainerStatus } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import { type ContainerSubject, findStatus, type OtherPods, readLastLine } from "../container-subject.ts";
import { type ContainerFailure, explainContainer } from "../explain-container.ts";
import { type Beginning, explainComplaint, explainLastingComplaint } from "../explain-unready.ts";
import { findOutdatedFile } from "../find-outdated-file.ts";
import type { StepOf } from "../step-handler.ts";
import { createEndTally, type EndTally, findNextStart } from "./tally-ends.ts";

/** What has to happen before a component's health counts; undefined when it runs as its files are now. */
export type Outstanding = typeof NOT_STARTED | typeof RESTARTING | undefined;

const NOT_STARTED = "it has not been started yet";
const RESTARTING = "it is being restarted";

/** Why a component does not run. */
export interface ComponentFailure extends ContainerFailure {
  readonly component: ControlPlaneComponent;
  /** How often it has ended by itself since the first look: what was before is over. */
  readonly newEnds: number;
}

/** A component on its way to what its files say now. */
export interface FollowedComponent {
  /**
   * Whether the runner runs it as its manifest says now: until then an earlier version of the pod may answer. One that
   * runs with older certificates, keys or kubeconfigs, or has met an earlier API server and is not ready, is restarted,
   * once; one whose next start is a while away is started at once.
   */
  look(): Promise<Outstanding>;
  /** What is wrong with it, or for good with one that starts before it and on which it depends. */
  findFailure(): Promise<ComponentFailure | undefined>;
  /** What its present run complains of, when that is known. */
  findComplaint(): Promise<ContainerFailure | undefined>;
  /** What keeps it from getting ready as long as nobody changes something. */
  findLasting(): Promise<ContainerFailure | undefined>;
  /** What it wrote last, of its present run. */
  readLastLine(): Promise<string | undefined>;
}

/** Begins to follow the component of a step. */
export function followComponent(
  system: System,
  options: { readonly step: StepOf<"wait-component">; readonly runner: ControlClient } & Beginning,
): FollowedComponent {
  const { step, runner, isNew } = options;
  const { component, loads } = step;
  const earlier = CONTROL_PLANE_COMPONENTS.slice(0, CONTROL_PLANE_COMPONENTS.indexOf(component));
  const tally = createEndTally([component, ...earlier]);
  let restartedFrom: number | undefined;
  let seen = false;

  const readAll = async (): Promise<readonly PodReport[]> => {
    const reports = await runner.pods();
    tally.look(reports);
    return reports;
  };
  const findFailureOf = (
    reports: readonly PodReport[],
    name: ControlPlaneComponent,
  ): Promise<ComponentFailure | undefined> => findNewFailure(system, { reports, name, tally });
  const explain = async <T>(
    by: (system: System, subject: ContainerSubject & OtherPods & Beginning) => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    const reports = await readAll();
    const report = findComponent(reports, component);
    return report === undefined ? undefined : by(system, { report, container: component, reports, isNew });
  };
  return {
    look: async () => {
      const reports = await readAll();
      const report = findComponent(reports, component);
      if (report === undefined || report.terminating) return NOT_STARTED;
      const { metadata, status } = report.pod;
      if (step.podUid !== undefined && metadata.uid !== step.podUid) return NOT_STARTED;
      const isFirst = !seen;
      seen = true;
      if (isFirst && isPausing(system, { report, component })) await runner.restart(metadata);
      if (status?.phase !== "Running") return NOT_STARTED;
      const own = findStatus({ report, container: component });
      const restarts = own?.restartCount ?? 0;
      if (restartedFrom === undefined) {
        const isStuck =
          isFirst && earlier.includes("kube-apiserver") && hasMetEarlierServer(reports, component);
        if (!isStuck && !(await isOutdated(system, { own, loads }))) return undefined;
        await runner.restart(metadata);
        restartedFrom = restarts;
        tally.expectEnd(component);
      }
      return restarts > restartedFrom ? undefined : RESTARTING;
    },
    findFailure: async () => {
      const reports = await readAll();
      const own = await findFailureOf(reports, component);
      if (own !== undefined) return own;
      const others = await Promise.all(earlier.map((name) => findFailureOf(reports, name)));
      return others.find((failure) => failure?.permanent === true);
    },
    findComplaint: () => explain(explainComplaint),
    findLasting: () => explain(explainLastingComplaint),
    readLastLine: () => explain(readLastLine),
  };
}

async function isOutdated(
  system: System,
  { own, loads }: { readonly own: ContainerStatus | undefined; readonly loads: readonly string[] },
): Promise<boolean> {
  return (await findOutdatedFile(system, { startedAt: own?.state.running?.startedAt, loads })) !== undefined;
}

/** What is wrong with a component, unless that is from before the first look. */
async function findNewFailure(
  system: System,
  options: {
    readonly reports: readonly PodReport[];
    readonly name: ControlPlaneComponent;
    readonly tally: EndTally;
  },
): Promise<ComponentFailure | undefined> {
  const { reports, name, tally } = options;
  const report = findComponent(reports, name);
  const newEnds = tally.countNew(reports, name);
  if (report === undefined || newEnds === undefined) return undefined;
  const failure = await explainContainer(system, { report, container: name });
  return failure === undefined ? undefined : { ...failure, component: name, newEnds };
}

/** A start a while away is worth asking for: what kept the component from running may be mended by now. */
const PAUSE_MS = 500;

/** Whether its next start is due later, because the one before failed or it has ended again and again. */
function isPausing(
  system: Pick<System, "clock">,
  { report, component }: { readonly report: PodReport; readonly component: string },
): boolean {
  const nextStartAt = findNextStart(report, component);
  return nextStartAt !== undefined && Date.parse(nextStartAt) - system.clock.nowMs() > PAUSE_MS;
}

/**
 * Whether one that needs the API server and is not ready ran already when an earlier run of that ended: it has met that
 * one, perhaps with other certificates, and tries again ever more rarely.
 */
function hasMetEarlierServer(reports: readonly PodReport[], component: ControlPlaneComponent): boolean {
  const [own, server] = [component, "kube-apiserver" as const].map((name) => {
    const report = findComponent(reports, name);
    return report === undefined ? undefined : findStatus({ report, container: name });
  });
  const startedAt = own?.state.running?.startedAt;
  const endedAt = server?.lastState.terminated?.finishedAt;
  if (startedAt === undefined || endedAt === undefined) return false;
  return own?.ready === false && Date.parse(startedAt) <= Date.parse(endedAt);
}
