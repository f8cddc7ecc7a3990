import { readFile } from "node:fs/promises";
import handlebars from "handlebars";

/**
 * Makes modules of templates when the program is built, so that nothing has to be compiled while a control plane
 * waits. `strict`: a name that the view lacks throws; `noEscape`: what is written is YAML, not HTML.
 */
async function compileTemplate(path) {
  const text = await readFile(path, "utf8");
  return `export const template = ${handlebars.precompile(text, { noEscape: true, strict: true })};`;
}

/** For the bundle. */
export const esbuildTemplates = {
  name: "templates",
  setup: (build) => {
    build.onLoad({ filter: /\.hbs$/ }, async ({ path }) => ({ contents: await compileTemplate(path) }));
  },
};

/** For the tests. */
export const viteTemplates = {
  name: "templates",
  enforce: "pre",
  load: (path) => (path.endsWith(".hbs") ? compileTemplate(path) : undefined),
};
