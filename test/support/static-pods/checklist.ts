/** Where a behaviour is proved, or why there is nothing to prove. */
export type Proof = readonly [file: string, title: string] | { readonly why: string };

/** One thing that a kubelet does for static pods. */
export type Row = readonly [behaviour: string, ...proofs: readonly Proof[]];

/**
 * What a kubelet 1.37 does for static pods, by subject; each is proved by the tests behind it. `why`: it cannot be for
 * processes of the machine, or it is otherwise here on purpose.
 */
export type Checklist = Readonly<Record<string, readonly Row[]>>;

/** Names a test of a file below `test` by its title. */
export const at =
  (file: string) =>
  (title: string): Proof => [file, title];
