import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../../src/core/error-codes.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CODES = Object.keys(ERROR_CODES);

function readSources(dir: string): string {
  return readdirSync(join(ROOT, dir), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith("error-codes.ts"))
    .map((name) => readFileSync(join(ROOT, dir, name), "utf8"))
    .join("\n");
}

test.each(["src", "test"])("every code stands somewhere in %s", (dir) => {
  const text = readSources(dir);
  expect(CODES.filter((code) => !text.includes(`"${code}"`))).toEqual([]);
});
