import fc from "fast-check";

/** How long each property is tried, within a few runs; more when CI or a person asks. */
const BUDGET_MS = Number(process.env["SLIPWAY_FUZZ_MS"] ?? 2000);

/** Fixed, so that the same change gets the same answer; other values are sought with SLIPWAY_FUZZ_SEED. */
const SEED = Number(process.env["SLIPWAY_FUZZ_SEED"] ?? 1);

/** Tries a property until its time is used up; a property that is still at one value long after that hangs. */
export async function tryFor<T>(values: fc.Arbitrary<T>, check: (value: T) => unknown): Promise<void> {
  await fc.assert(
    fc.asyncProperty(values, async (value) => {
      await check(value);
    }),
    {
      seed: SEED,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: BUDGET_MS,
      markInterruptAsFailure: false,
      timeout: HANG_MS,
    },
  );
}

/** Ours: any value takes a few milliseconds, on a busy machine a hundred times that. */
const HANG_MS = 5000;

/** Bytes of any kind, and texts with some of their bytes changed, cut out or doubled. */
export function bytesLike(texts: readonly string[]): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { maxLength: 8 }), fc.nat(), fc.nat(), fc.boolean())
    .map(([text, changes, from, length, doubles]) => {
      const raw = Buffer.from(text);
      for (const [at, value] of changes) if (raw.length > 0) raw[at % raw.length] = value;
      const start = from % (raw.length + 1);
      const piece = raw.subarray(start, start + (length % 40));
      return doubles
        ? Buffer.concat([raw.subarray(0, start), piece, raw.subarray(start)])
        : Buffer.concat([raw.subarray(0, start), raw.subarray(start + piece.length)]);
    });
  return fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((raw) => Buffer.from(raw)),
    { arbitrary: mutated, weight: 4 },
  );
}
