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

/** The lines that go and come, at most a few of them. */
function describeChange(before: string, after: string): string {
  const old = new Set(before.split("\n"));
  const now = new Set(after.split("\n"));
  const lines = [
    ...[...old].filter((line) => !now.has(line)).map((line) => `- ${trimLine(line)}`),
    ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${trimLine(line)}`),
  ];
  const more = lines.length - MAX_SHOWN_LINES;
  return (
    [...lines.slice(0, MAX_SHOWN_LINES), ...(more > 0 ? [`and ${more} more lines`] : [])].join("\n    ") ||
    "order of lines"
  );
}

/** Without YAML's own dash, which looks like one of ours. */
function trimLine(line: string): string {
  return line.trim().replace(/^- /, "");
}
