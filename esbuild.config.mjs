import { rm } from "node:fs/promises";
import { build } from "esbuild";
import { esbuildTemplates } from "./templates/precompile.mjs";

await rm(new URL("dist", import.meta.url), { recursive: true, force: true });
await build({
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
  plugins: [esbuildTemplates],
  chunkNames: "chunks/[name]-[hash]",
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as $createRequire } from "node:module";const require = $createRequire(import.meta.url);',
  },
});
