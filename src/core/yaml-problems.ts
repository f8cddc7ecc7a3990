/** What the parser's codes mean to a person who has written the file; a code without words keeps the parser's. */
const WORDS: Readonly<Record<string, string>> = {
  BAD_ALIAS:
    "a * begins a reference to something that is named nowhere; put text that begins with * in quotes",
  BAD_DQ_ESCAPE: 'the letter after a \\ in "…" means nothing; write \\\\ for a \\, or use single quotes',
  BAD_INDENT:
    "the indentation does not fit the lines above, or a [ or { is not closed; entries of one list or map begin in the same column",
  BAD_SCALAR_START: "a value cannot begin with this character; put the value in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a second key stands within a value; put the value in quotes, or the key on a line of its own",
  BLOCK_IN_FLOW: "within [ ] and { } a list or map cannot go over several lines by indentation",
  MULTILINE_IMPLICIT_KEY: 'this line is no "key: value": a colon, or the blank after it, is missing',
  TAB_AS_INDENT: "a tab indents this line; YAML takes only blanks there",
  TAG_RESOLVE_FAILED: "a ! begins a type that is not known; put text that begins with ! in quotes",
  UNEXPECTED_TOKEN: "this does not belong to the value before it; put the whole value in quotes",
};

/** Of a key that its mapping has already. */
export const STANDS_TWICE = "this key is there twice";

/** For the one code that stands for several things. */
const MISSING: readonly (readonly [RegExp, string])[] = [
  [/quote/, "a quote is opened here and not closed"],
  [/end with a \}/, "a { is not closed"],
  [/end with a \]/, "a [ is not closed"],
  [/followed by map values/, "a colon is missing after this key"],
];

/** A problem that the YAML parser found, in plain words. */
export function describeYamlProblem(problem: { readonly code: string; readonly message: string }): string {
  const { code, message } = problem;
  if (code !== "MISSING_CHAR") return WORDS[code] ?? message;
  return MISSING.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

/** What went wrong when a text that could be parsed was turned into values. */
export function describeYamlFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/alias count/i.test(message)) return "its references make it too large; write out what they stand for";
  return /unresolved alias/i.test(message) ? (WORDS["BAD_ALIAS"] ?? message) : message;
}
