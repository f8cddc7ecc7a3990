import { join } from "node:path";
import { build } from "esbuild";
import { esbuildTemplates } from "../../templates/precompile.mjs";

/** The repository. */
export const HOME = join(import.meta.dirname, "../..");

/** Bundles TypeScript modules of this repository into one file that Node can run, and gives its path. */
export async function bundleTypeScript({ modules, outfile, dirname }) {
  await build({
    stdin: {
      contents: modules.map((path) => `export * from ${JSON.stringify(`./${path}`)};`).join("\n"),
      resolveDir: HOME,
      loader: "ts",
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "error",
    plugins: [esbuildTemplates],
    // For a module that finds files by where it lies.
    ...(dirname === undefined
      ? {}
      : { define: { "import.meta.dirname": JSON.stringify(join(HOME, dirname)) } }),
    banner: {
      js: 'import { createRequire as $createRequire } from "node:module";const require = $createRequire(import.meta.url);',
    },
  });
  return outfile;
}
