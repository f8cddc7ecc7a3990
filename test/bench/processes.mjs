import { readdir, readFile } from "node:fs/promises";

/** Clock ticks per second in /proc/PID/stat: USER_HZ is 100 wherever Node runs. Source: proc(5), sysconf(3). */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used, user and system, without its children. */
export async function readCpuSeconds(pid) {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Megabytes (10^6 bytes) of a process: resident, its highest, and its share of what it maps with others. */
export async function readMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytes = (text, name) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) * 1024) / 1e6;
  return {
    residentMb: megabytes(status, "VmRSS"),
    highestMb: megabytes(status, "VmHWM"),
    shareMb: megabytes(rollup, "Pss"),
  };
}

/** The pids of the processes whose arguments match. */
export async function findProcesses(matches) {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
      return text !== "" && matches(text.replace(/\0$/, "").split("\0"));
    }),
  );
  return names.filter((_name, index) => found[index]).map(Number);
}

/** The shims of a root's containers: shells that stand between the runner and a container. */
export function findShims(root) {
  return findProcesses((argv) => argv[3] === "slipway-shim" && (argv[4] ?? "").startsWith(`${root}/`));
}
