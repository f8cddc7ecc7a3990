import { type CST, Lexer, type LineCounter, Parser } from "yaml";

/**
 * Ours: the library calls itself for each level, and a process whose stack it has used up can abort; nothing of
 * Kubernetes' comes near it.
 */
const MAX_DEPTH = 200;

/** Ours: for each reference the library looks through the document. */
const MAX_REFERENCES = 1000;

/**
 * Ours: as much as 280 manifests of kube-apiserver. The library takes 2 to 4 µs for each (measured), and a runner that
 * reads serves no probe meanwhile.
 */
const MAX_LEXEMES = 250_000;

/** A text that is not read any further; `offset` counts UTF-16 units. */
export class UnreadableYaml extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * What the library's parser makes of a text, for its composer; fills `lines`. Raises UnreadableYaml. The parser itself
 * is a machine with a stack of what is open. Source: yaml's Parser.
 */
export function* readYamlTokens(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  let [lexemes, references] = [0, 0];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    lexemes += 1;
    if (lexeme.startsWith("*")) references += 1;
    if (parser.stack.length > MAX_DEPTH)
      throw new UnreadableYaml(`this is nested more than ${MAX_DEPTH} levels deep`, parser.offset);
    if (lexemes > MAX_LEXEMES)
      throw new UnreadableYaml(
        `there are more than ${MAX_LEXEMES} words and signs; write it as JSON, which takes less time to read`,
        parser.offset,
      );
    if (references > MAX_REFERENCES)
      throw new UnreadableYaml(
        `there are more than ${MAX_REFERENCES} references; write out what they stand for`,
        parser.offset,
      );
  }
  yield* parser.end();
}
