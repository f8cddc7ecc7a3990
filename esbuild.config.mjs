import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";
import { esbuildTemplates } from "./templates/precompile.mjs";

await rm(new URL("dist", import.meta.url), { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ["src/main.ts"],
  absWorkingDir: import.meta.dirname,
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
  plugins: [esbuildTemplates],
  chunkNames: "chunks/[name]-[hash]",
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as $createRequire } from "node:module";const require = $createRequire(import.meta.url);',
  },
});

await writeFile(
  new URL("dist/THIRD-PARTY.txt", import.meta.url),
  await formatNotice(Object.keys(metafile.inputs)),
);

/** What the licences of the packages whose code is in the bundle ask for: their names and texts. */
async function formatNotice(inputs) {
  const dirs = new Set(inputs.flatMap((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const parts = await Promise.all([...dirs].map((dir) => formatPackage(resolve(import.meta.dirname, dir))));
  return `Slipway contains code of these packages.\n\n${[...new Set(parts)].sort().join("\n")}`;
}

async function formatPackage(dir) {
  const { name, version, license } = JSON.parse(await readFile(resolve(dir, "package.json"), "utf8"));
  const file = (await readdir(dir)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence text to hand on`);
  const text = await readFile(resolve(dir, file), "utf8");
  return `${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text.trimEnd()}\n`;
}
