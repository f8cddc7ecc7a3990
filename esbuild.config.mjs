import { realpathSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { build, transform } from "esbuild";
import { esbuildTemplates } from "./templates/precompile.mjs";

const HOME = import.meta.dirname;
const OPTIONS = { platform: "node", target: "node20.19", minifySyntax: true, minifyWhitespace: true };

/** commander can run programs as its subcommands, which none of ours is: loading Node's module for it takes 6 ms. */
const withoutChildProcess = {
  name: "without-child-process",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes("node_modules/commander/") ? { path: "none", namespace: "without" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "without" }, () => ({ contents: "" }));
  },
};

/** Builds the program into a directory that is emptied first; tests put modules of theirs in the place of some. */
export async function buildProgram(dist, plugins = []) {
  const { metafile, outputFiles } = await build({
    ...OPTIONS,
    entryPoints: ["src/main.ts"],
    absWorkingDir: HOME,
    outdir: join(dist, "chunks"),
    bundle: true,
    // What a command does not need is not loaded.
    splitting: true,
    format: "esm",
    write: false,
    legalComments: "none",
    metafile: true,
    plugins: [esbuildTemplates, withoutChildProcess, ...plugins],
    chunkNames: "[name]-[hash]",
  });
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, "chunks"), { recursive: true });
  await Promise.all(outputFiles.map(writeChunk));
  await writeFile(join(dist, "THIRD-PARTY.txt"), await formatNotice(Object.keys(metafile.inputs)));
  // The last, for bin/slipway takes it for the bundle's age.
  await writeFile(join(dist, "main.cjs"), await readFile(join(HOME, "src/load-chunks.cjs"), "utf8"));
}

/** Writes one chunk as the function that src/load-chunks.cjs calls, and what V8 makes of it beside it. */
async function writeChunk({ path, text }) {
  const { code } = await transform(text, {
    ...OPTIONS,
    format: "cjs",
    charset: "ascii",
    supported: { "dynamic-import": false },
    define: { "import.meta.dirname": "__dirname" },
  });
  const chunk = `(function(exports,require,module,__dirname){${code}})`;
  await writeFile(path, chunk);
  await writeFile(`${path}.compiled`, compile(chunk, path));
}

/** All of its functions, also those that V8 would leave until they are called. It takes only what was compiled under its flags. */
function compile(code, filename) {
  setFlagsFromString("--no-lazy");
  const script = new Script(code, { filename });
  setFlagsFromString("--lazy");
  return script.createCachedData();
}

/** What the licences of the packages whose code is in the bundle ask for: their names and texts. */
async function formatNotice(inputs) {
  const dirs = new Set(inputs.flatMap((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const parts = await Promise.all([...dirs].map((dir) => formatPackage(resolve(HOME, dir))));
  return `Slipway contains code of these packages.\n\n${[...new Set(parts)].sort().join("\n")}`;
}

async function formatPackage(dir) {
  const { name, version, license } = JSON.parse(await readFile(resolve(dir, "package.json"), "utf8"));
  const file = (await readdir(dir)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence text to hand on`);
  const text = await readFile(resolve(dir, file), "utf8");
  return `${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text.trimEnd()}\n`;
}

const [, script] = process.argv;
if (script !== undefined && realpathSync(script) === import.meta.filename)
  await buildProgram(join(HOME, "dist"));
