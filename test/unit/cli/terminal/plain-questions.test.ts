import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createPlainQuestions, QuestionLeftError } from "../../../../src/cli/terminal/plain-questions.ts";

/** Questions to somebody who types these lines, one as each is asked for; `said` is what the terminal shows. */
function createTerminal(answers: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough({ encoding: "utf8" });
  const left = [...answers];
  let said = "";
  output.on("data", (text: string) => {
    said += text;
    if (!text.endsWith(" ")) return;
    const next = left.shift();
    if (next === undefined) input.end();
    else input.write(`${next}\n`);
  });
  return { ...createPlainQuestions({ input, output }), said: () => said };
}

const DRY = { message: "Go on?", initial: true, unasked: "slipway init --yes" };

test.each([
  ["y", true],
  ["No", false],
  ["", true],
])("%j answers a plain question with %j", async (typed, wanted) => {
  const terminal = createTerminal([typed]);
  expect(await terminal.confirm(DRY)).toBe(wanted);
  expect(terminal.said()).toBe("Go on? (Y/n) ");
});

test("what is no answer is asked again", async () => {
  const terminal = createTerminal(["what", "n"]);
  expect(await terminal.confirm(DRY)).toBe(false);
  expect(terminal.said()).toBe("Go on? (Y/n) Answer y or n.\nGo on? (Y/n) ");
});

test("a choice is made by its number; Enter alone is the first", async () => {
  const choices = [
    { name: "eth0", value: "192.0.2.1" },
    { name: "eth1", value: "192.0.2.2" },
  ];
  const terminal = createTerminal(["3", "2", ""]);
  expect(await terminal.select({ message: "Which?", choices })).toBe("192.0.2.2");
  expect(terminal.said()).toContain(
    "Which?\n  1) eth0\n  2) eth1\nNumber (1) Answer with a number from 1 to 2.\n",
  );
  expect(await terminal.select({ message: "Which?", choices })).toBe("192.0.2.1");
});

test("a text is asked for until it is right", async () => {
  const check = (text: string): string | undefined => (text === "10.0.0.0/8" ? undefined : "no network");
  const terminal = createTerminal(["x", ""]);
  expect(await terminal.input({ message: "Network", initial: "10.0.0.0/8", check })).toBe("10.0.0.0/8");
  expect(terminal.said()).toBe("Network (10.0.0.0/8) no network\nNetwork (10.0.0.0/8) ");
});

test("the end of the input leaves the question", async () => {
  await expect(createTerminal([]).confirm(DRY)).rejects.toThrow(QuestionLeftError);
});
