/** What a known message means. */
export interface FailureMeaning {
  readonly cause: string;
  /** A command or an edit that the reader can do now. */
  readonly fix: string;
  /** The port that somebody else has. */
  readonly taken?: { readonly host: string; readonly port: number };
  /** Where nobody answered: whoever answers there now is not what is lacking. */
  readonly silentAddress?: string;
}

/** A message that components really write (see test/fixtures/failures), and what it means. */
export interface FailurePattern {
  readonly pattern: RegExp;
  /** It stays so however often the component is started again. */
  readonly permanent: boolean;
  /** The component does not end of it: it tries again and again, in vain. */
  readonly livesOn?: true;
  /** It may lie in what the component's manifest says: a flag, a path, an address. */
  readonly inManifest?: true;
  /** It says something about this long at most, in ms; absent: as long as a complaint counts. */
  readonly withinMs?: number;
  /** `match` holds the pattern's groups, from 1; a group that took no part is empty. */
  readonly explain: (match: readonly string[], component: string) => FailureMeaning;
}
