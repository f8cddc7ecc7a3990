import type { PodReport } from "../../control/protocol.ts";
import { fullNameOf } from "../../pod/default-pod.ts";
import type { PodStore } from "../types.ts";

/** A pod store over the workers' reports; `notify` tells its listeners that something has changed. */
export function createPodStore(
  reports: () => readonly Omit<PodReport, "mirrorProblem">[],
): PodStore & { notify(): void } {
  const problems = new Map<string, string>();
  const listeners: (() => void)[] = [];
  const list = (): readonly PodReport[] =>
    reports().map((report) => ({ ...report, mirrorProblem: problems.get(fullNameOf(report.pod)) }));
  return {
    list,
    get: (namespace, name) => list().find((report) => fullNameOf(report.pod) === `${namespace}/${name}`),
    onChange: (listener) => {
      listeners.push(listener);
    },
    setMirrorProblem: (namespace, name, problem) => {
      if (problem === undefined) problems.delete(`${namespace}/${name}`);
      else problems.set(`${namespace}/${name}`, problem);
    },
    notify: () => {
      for (const listener of listeners) listener();
    },
  };
}
