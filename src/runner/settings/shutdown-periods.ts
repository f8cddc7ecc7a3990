/** What a KubeletConfiguration says of a node's shutdown; undefined durations are not set. */
export interface ShutdownFields {
  readonly shutdownGracePeriod: number;
  readonly shutdownGracePeriodCriticalPods: number;
  readonly shutdownGracePeriodByPodPriority: readonly {
    readonly priority: number;
    readonly shutdownGracePeriodSeconds: number;
  }[];
}

/** How long pods from this priority on, up to the next period's, may take to end when their machine goes down. */
export interface ShutdownPeriod {
  readonly priority: number;
  readonly graceSeconds: number;
}

/** Source: pkg/apis/scheduling/types.go SystemCriticalPriority, DefaultPriorityWhenNoDefaultClassExists. */
const CRITICAL_PRIORITY = 2_000_000_000;
const DEFAULT_PRIORITY = 0;

/**
 * The periods, the lowest priority first; none when pods have their own grace. Durations are milliseconds.
 * Source: kubelet nodeshutdown/nodeshutdown_manager.go newPodManager, migrateConfig.
 */
export function computeShutdownPeriods(fields: ShutdownFields): readonly ShutdownPeriod[] {
  const { shutdownGracePeriod: wholeMs, shutdownGracePeriodCriticalPods: criticalMs } = fields;
  if (fields.shutdownGracePeriodByPodPriority.length > 0) {
    return fields.shutdownGracePeriodByPodPriority
      .map(({ priority, shutdownGracePeriodSeconds: graceSeconds }) => ({ priority, graceSeconds }))
      .sort((left, right) => left.priority - right.priority);
  }
  if (wholeMs === 0) return [];
  return [
    { priority: DEFAULT_PRIORITY, graceSeconds: Math.floor((wholeMs - criticalMs) / 1000) },
    { priority: CRITICAL_PRIORITY, graceSeconds: Math.floor(criticalMs / 1000) },
  ];
}

/** How long a machine's pods may take to end altogether; undefined when each has its own grace. */
export function sumShutdownPeriods(periods: readonly ShutdownPeriod[]): number | undefined {
  return periods.length === 0 ? undefined : periods.reduce((sum, { graceSeconds }) => sum + graceSeconds, 0);
}

/**
 * The period of a pod: the highest that begins at or below its priority, or the lowest there is.
 * Source: kubelet nodeshutdown/nodeshutdown_manager.go groupByPriority.
 */
export function selectShutdownPeriod(
  periods: readonly ShutdownPeriod[],
  priority: number,
): ShutdownPeriod | undefined {
  return periods.findLast((period) => period.priority <= priority) ?? periods[0];
}

/** What the kubelet refuses of them, by field. Source: pkg/kubelet/apis/config/validation/validation.go. */
export function findShutdownFaults(
  fields: ShutdownFields,
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const { shutdownGracePeriod: wholeMs, shutdownGracePeriodCriticalPods: criticalMs } = fields;
  const isShort = (ms: number): boolean => ms < 0 || (ms > 0 && ms < 1000);
  const byPriority = fields.shutdownGracePeriodByPodPriority.length > 0;
  return [
    ...(criticalMs > wholeMs
      ? [fault("shutdownGracePeriodCriticalPods", "must be at most shutdownGracePeriod")]
      : []),
    ...(isShort(wholeMs) ? [fault("shutdownGracePeriod", AT_LEAST)] : []),
    ...(isShort(criticalMs) ? [fault("shutdownGracePeriodCriticalPods", AT_LEAST)] : []),
    ...(byPriority && (wholeMs > 0 || criticalMs > 0)
      ? [fault("shutdownGracePeriodByPodPriority", "cannot be set together with shutdownGracePeriod")]
      : []),
  ];
}

const AT_LEAST = "must be 0s or at least 1s";

function fault(
  field: string,
  message: string,
): { readonly path: readonly string[]; readonly message: string } {
  return { path: [field], message };
}
