import { SlipwayError } from "./errors.ts";
import { selectNearest } from "./nearest.ts";

/** The parts of reset, in order, with kubeadm's names. Source: kubeadm cmd/phases/reset. */
export const RESET_PHASES = [
  { name: "preflight", alias: "pre-flight", short: "Ask, and see that this user may undo init" },
  {
    name: "remove-etcd-member",
    alias: undefined,
    short: "Let etcd leave its cluster, stop it, remove its data",
  },
  {
    name: "cleanup-node",
    alias: "cleanupnode",
    short: "Stop pods and runner, remove all but etcd's data",
  },
] as const;

export type ResetPhase = (typeof RESET_PHASES)[number]["name"];

/** The phases that names stand for, in any letter case. Raises SLIPWAY_USAGE for an unknown name. */
export function readResetPhases(names: readonly string[]): readonly ResetPhase[] {
  return names.map((text) => {
    const wanted = text.toLowerCase();
    const phase = RESET_PHASES.find(({ name, alias }) => name === wanted || alias === wanted);
    if (phase !== undefined) return phase.name;
    const known = RESET_PHASES.map(({ name }) => name);
    const nearest = selectNearest(wanted, known);
    throw new SlipwayError({
      code: "SLIPWAY_USAGE",
      what: `"${text}" is no phase of reset`,
      why: `the phases are ${known.join(", ")}`,
      fix: nearest === undefined ? "name one of them" : `did you mean "${nearest}"?`,
    });
  });
}
