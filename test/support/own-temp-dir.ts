import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

// Runs before each test file: `tmpdir()` is a directory of that file's own, and what is left there when its last hook
// has run fails it. Any user may look into it, as into /tmp. Where a hook fails, or the file itself, the last hook does
// not run: then it goes with that of the run.
const { TMPDIR } = process.env;
const dir = mkdtempSync(join(tmpdir(), "f"));
chmodSync(dir, 0o755);
process.env["TMPDIR"] = dir;

afterAll(() => {
  if (TMPDIR === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = TMPDIR;
  const left = readdirSync(dir);
  rmSync(dir, { recursive: true });
  if (left.length > 0)
    throw new Error(`this file's tests have left ${left.join(", ")} in the temp directory`);
});
