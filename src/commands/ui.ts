/** A choice in a question. */
export interface Choice {
  readonly name: string;
  readonly value: string;
}

/** How commands speak with a person. Answers of commands are their return values; this is everything else. */
export interface Ui {
  /** Whether questions may be asked. */
  readonly interactive: boolean;
  /** One plain line on stderr. */
  note(line: string): void;
  warn(line: string): void;
  confirm(question: {
    readonly message: string;
    readonly initial: boolean;
    /** The command that goes on without asking, for where nobody can be asked. */
    readonly unasked: string;
  }): Promise<boolean>;
  select(question: { readonly message: string; readonly choices: readonly Choice[] }): Promise<string>;
  input(question: {
    readonly message: string;
    readonly initial: string;
    /** A sentence when the text is wrong, else undefined. */
    readonly check: (text: string) => string | undefined;
  }): Promise<string>;
  /** Starts a display of phases; the caller ends it. */
  showProgress(phases: readonly ProgressPhase[]): Progress;
}

/** A phase of a display and how many steps it has. */
export interface ProgressPhase {
  readonly name: string;
  readonly short: string;
  readonly steps: number;
}

/** A display of work that goes on. Lines belong to a phase; a phase may come and go several times. */
export interface Progress {
  /** What the phase is waiting for now; called often. */
  waiting(phase: string, detail: string): void;
  /** One step is done; `title` is undefined when it is not worth a line. */
  done(phase: string, title: string | undefined): void;
  /** Ends the display; what is not done is marked as failed when `ok` is false. */
  end(ok: boolean): Promise<void>;
}
