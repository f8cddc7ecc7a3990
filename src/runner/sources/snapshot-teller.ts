import { canonicalJson } from "../../core/json.ts";
import { hashPod } from "../../pod/default-pod.ts";
import type { SourceSnapshot } from "../types.ts";

/** What a source has found, whole. */
export type Found = Omit<SourceSnapshot, "source">;

/** Tells what a source has found when it differs from what was told last. */
export function createTeller(
  source: SourceSnapshot["source"],
  onSnapshot: (snapshot: SourceSnapshot) => void,
): (found: Found) => void {
  let lastTold = "";
  return (found) => {
    const key = canonicalJson([found.refused, found.pods.map(({ origin, pod }) => [origin, hashPod(pod)])]);
    if (key === lastTold) return;
    lastTold = key;
    onSnapshot({ source, ...found });
  };
}
