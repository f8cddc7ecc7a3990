import { findComponent } from "../../control/find-component.ts";
import type { PodReport } from "../../control/protocol.ts";
import type { ControlPlaneComponent } from "../../core/constants.ts";
import { findStatus } from "../container-subject.ts";

/** How often components have ended by themselves since the first look: what was before is over. */
export interface EndTally {
  look(reports: readonly PodReport[]): void;
  /** Undefined: what is wrong with it, if anything, is from before the first look. */
  countNew(reports: readonly PodReport[], component: ControlPlaneComponent): number | undefined;
  /** It is going to end because it is told to. */
  expectEnd(component: ControlPlaneComponent): void;
}

interface Before {
  readonly uid: string | undefined;
  ends: number;
  /** When a start that had failed already was to be tried again. */
  readonly nextStartAt: string | undefined;
}

/** A tally of these components; a pod that is replaced begins anew. */
export function createEndTally(components: readonly ControlPlaneComponent[]): EndTally {
  const known = new Map<string, Before>();
  return {
    look: (reports) => {
      for (const component of components) {
        const report = findComponent(reports, component);
        const uid = report?.pod.metadata.uid;
        const before = known.get(component);
        if (before === undefined) {
          const nextStartAt = findNextStart(report, component);
          known.set(component, { uid, ends: countEnds(report, component), nextStartAt });
        } else if (before.uid !== uid) known.set(component, { uid, ends: 0, nextStartAt: undefined });
      }
    },
    countNew: (reports, component) => {
      const report = findComponent(reports, component);
      const before = known.get(component);
      const ends = countEnds(report, component);
      const newEnds = ends - (before?.ends ?? 0);
      if (before?.nextStartAt !== undefined && isWaiting(report, component)) {
        const nextStartAt = findNextStart(report, component);
        // Nobody has tried again, or somebody is about to.
        if (nextStartAt === undefined || nextStartAt === before.nextStartAt) return undefined;
        return Math.max(newEnds, 0);
      }
      return ends > 0 && newEnds <= 0 ? undefined : newEnds;
    },
    expectEnd: (component) => {
      const before = known.get(component);
      if (before !== undefined) before.ends += 1;
    },
  };
}

/** When its next start is due, while that is later. */
export function findNextStart(report: PodReport | undefined, component: string): string | undefined {
  return report?.containers.find(({ name }) => name === component)?.nextStartAt;
}

function isWaiting(report: PodReport | undefined, component: string): boolean {
  return report !== undefined && findStatus({ report, container: component })?.state.waiting !== undefined;
}

/** How many runs of a component have ended: all but the one that runs. */
function countEnds(report: PodReport | undefined, component: string): number {
  const status = report === undefined ? undefined : findStatus({ report, container: component });
  if (status === undefined) return 0;
  const { state, lastState } = status;
  const ended = state.terminated ?? (state.waiting === undefined ? undefined : lastState.terminated);
  return status.restartCount + (ended === undefined ? 0 : 1);
}
