/** How large a container's log may grow. Source: kubelet containerLogMaxSize (10Mi), containerLogMaxFiles (5). */
export interface LogLimits {
  /** The live file is rotated from this size on; 0 or less: never. */
  readonly maxSizeBytes: number;
  /** With the live one. */
  readonly maxFiles: number;
}

/** What to do with the rotated files of one log. */
export interface RotationPlan {
  readonly remove: readonly string[];
  readonly compress: readonly string[];
}

/** `<log name>.<YYYYMMDD-HHMMSS>`, UTC. Source: kubelet logs/container_log_manager.go. */
export function formatRotatedName(logName: string, atMs: number): string {
  const digits = new Date(atMs).toISOString().replace(/[-:]/g, "");
  return `${logName}.${digits.slice(0, 8)}-${digits.slice(9, 15)}`;
}

/**
 * The name for the next rotated file beside those in `names`: of this second, or of the one behind the newest when
 * that is not earlier, for the names are the order of the files and the second is all that tells them apart.
 */
export function nextRotatedName(
  names: readonly string[],
  options: { readonly logName: string; readonly nowMs: number },
): string {
  const newest = names
    .filter((name) => isRotated(name, options.logName))
    .sort()
    .at(-1);
  const afterNewestMs = newest === undefined ? 0 : parseRotatedMs(newest, options.logName) + 1000;
  return formatRotatedName(options.logName, Math.max(options.nowMs, afterNewestMs));
}

/**
 * Keeps the newest rotated files, `maxFiles` with the live one, and compresses all of them but the newest. Leftovers
 * of a compression that was cut off go: the half-made `.tmp`, and the plain file whose `.gz` is complete.
 * Source: kubelet logs/container_log_manager.go.
 */
export function planRotation(
  names: readonly string[],
  options: { readonly logName: string; readonly maxFiles: number },
): RotationPlan {
  const ours = names.filter((name) => isRotated(name, options.logName));
  const leftovers = ours.filter((name) => name.endsWith(".tmp") || ours.includes(`${name}.gz`));
  const rotated = ours.filter((name) => !leftovers.includes(name)).sort();
  const excess = rotated.slice(0, Math.max(0, rotated.length - Math.max(0, options.maxFiles - 1)));
  const kept = rotated.slice(excess.length);
  return {
    remove: [...leftovers, ...excess],
    compress: kept.slice(0, -1).filter((name) => !name.endsWith(".gz")),
  };
}

function isRotated(name: string, logName: string): boolean {
  return (
    name.startsWith(`${logName}.`) && /^\d{8}-\d{6}(\.gz)?(\.tmp)?$/.test(name.slice(logName.length + 1))
  );
}

function parseRotatedMs(name: string, logName: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(name.slice(logName.length + 1)) ?? [];
  // Any digits may stand there.
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) || 0;
}
