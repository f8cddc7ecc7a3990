import type { RefusedManifest } from "./protocol.ts";

/** Why a file is refused, without its own name, and what becomes of its pod. */
export function describeRefusal({ origin, message, keepsLastGood }: RefusedManifest): string {
  const why = message.replace(`cannot read ${origin}: `, "it cannot be read: ").replace(`${origin}: `, "");
  return keepsLastGood ? `${why}; its pod goes on as it was before` : why;
}
