import { isObject } from "../core/json.ts";

/**
 * Whether a live value shows all that is wanted: objects may have more keys (defaults, what others set), lists must
 * have the same length and order, everything else must be equal. A wanted null or undefined is covered by absence.
 */
export function covers(live: unknown, wanted: unknown): boolean {
  if (wanted === null || wanted === undefined) return live === null || live === undefined;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((item, index) => covers(live[index], item))
    );
  }
  if (isObject(wanted)) {
    return isObject(live) && Object.entries(wanted).every(([key, value]) => covers(live[key], value));
  }
  return live === wanted;
}
