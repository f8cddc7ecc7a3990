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

/** A tally of these components; a pod that is replaced begins anew. */
export function createEndTally(components: readonly ControlPlaneComponent[]): EndTally {
  const known = new Map<string, { readonly uid: string | undefined; ends: number }>();
  return {
    look: (reports) => {
      for (const component of components) {
        const report = findComponent(reports, component);
        const uid = report?.pod.metadata.uid;
        const before = known.get(component);
        if (before === undefined) known.set(component, { uid, ends: countEnds(report, component) });
        else if (before.uid !== uid) known.set(component, { uid, ends: 0 });
      }
    },
    countNew: (reports, component) => {
      const ends = countEnds(findComponent(reports, component), component);
      const newEnds = ends - (known.get(component)?.ends ?? 0);
      return ends > 0 && newEnds <= 0 ? undefined : newEnds;
    },
    expectEnd: (component) => {
      const before = known.get(component);
      if (before !== undefined) before.ends += 1;
    },
  };
}

/** How many runs of a component have ended: all but the one that runs. */
function countEnds(report: PodReport | undefined, component: string): number {
  const status = report === undefined ? undefined : findStatus({ report, container: component });
  if (status === undefined) return 0;
  const { state, lastState } = status;
  const ended = state.terminated ?? (state.waiting === undefined ? undefined : lastState.terminated);
  return status.restartCount + (ended === undefined ? 0 : 1);
}
