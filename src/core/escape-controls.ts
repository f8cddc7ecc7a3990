/**
 * A text of somebody else's without what a terminal obeys or hides: the bytes of control and format characters are
 * written in octal, `\033`, as `ls -b` and a shell's `$'…'` have it.
 */
export function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  );
}
