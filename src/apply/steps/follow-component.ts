import type { ControlClient } from "../../control/control-client.ts";
import { findComponent } from "../../control/find-component.ts";
import type { PodReport } from "../../control/protocol.ts";
import type { ContainerStatus } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import { type ContainerFailure, explainContainer, readLastLine } from "../explain-container.ts";
import { findOutdatedFile } from "../find-outdated-file.ts";
import type { StepOf } from "../step-handler.ts";

/** What has to happen before a component's health counts; undefined when it runs as its files are now. */
export type Outstanding = typeof NOT_STARTED | typeof RESTARTING | undefined;

const NOT_STARTED = "it has not been started yet";
const RESTARTING = "it is being restarted with new files";

/** A component on its way to what its files say now. */
export interface FollowedComponent {
  /**
   * Whether the runner runs it as its manifest says now: until then an earlier version of the pod may answer. One that
   * runs with older certificates, keys or kubeconfigs is restarted, once.
   */
  look(): Promise<Outstanding>;
  /** What is wrong with it, and how often it has ended by itself since the first look: what was before is over. */
  findFailure(): Promise<(ContainerFailure & { readonly newEnds: number }) | undefined>;
  /** What it wrote last, of its present run. */
  readLastLine(): Promise<string | undefined>;
}

/** Begins to follow the component of a step. */
export function followComponent(
  system: System,
  options: { readonly step: StepOf<"wait-component">; readonly runner: ControlClient },
): FollowedComponent {
  const { step, runner } = options;
  const { component, loads } = step;
  let known: { readonly uid: string | undefined; ends: number } | undefined;
  let restartedFrom: number | undefined;

  const read = async (): Promise<PodReport | undefined> => {
    const report = findComponent(await runner.pods(), component);
    const uid = report?.pod.metadata.uid;
    if (known === undefined) known = { uid, ends: countEnds(report, component) };
    else if (known.uid !== uid) known = { uid, ends: 0 };
    return report;
  };
  return {
    look: async () => {
      const report = await read();
      if (report === undefined || report.terminating) return NOT_STARTED;
      const { metadata, status } = report.pod;
      if (step.podUid !== undefined && metadata.uid !== step.podUid) return NOT_STARTED;
      if (status?.phase !== "Running") return NOT_STARTED;
      const restarts = statusOf(report, component)?.restartCount ?? 0;
      if (restartedFrom === undefined) {
        if ((await findOutdatedFile(system, { report, component, loads })) === undefined) return undefined;
        await runner.restart(metadata);
        restartedFrom = restarts;
        if (known !== undefined) known.ends += 1;
      }
      return restarts > restartedFrom ? undefined : RESTARTING;
    },
    findFailure: async () => {
      const report = await read();
      const ends = countEnds(report, component);
      const newEnds = ends - (known?.ends ?? 0);
      if (report === undefined || (ends > 0 && newEnds <= 0)) return undefined;
      const failure = await explainContainer(system, { report, container: component });
      return failure === undefined ? undefined : { ...failure, newEnds };
    },
    readLastLine: async () => {
      const report = await read();
      return report === undefined ? undefined : readLastLine(system, { report, container: component });
    },
  };
}

/** How many runs of a component have ended: all but the one that runs. */
function countEnds(report: PodReport | undefined, component: string): number {
  const status = statusOf(report, component);
  if (status === undefined) return 0;
  const { state, lastState } = status;
  const ended = state.terminated ?? (state.waiting === undefined ? undefined : lastState.terminated);
  return status.restartCount + (ended === undefined ? 0 : 1);
}

function statusOf(report: PodReport | undefined, component: string): ContainerStatus | undefined {
  return report?.pod.status?.containerStatuses?.find(({ name }) => name === component);
}
