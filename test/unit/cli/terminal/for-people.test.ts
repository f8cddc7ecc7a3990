import { expect, test } from "vitest";
import { hideControls } from "../../../../src/cli/terminal/for-people.ts";

const TEXT = "\x1b[31merror:\x1b[39m a\x1b[2J\x07\n  fix: b\x1b]0;t\x07\n";

test.each([
  [true, "\x1b[31merror:\x1b[39m a\\033[2J\\007\n  fix: b\\033]0;t\\007\n"],
  [false, "\\033[31merror:\\033[39m a\\033[2J\\007\n  fix: b\\033]0;t\\007\n"],
])("nothing commands a terminal but its colours, where it has them: %s", (colours, shown) => {
  expect(hideControls(TEXT, { colours })).toBe(shown);
});
