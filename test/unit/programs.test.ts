import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");

async function readSources(): Promise<readonly (readonly [path: string, text: string])[]> {
  const names = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith(".ts"));
  return Promise.all(names.map(async (name) => [name, await readFile(join(SRC, name), "utf8")] as const));
}

/** Where programs may be started at all, and where a shell may be among them, with the reason. */
const STARTS_PROGRAMS = ["system/exec.ts"];
const KNOWS_A_SHELL: Readonly<Record<string, string>> = {
  "runtime/shim.ts": "the shim: fixed scripts, whose values are arguments",
  "runtime/logs/spool-keeper.ts": "the spool keeper: a fixed script, whose values are arguments",
  "runtime/input.ts": "a container's input: fixed scripts, whose values are arguments",
  "runtime/exec-session.ts":
    "a terminal: script(1) takes a command as a text only, so each word of it is quoted whole",
};

test("programs are started in one place, and never through a shell", async () => {
  const sources = await readSources();
  const starting = sources
    .filter(([, text]) => /node:child_process|import\("execa"\)|from "execa"/.test(text))
    .filter(([, text]) => !/^import type [^;]*node:child_process";$/m.test(text) || /\bspawn\(/.test(text))
    .map(([name]) => name);
  expect(starting).toEqual(STARTS_PROGRAMS);
  const texts = sources.map(([, text]) => text).join("\n");
  expect(texts).not.toMatch(/\bshell: *(?:true|["'`])/);
  expect(texts).not.toMatch(/\b(?:execSync|execFileSync|execCommand|eval|new Function)\(/);
});

test("a shell is named only where it has a reason", async () => {
  const naming = (await readSources())
    .filter(([, text]) =>
      /["'`](?:\/bin\/)?(?:ba|da)?sh["'`], ["'`]-c["'`]|command: ["'`]\/bin\/sh["'`]/.test(text),
    )
    .map(([name]) => name);
  expect(naming.toSorted()).toEqual(Object.keys(KNOWS_A_SHELL).toSorted());
});

test("the shim's scripts are fixed: no value of anybody's stands in them", async () => {
  for (const name of [...Object.keys(KNOWS_A_SHELL), "runtime/mount-script.ts"]) {
    const text = await readFile(join(SRC, name), "utf8");
    const scripts = [...text.matchAll(/_SCRIPT = `([^`]*)`/g)].map(([, script = ""]) => script);
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).not.toMatch(/(?<!\\)\$\{/);
  }
});
