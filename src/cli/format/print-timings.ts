import type { Timing } from "../../commands/init/timings.ts";
import { formatTable } from "../../core/table.ts";
import { writeJsonLine } from "../terminal/tell.ts";

/** Prints on stderr when each part began after the start of the process, how long it took, and this process's CPU. */
export function printTimings(timings: readonly Timing[], { json }: { readonly json: boolean }): void {
  const { user, system } = process.cpuUsage();
  const cpuMs = Math.round((user + system) / 1000);
  if (json) {
    writeJsonLine({ kind: "Timings", items: timings, cpuMs });
    return;
  }
  const rows = timings.map(({ name, startMs, endMs }) => [
    `${Math.round(startMs)} ms`,
    `${Math.round(endMs - startMs)} ms`,
    name,
  ]);
  process.stderr.write(`\n${formatTable(["AT", "TOOK", "WHAT"], rows)}`);
  process.stderr.write(`${Math.round(performance.now())} ms in all; CPU of this process ${cpuMs} ms\n`);
}
