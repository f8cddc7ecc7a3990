import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLONE = resolve(import.meta.dirname, "../..");
const COPIED = [
  "bin",
  "src",
  "templates",
  ".npmrc",
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "esbuild.config.mjs",
  "package.json",
  "package-lock.json",
];
const QUIET = ["--no-fund", "--no-audit", "--loglevel=error", "--prefer-offline"];

let dir: string;

/** The package as it would be published, made without a script of any dependency, and installed. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-package-"));
  const clone = join(dir, "clone");
  for (const name of COPIED) await cp(join(CLONE, name), join(clone, name), { recursive: true });
  await execa("npm", ["ci", "--ignore-scripts", ...QUIET], { cwd: clone });
  await execa("npm", ["pack", "--pack-destination", dir, ...QUIET], { cwd: clone });
  const archive = (await readdir(dir)).find((name) => name.endsWith(".tgz")) ?? "";
  await execa("npm", ["install", "--ignore-scripts", "--prefix", dir, join(dir, archive), ...QUIET], {
    cwd: dir,
  });
});
afterAll(() => rm(dir, { recursive: true }));

test("a clone whose dependencies ran no script makes a package that works alone", async () => {
  expect((await readdir(join(dir, "node_modules"))).filter((name) => !name.startsWith("."))).toEqual([
    "slipway",
  ]);
  const { stdout } = await execa(join(dir, "node_modules/.bin/slipway"), ["version"], { cwd: "/" });
  expect(stdout).toMatch(/^slipway \d/);
});

test("the package holds the program, its licence and those of the code in it", async () => {
  const installed = join(dir, "node_modules/slipway");
  expect(await readdir(installed)).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bin",
    "dist",
    "package.json",
    "templates",
  ]);
  // What V8 has made of it is for the Node.js that has built it.
  expect((await readdir(join(installed, "dist/chunks"))).filter((name) => !name.endsWith(".js"))).toEqual([]);
  const notice = await readFile(join(installed, "dist/THIRD-PARTY.txt"), "utf8");
  for (const name of [
    "commander",
    "execa",
    "handlebars",
    "inquirer",
    "listr2",
    "node-forge",
    "tar",
    "valibot",
    "yaml",
  ])
    expect(notice).toMatch(new RegExp(`^${name} \\d`, "m"));
});
