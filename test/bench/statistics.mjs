/** The middle of some numbers, and how far they lie apart. */
export function summarize(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
  return { median, min: sorted[0], max: sorted.at(-1), runs: sorted.length };
}

/** A row of the report. Units: s, ms, MB, %, ×. */
export function row(what, unit, values) {
  return { what, unit, ...summarize(values) };
}

/** A row of ratios, run by run: noise that both sides of a pair saw falls out. */
export function ratioRow(what, { over, under }) {
  return row(
    what,
    "×",
    over.map((value, index) => value / under[index]),
  );
}
