import { measureCovered, type Timing } from "../../commands/init/timings.ts";
import { formatTable } from "../../core/table.ts";
import type { Clock } from "../../system/clock.ts";
import { writeJsonLine } from "../terminal/tell.ts";

/**
 * Prints on stderr when each part began after the start of the process, how long it took, what the process used of the
 * CPU meanwhile, and during how much of all that it waited for somebody.
 */
export function printTimings(
  timings: readonly Timing[],
  { clock, json }: { readonly clock: Pick<Clock, "monotonicMs" | "cpuMs">; readonly json: boolean },
): void {
  const totalMs = clock.monotonicMs();
  const cpuMs = Math.round(clock.cpuMs());
  const waitedMs = measureCovered(timings.filter(({ isWait }) => isWait));
  if (json) {
    writeJsonLine({ kind: "Timings", items: timings, totalMs, waitedMs, cpuMs });
    return;
  }
  const rows = timings.map(({ name, phase = "", startMs, endMs, cpuMs: used }) => [
    formatMs(startMs),
    formatMs(endMs - startMs),
    formatMs(used),
    phase,
    name,
  ]);
  process.stderr.write(`\n${formatTable(["AT", "TOOK", "CPU", "PHASE", "WHAT"], rows)}`);
  process.stderr.write(
    `${formatMs(totalMs)} in all, during ${formatMs(waitedMs)} of which it waited for a component; CPU of this process ${cpuMs} ms\n`,
  );
}

function formatMs(ms: number): string {
  return `${Math.round(ms)} ms`;
}
