import { measureCovered, type Timing } from "../../commands/init/timings.ts";
import { formatTable } from "../../core/table.ts";
import { writeJsonLine } from "../terminal/tell.ts";

/**
 * Prints on stderr when each part began after the start of the process, how long it took, what the process used of the
 * CPU meanwhile, and during how much of all that it waited for somebody.
 */
export function printTimings(timings: readonly Timing[], { json }: { readonly json: boolean }): void {
  const { user, system } = process.cpuUsage();
  const totalMs = performance.now();
  const cpuMs = Math.round((user + system) / 1000);
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
