import { quoteShown } from "../../core/quote-shell.ts";

/** More than these fill the screen. */
const MAX_SHOWN_ROOTS = 3;

/** Where else a runner can be asked, and how; undefined: nowhere. */
export function describeOtherRoots(roots: readonly string[]): string | undefined {
  if (roots.length === 0) return undefined;
  const commands = roots.map((root) => `slipway status --root ${quoteShown(root)}`);
  const more = roots.length > MAX_SHOWN_ROOTS ? ", …" : "";
  return `a runner runs under another root: ${commands.slice(0, MAX_SHOWN_ROOTS).join(", ")}${more}`;
}
