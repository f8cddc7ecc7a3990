/** Ends a `switch` over a union: a case that is missing does not compile, and raises a plain Error at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
