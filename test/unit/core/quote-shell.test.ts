import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { quoteShell, quoteShown } from "../../../src/core/quote-shell.ts";

test.each([
  ["/srv/pods", "/srv/pods"],
  ["/a b", "'/a b'"],
  ["/it's", "'/it'\\''s'"],
  ["/home/eve/\u001b[31m", "$'/home/eve/\\033[31m'"],
  ["/a\nb's\\", "$'/a\\012b\\'s\\\\'"],
  ["/\u009b31m\u202e1", "$'/\\302\\23331m\\342\\200\\2561'"],
])("%j is shown as %j, and shells read back what is shown and what they run", (word, quoted) => {
  expect(quoteShown(word)).toBe(quoted);
  const printed = execFileSync("bash", ["--norc", "-c", `printf %s ${quoted}`], { stdio: "pipe" });
  expect(printed.toString()).toBe(word);
  // The machine's own sh need not know more than POSIX.1-2001.
  const plain = execFileSync("sh", ["-c", `printf %s ${quoteShell(word)}`], { stdio: "pipe" });
  expect(plain.toString()).toBe(word);
});
