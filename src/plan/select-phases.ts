import { SlipwayError } from "../core/errors.ts";
import { selectNearest } from "../core/nearest.ts";
import type { Phase } from "./phase.ts";

/** A phase without parts, with the name of the phase that it belongs to. */
export interface LeafPhase {
  /** `certs/apiserver`, or `preflight`. */
  readonly path: string;
  readonly top: Phase;
  readonly phase: Phase;
}

/** The phases that have steps of their own, in order. */
export function listLeaves(phases: readonly Phase[]): readonly LeafPhase[] {
  return phases.flatMap((top) =>
    top.phases === undefined
      ? [{ path: top.name, top, phase: top }]
      : top.phases.map((phase) => ({ path: `${top.name}/${phase.name}`, top, phase })),
  );
}

/**
 * The leaves that names select: a phase stands for all of its parts; `certs/apiserver` for one, case and kubeadm's
 * aliases as kubeadm takes them. Raises SLIPWAY_USAGE for an unknown name. Source: kubeadm workflow/runner.go.
 */
export function selectLeaves(phases: readonly Phase[], names: readonly string[]): readonly LeafPhase[] {
  const leaves = listLeaves(phases);
  return names.flatMap((name) => {
    const wanted = name.toLowerCase().replace(/\/all$/, "");
    const selected = leaves.filter((leaf) => namesOf(leaf).includes(wanted));
    if (selected.length === 0) throw unknownPhase(name, [...new Set(leaves.flatMap(namesOf))]);
    return selected;
  });
}

function namesOf({ top, phase, path }: LeafPhase): readonly string[] {
  const tops = [top.name, ...(top.aliases ?? [])];
  return phase === top ? tops : [...tops, ...tops.map((name) => `${name}/${phase.name}`), path];
}

function unknownPhase(name: string, known: readonly string[]): SlipwayError {
  const nearest = selectNearest(name, known);
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `"${name}" is no phase of init`,
    why: "there is no phase of that name",
    fix:
      nearest === undefined
        ? "a part is named like certs/apiserver; to see the phases: slipway init phase --help"
        : `did you mean "${nearest}"?`,
  });
}
