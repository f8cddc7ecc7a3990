import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Set while a run of tests has a temp directory of its own; projects that run together share one. */
const MARK = "SLIPWAY_TEST_TMPDIR";

/**
 * Makes `tmpdir()` a directory of this run, which is removed at its end, whatever has failed. Each test file sees to its
 * own part of it: own-temp-dir.ts. Names are short, for the path of a socket has little room.
 */
export function setup(): () => void {
  const { TMPDIR } = process.env;
  if (process.env[MARK] !== undefined) return () => undefined;
  const dir = mkdtempSync(join(tmpdir(), "slipway-"));
  chmodSync(dir, 0o755);
  process.env["TMPDIR"] = dir;
  process.env[MARK] = dir;
  return () => {
    delete process.env[MARK];
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
    rmSync(dir, { recursive: true, force: true });
  };
}
