import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** A file with fixed content, such as a manifest. */
export const fileHandler: StepHandler<"file"> = {
  observe: async (system, { step }) => {
    const text = await system.fs.readTextIfExists(step.path);
    if (text === undefined) return ABSENT;
    return text === step.content
      ? DONE
      : { kind: "differs", what: `${step.path}:\n    ${describeChange(text, step.content)}` };
  },
  apply: async (system, { step }) => {
    await system.fs.writeAtomic(step.path, { data: step.content, mode: step.mode });
  },
};

const MAX_SHOWN_LINES = 6;

/** What of the lines becomes what, old -> new; at most a few of them. */
function describeChange(before: string, after: string): string {
  const old = new Set(before.split("\n"));
  const now = new Set(after.split("\n"));
  const come = [...now].filter((line) => !old.has(line)).map(trimLine);
  const changes = [...old]
    .filter((line) => !now.has(line))
    .map(trimLine)
    .map((line) => {
      const at = come.findIndex((other) => nameOf(other) === nameOf(line));
      const [other = NOTHING] = at < 0 ? [] : come.splice(at, 1);
      return `${line} -> ${other}`;
    });
  const lines = [...changes, ...come.map((line) => `${NOTHING} -> ${line}`)];
  const more = lines.length - MAX_SHOWN_LINES;
  return (
    [...lines.slice(0, MAX_SHOWN_LINES), ...(more > 0 ? [`and ${more} more lines`] : [])].join("\n    ") ||
    "order of lines"
  );
}

const NOTHING = "(nothing)";

/** The flag or key that a line sets. */
function nameOf(line: string): string {
  return line.split(/[=:]/, 1)[0] ?? "";
}

/** Without YAML's own dash, which looks like one of ours. */
function trimLine(line: string): string {
  return line.trim().replace(/^- /, "");
}
