import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { createTempTree } from "../../support/temp-tree.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

let metafile: Metafile;

beforeAll(async () => {
  const result = await build({
    entryPoints: ["src/main.ts"],
    absWorkingDir: ROOT,
    bundle: true,
    format: "esm",
    platform: "node",
    splitting: true,
    write: false,
    logLevel: "error",
    loader: { ".hbs": "empty" },
    outdir: "out",
    metafile: true,
  });
  metafile = result.metafile;
});

/** The source files that are loaded before any command runs: those that no dynamic import stands before. */
function loadedAtStart(): readonly string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind, external } of metafile.inputs[path]?.imports ?? []) {
      if (kind !== "dynamic-import" && external !== true) visit(next);
    }
  };
  visit("src/main.ts");
  return [...seen];
}

test("help loads commander, the command tree and the words of errors, and nothing else", () => {
  const packages = loadedAtStart().flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  expect([...new Set(packages)]).toEqual(["commander"]);
  const rooms = loadedAtStart().flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []);
  expect([...new Set(rooms)].toSorted()).toEqual(["cli", "core"]);
});

test("no command is loaded at the start that could be loaded when it runs", () => {
  const heavy = loadedAtStart().filter((path) =>
    /(?:create-ui|progress|format-|init-output|yaml|output)/.test(path),
  );
  expect(heavy).toEqual([]);
});

test("a reader that goes away early ends the program quietly", async () => {
  const dir = createTempTree({});
  const outfile = join(dir, "main.mjs");
  await build({
    entryPoints: [join(ROOT, "src/main.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    loader: { ".hbs": "empty" },
    outfile,
    banner: {
      js: 'import { createRequire as $createRequire } from "node:module";const require = $createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  const child = spawn(process.execPath, [outfile, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const code = await new Promise((done) => child.once("close", done));
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
