import type { PlannedStep } from "./fault-plane.ts";

/**
 * Steps in rows of which each needs the one before it: an init that is killed at one has not begun the next, so that
 * one plane will do for a row.
 */
export function chainSteps(
  plan: readonly PlannedStep[],
  ids: readonly string[],
): readonly (readonly string[])[] {
  const needs = new Map(plan.map((step) => [step.id, step.needs]));
  const known = new Map<string, ReadonlySet<string>>();
  const earlier = (id: string): ReadonlySet<string> => {
    const direct = needs.get(id) ?? [];
    const all = known.get(id) ?? new Set(direct.flatMap((need) => [need, ...earlier(need)]));
    known.set(id, all);
    return all;
  };
  const chains: string[][] = [];
  for (const id of ids.toSorted((left, right) => earlier(left).size - earlier(right).size)) {
    const chain = chains.find((candidate) => earlier(id).has(candidate.at(-1) ?? ""));
    if (chain === undefined) chains.push([id]);
    else chain.push(id);
  }
  return chains;
}
