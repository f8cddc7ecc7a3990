import { expect, test } from "vitest";
import { releaseMemory } from "../../../src/system/release-memory.ts";

test("what nobody holds is given back at once", async () => {
  const gone = new WeakRef({ big: new Array(1000).fill("x") });
  const held = { big: new Array(1000).fill("x") };
  // A weak reference keeps what it names until its turn of the event loop is over.
  await new Promise((resolve) => setImmediate(resolve));
  await releaseMemory();
  expect(gone.deref()).toBeUndefined();
  expect(held.big).toHaveLength(1000);
});
