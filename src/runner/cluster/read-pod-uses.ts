import type { PodReport } from "../../control/protocol.ts";
import type { ContainerUsage } from "../../runtime/read-container-usage.ts";
import type { Runtime, RuntimeContainer } from "../../runtime/types.ts";

/** A container that runs, with what it uses. */
export interface ContainerUse {
  readonly container: RuntimeContainer;
  readonly usage: ContainerUsage;
}

/** A pod with what runs of it. */
export interface PodUse {
  readonly report: PodReport;
  readonly containers: readonly ContainerUse[];
  /** What they use together; undefined when nothing runs. */
  readonly total: ContainerUsage | undefined;
}

/** What pods use, each with the containers of it that run. */
export async function readPodUses(
  runtime: Pick<Runtime, "list" | "usages">,
  reports: readonly PodReport[],
): Promise<readonly PodUse[]> {
  const usages = await runtime.usages();
  const uses = (await runtime.list()).flatMap((container) => {
    const usage = usages.get(container.id);
    return usage === undefined ? [] : [{ container, usage }];
  });
  return reports.map((report) => {
    const containers = uses.filter(({ container }) => container.spec.podUid === report.pod.metadata.uid);
    return { report, containers, total: sum(containers) };
  });
}

function sum(uses: readonly ContainerUse[]): ContainerUsage | undefined {
  if (uses.length === 0) return undefined;
  const of = (name: keyof ContainerUsage): number =>
    uses.reduce((total, { usage }) => total + usage[name], 0);
  return {
    cpuSeconds: of("cpuSeconds"),
    memoryBytes: of("memoryBytes"),
    workingSetBytes: of("workingSetBytes"),
    residentBytes: of("residentBytes"),
  };
}
