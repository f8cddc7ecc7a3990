import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

/** Hosts of package registries and directories of one machine, in halves so that this file is not found. */
const UNWANTED = [
  ["registry\\.", "npmjs"],
  ["proxy\\.", "golang"],
  ["sum\\.", "golang"],
  ["deb\\.", "debian"],
  ["files\\.", "pythonhosted"],
  ["static\\.", "crates"],
  ["/wo", "rk/"],
].map((halves) => halves.join(""));

test.skipIf(!existsSync(join(ROOT, ".git")))(
  "no file names a package registry's host or a directory of one machine",
  async () => {
    const { stdout, exitCode } = await execa("git", ["grep", "-nIE", UNWANTED.join("|")], {
      cwd: ROOT,
      reject: false,
    });
    expect(stdout).toBe("");
    // 1: git looked and found nothing; anything else is no answer.
    expect(exitCode).toBe(1);
  },
);
