/** The clock of /proc, on every Linux that Node.js runs on. Source: proc(5). */
export const TICKS_PER_SECOND = 100;

/**
 * The fields of /proc/PID/stat behind the command's name, which may hold anything: the first is the state, the third
 * field of proc_pid_stat(5).
 */
export function splitProcessStat(text: string): readonly string[] {
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
