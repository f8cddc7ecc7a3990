import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { validateConfig } from "../../src/config/validate-config.ts";
import { SlipwayError } from "../../src/core/errors.ts";
import { CORPUS } from "../support/kubeadm/corpus/corpus.ts";
import { BUILD_TIMEOUT_MS, findKubeadm } from "../support/kubeadm/find-kubeadm.ts";

let dir: string;
let kubeadm: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-corpus-"));
  kubeadm = await findKubeadm();
}, BUILD_TIMEOUT_MS);

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** `ok`, or what is said against a file. */
function judge(text: string): string {
  try {
    validateConfig({ text, path: "f" });
    return "ok";
  } catch (error) {
    if (error instanceof SlipwayError) return error.details.join("\n");
    throw error;
  }
}

function judgeByKubeadm(text: string): string {
  const path = join(dir, "config.yaml");
  writeFileSync(path, text);
  const { status, stderr } = spawnSync(kubeadm, ["config", "validate", "--config", path], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
  return status === 0 ? "ok" : stderr;
}

test("the corpus is large and has good and bad files", () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(150);
  const good = CORPUS.filter(({ text }) => judge(text) === "ok").length;
  expect(good).toBeGreaterThan(80);
  expect(CORPUS.length - good).toBeGreaterThan(80);
});

test("kubeadm and Slipway take the same files for valid, but for those that have a reason", () => {
  const surprises = CORPUS.flatMap(({ name, text, differs }) => {
    const [theirs, ours] = [judgeByKubeadm(text), judge(text)];
    const agree = (theirs === "ok") === (ours === "ok");
    return agree === (differs === undefined) ? [] : [{ name, theirs, ours }];
  });
  expect(surprises).toEqual([]);
});
