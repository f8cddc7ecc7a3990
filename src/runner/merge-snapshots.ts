import type { RefusedManifest } from "../control/protocol.ts";
import { fullNameOf } from "../pod/default-pod.ts";
import type { DesiredPod, SourceSnapshot } from "./types.ts";

/**
 * All pods that should run, one for each full name and each UID, and what is refused. Where two files name one pod, or
 * give two pods one UID, the one that runs already stays, else the first in order is taken; the other is refused by name.
 */
export function mergeSnapshots(options: {
  readonly snapshots: readonly SourceSnapshot[];
  /** Where the pod of that full name that runs now came from. */
  readonly runningOrigin: (fullName: string) => string | undefined;
}): { readonly pods: readonly DesiredPod[]; readonly refused: readonly RefusedManifest[] } {
  const runs = ({ pod, origin }: DesiredPod): boolean => options.runningOrigin(fullNameOf(pod)) === origin;
  const candidates = options.snapshots.flatMap((snapshot) => snapshot.pods);
  const named = choose(candidates, { keyOf: ({ pod }) => fullNameOf(pod), runs });
  // A pod's volumes and cgroup are its UID's.
  const chosen = choose(named.chosen, { keyOf: ({ pod }) => pod.metadata.uid, runs });
  return {
    pods: chosen.chosen,
    refused: [
      ...options.snapshots.flatMap((snapshot) => snapshot.refused),
      ...named.rivals.map((pair) => refuse(pair, describeName(pair))),
      ...chosen.rivals.map((pair) => refuse(pair, describeUid(pair))),
    ],
  };
}

/** One that is not run, and the one that is in its place. */
interface Rivals {
  readonly candidate: DesiredPod;
  readonly winner: DesiredPod;
}

/** One pod for each key. */
function choose(
  candidates: readonly DesiredPod[],
  {
    keyOf,
    runs,
  }: { readonly keyOf: (pod: DesiredPod) => string; readonly runs: (pod: DesiredPod) => boolean },
): { readonly chosen: readonly DesiredPod[]; readonly rivals: readonly Rivals[] } {
  const chosen = new Map<string, DesiredPod>();
  for (const candidate of candidates) {
    const before = chosen.get(keyOf(candidate));
    if (before === undefined || (runs(candidate) && !runs(before))) chosen.set(keyOf(candidate), candidate);
  }
  const rivals = candidates.flatMap((candidate) => {
    const winner = chosen.get(keyOf(candidate));
    return winner === undefined || winner === candidate ? [] : [{ candidate, winner }];
  });
  return { chosen: [...chosen.values()], rivals };
}

function describeName({ candidate, winner }: Rivals): string {
  const fullName = fullNameOf(candidate.pod);
  return winner.origin === candidate.origin
    ? `it names the pod ${fullName} twice; the first one counts`
    : `the pod ${fullName} is already run from ${winner.origin}; rename one or remove one`;
}

function describeUid({ candidate, winner }: Rivals): string {
  const { uid } = candidate.pod.metadata;
  const other = `${fullNameOf(winner.pod)} of ${winner.origin}`;
  return `the pod ${fullNameOf(candidate.pod)} has the metadata.uid ${uid} of the pod ${other}; give it another or none`;
}

function refuse({ candidate: { origin } }: Rivals, why: string): RefusedManifest {
  return { origin, code: "SLIPWAY_MANIFEST_INVALID", message: `${origin}: ${why}`, keepsLastGood: false };
}
