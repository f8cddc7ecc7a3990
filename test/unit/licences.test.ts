import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

/** Licences that let their code be handed on in the bundle, under Slipway's own licence, with their texts beside it. */
const IN_THE_BUNDLE = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  // node-forge, taken under the first of the two.
  "(BSD-3-Clause OR GPL-2.0)",
];

/** Of tools that only run here. */
const FOR_TOOLS = [...IN_THE_BUNDLE, "MIT OR Apache-2.0", "MPL-2.0"];

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

async function readLocked(): Promise<readonly (readonly [string, LockedPackage])[]> {
  const { packages } = JSON.parse(await readFile(resolve(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(packages).filter(([path]) => path !== "");
}

test("every locked package has an exact version and a licence that is known to be acceptable", async () => {
  const strange = (await readLocked()).filter(
    ([, { version, license }]) => !/^\d+\.\d+\.\d+/.test(version ?? "") || !FOR_TOOLS.includes(license ?? ""),
  );
  expect(strange).toEqual([]);
});

test("only tools stand under a licence that asks for more than a notice", async () => {
  const locked = await readLocked();
  const demanding = locked.filter(([, { license }]) => license === "MPL-2.0").map(([path]) => path);
  expect(demanding.every((path) => path.startsWith("node_modules/lightningcss"))).toBe(true);
});

test("the package installs nothing: its code is in the bundle", async () => {
  const text = await readFile(resolve(ROOT, "package.json"), "utf8");
  expect(Object.keys(JSON.parse(text) as object)).not.toContain("dependencies");
  expect((await readLocked()).filter(([, { dev }]) => dev !== true)).toEqual([]);
});
