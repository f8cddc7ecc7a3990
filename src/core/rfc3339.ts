/** A moment as RFC 3339 in UTC with whole seconds, cut, as metav1.Time is written: `2026-11-22T17:00:00Z`. */
export function formatRfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
