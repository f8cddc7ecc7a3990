import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRunnerProcess, type RunnerProcess } from "../support/runner-process.ts";

const VICTIM = "what belongs to others\n";

let runner: RunnerProcess;
let dir: string;

beforeEach(async () => {
  runner = createRunnerProcess();
  dir = mkdtempSync(join(tmpdir(), "slipway-victims-"));
  await runner.start();
});
afterEach(async () => {
  await runner.destroy();
  rmSync(dir, { recursive: true });
});

/** By these a runner finds what runs; they are written once, below a name of their own by chance. */
const RECORDS = /\/(?:identity|container\.json)$/;

/** What the runner writes again and again: not what it was given, nor the log that the test has opened for it. */
function listMade(): readonly string[] {
  const { root, manifestDir, runnerConfigPath } = runner.paths;
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(manifestDir) && !RECORDS.test(path))
    .filter((path) => ![runnerConfigPath, join(root, "runner.log")].includes(path));
}

test("links in the place of what an earlier runner made are not followed by the next one", async () => {
  const isReady = async (): Promise<boolean> =>
    (await runner.pod("a"))?.pod.status?.containerStatuses?.[0]?.state.running !== undefined;
  runner.apply("a", { script: "while :; do echo line; sleep 0.05; done" });
  await expect.poll(isReady).toBe(true);
  await expect.poll(() => listMade().some((path) => path.endsWith("/0.log"))).toBe(true);
  await runner.kill();
  const made = listMade();
  expect(made.length).toBeGreaterThan(4);
  const victims = made.map((path, index) => {
    const victim = join(dir, String(index));
    writeFileSync(victim, VICTIM, { mode: 0o600 });
    rmSync(path);
    symlinkSync(victim, path);
    return victim;
  });
  await runner.start();
  runner.apply("b", { script: "sleep 60" });
  // Where what it has to note down cannot be, it says so and starts nothing.
  await expect
    .poll(async () => JSON.stringify((await runner.pod("b"))?.pod.status?.containerStatuses?.[0]?.state))
    .toMatch(/running|ELOOP|symbolic link/);
  for (const victim of victims) {
    expect(readFileSync(victim, "utf8")).toBe(VICTIM);
    expect(lstatSync(victim).mode & 0o777).toBe(0o600);
  }
});
