import { escapeControls } from "../../core/escape-controls.ts";
import { redactSecrets } from "../../core/redact.ts";
import { hasColour } from "./colour.ts";
import { completeOwnHints } from "./complete-hints.ts";

/**
 * A text for people on a stream: without secrets, with hints that can be typed as they stand, and without what would
 * command the terminal but for colours, where it takes them.
 */
export function forPeople(text: string, stream: NodeJS.WriteStream): string {
  return completeOwnHints(hideControls(redactSecrets(text), { colours: hasColour(stream) }));
}

const LINE_BREAK = /(\n)/;
const ESCAPE = "\x1b";
const LINE_BREAK_OR_COLOUR = new RegExp(`(\n|${ESCAPE}\\[\\d{1,2}m)`);

/** What is said may quote a container, a manifest or a file of anybody's. */
export function hideControls(text: string, { colours }: { readonly colours: boolean }): string {
  return text
    .split(colours ? LINE_BREAK_OR_COLOUR : LINE_BREAK)
    .map((part, index) => (index % 2 === 1 ? part : escapeControls(part)))
    .join("");
}
