import type { RefusedManifest } from "../control/protocol.ts";
import { fullNameOf } from "../pod/default-pod.ts";
import type { DesiredPod, SourceSnapshot } from "./types.ts";

/**
 * All pods that should run, one for each full name, and what is refused. Where two files name one pod the one that
 * runs already stays, else the first in order is taken; the other is refused by name.
 */
export function mergeSnapshots(options: {
  readonly snapshots: readonly SourceSnapshot[];
  /** Where the pod of that full name that runs now came from. */
  readonly runningOrigin: (fullName: string) => string | undefined;
}): { readonly pods: readonly DesiredPod[]; readonly refused: readonly RefusedManifest[] } {
  const chosen = new Map<string, DesiredPod>();
  const candidates = options.snapshots.flatMap((snapshot) => snapshot.pods);
  for (const candidate of candidates) {
    const fullName = fullNameOf(candidate.pod);
    const before = chosen.get(fullName);
    const runs = options.runningOrigin(fullName) === candidate.origin;
    if (before === undefined || (runs && before.origin !== candidate.origin)) chosen.set(fullName, candidate);
  }
  const duplicates = candidates.flatMap((candidate) => {
    const fullName = fullNameOf(candidate.pod);
    const winner = chosen.get(fullName);
    return winner === undefined || winner === candidate
      ? []
      : [refuseDuplicate({ candidate, winner, fullName })];
  });
  return {
    pods: [...chosen.values()],
    refused: [...options.snapshots.flatMap((snapshot) => snapshot.refused), ...duplicates],
  };
}

function refuseDuplicate(pair: {
  readonly candidate: DesiredPod;
  readonly winner: DesiredPod;
  readonly fullName: string;
}): RefusedManifest {
  const { candidate, winner, fullName } = pair;
  const why =
    winner.origin === candidate.origin
      ? `it names the pod ${fullName} twice; the first one counts`
      : `the pod ${fullName} is already run from ${winner.origin}; rename one or remove one`;
  return {
    origin: candidate.origin,
    code: "SLIPWAY_MANIFEST_INVALID",
    message: `${candidate.origin}: ${why}`,
    keepsLastGood: false,
  };
}
