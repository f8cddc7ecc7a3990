import { covers } from "../../api/covers.ts";
import { readField } from "../../api/read-field.ts";
import { isObject } from "../../core/json.ts";

/**
 * Whether a live status of a Node or Pod shows all of ours. Conditions are found by type, for others add their own;
 * a heartbeat alone is no difference.
 */
export function showsStatus(live: unknown, wanted: Readonly<Record<string, unknown>>): boolean {
  const { conditions, ...rest } = wanted;
  return covers(live, rest) && asObjects(conditions).every((condition) => hasCondition(live, condition));
}

function hasCondition(live: unknown, wanted: Readonly<Record<string, unknown>>): boolean {
  const { lastHeartbeatTime: _, ...rest } = wanted;
  const found = asObjects(readField(live, "conditions")).find((one) => one["type"] === wanted["type"]);
  return found !== undefined && covers(found, rest);
}

function asObjects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
