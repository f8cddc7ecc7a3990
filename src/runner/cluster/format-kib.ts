/** KiB as the API server writes them back: in the largest unit that needs no fraction. */
export function formatKiB(kib: number): string {
  let value = Math.max(0, Math.floor(kib));
  let unit = 0;
  while (value > 0 && value % 1024 === 0 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return value === 0 ? "0" : `${value}${BINARY_UNITS[unit]}`;
}

const BINARY_UNITS = ["Ki", "Mi", "Gi", "Ti", "Pi"] as const;
