import { expect, test } from "vitest";
import { showsUnicode } from "../../../../src/cli/terminal/unicode.ts";

test.each([
  [{ LANG: "C.UTF-8" }, true],
  [{ LANG: "de_DE.utf8" }, true],
  [{ LC_CTYPE: "en_US.UTF-8" }, true],
  [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, false],
  [{ LC_ALL: "", LC_CTYPE: "C", LANG: "en_US.UTF-8" }, false],
  [{ LANG: "en_US.ISO-8859-1" }, false],
  [{ LANG: "en_US.UTF-8", TERM: "linux" }, false],
  [{}, false],
])("with %j a terminal shows more than ASCII: %s", (env, shows) => {
  expect(showsUnicode(env)).toBe(shows);
});
