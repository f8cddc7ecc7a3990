import type { System } from "../system/system.ts";
import type { ContainerSpec } from "./types.ts";

/** Looks whether a container got the oom_score_adj it was to have. */
export type OomScoreCheck = (container: {
  readonly spec: ContainerSpec;
  readonly pid: number;
}) => Promise<void>;

/** Warns once when the kernel refuses a lower score, as it does without CAP_SYS_RESOURCE. Source: proc(5). */
export function createOomScoreCheck(system: System): OomScoreCheck {
  let warned = false;
  return async ({ spec, pid }) => {
    if (warned || spec.oomScoreAdjust === undefined) return;
    const actual = await system.fs.readText(`/proc/${pid}/oom_score_adj`).catch(() => undefined);
    if (actual === undefined || Number(actual) === spec.oomScoreAdjust) return;
    warned = true;
    system.log.warn("oom_score_adj cannot be lowered here; containers keep the runner's", {
      wanted: spec.oomScoreAdjust,
      actual: Number(actual),
    });
  };
}
