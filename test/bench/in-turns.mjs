/** Measures both, in even runs the left one first, in odd ones the right: what the first leaves warm favours neither. */
export async function measureInTurns(run, left, right) {
  if (run % 2 === 0) return [await left(), await right()];
  const measured = await right();
  return [await left(), measured];
}
