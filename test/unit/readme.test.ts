import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../../src/core/error-codes.ts";

const README = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");

test("the troubleshooting table has a row for each code with its title, and no other row", () => {
  const rows = [...README.matchAll(/^\| `(SLIPWAY_[A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)];
  const wanted = Object.entries(ERROR_CODES).map(([code, { title }]) => [code, title]);
  expect(rows.map(([, code, title]) => [code, title])).toEqual(wanted);
});
