import { messageOf } from "../core/errors.ts";
import type { UnknownFact } from "./types.ts";

/** Reads facts one by one; what cannot be read is noted and the fallback stands for it. */
export interface FactReader {
  /** The value that `read` gives, or `fallback` when it throws. `fact` names it for people. */
  read<T>(fact: string, options: { readonly read: () => T | Promise<T>; readonly fallback: T }): Promise<T>;
  /** Notes that a part of a fact could not be read. */
  note(unknown: UnknownFact): void;
  /** What could not be read, in the order of the facts' names. */
  unknown(): readonly UnknownFact[];
}

/** A reader that has read nothing. */
export function createFactReader(): FactReader {
  const unknown: UnknownFact[] = [];
  return {
    read: async (fact, { read, fallback }) => {
      try {
        return await read();
      } catch (error) {
        unknown.push({ fact, reason: messageOf(error) });
        return fallback;
      }
    },
    note: (part) => void unknown.push(part),
    unknown: () => unknown.toSorted((left, right) => (left.fact < right.fact ? -1 : 1)),
  };
}
