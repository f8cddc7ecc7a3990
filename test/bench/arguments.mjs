import { parseArgs } from "node:util";

/** What `--help` prints. */
export const USAGE = ({
  all,
  onlyWhenNamed,
}) => `Usage: npm run bench -- [--quick] [--only NAME]... [--markdown] [--json FILE]

  --quick        fewer and shorter runs: for a look, not for numbers to quote
  --only NAME    only those that are named, of these:
${all.map((name) => `                   ${name}${onlyWhenNamed.includes(name) ? " (only when named: it takes long)" : ""}`).join("\n")}
  --markdown     print the table as Markdown
  --json FILE    write the table as JSON, too

It needs the components in Slipway's cache: slipway components fetch`;

/** The command line; an unknown benchmark is an error. */
export function parseArguments(argv, { all, onlyWhenNamed }) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      markdown: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  for (const name of values.only) {
    if (!all.includes(name)) throw new Error(`there is no benchmark ${name}: ${all.join(", ")}`);
  }
  return {
    ...values,
    only: values.only.length > 0 ? values.only : all.filter((name) => !onlyWhenNamed.includes(name)),
  };
}
