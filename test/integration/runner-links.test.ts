import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listTree } from "../support/machine.ts";
import { createRunnerProcess, type RunnerProcess } from "../support/runner-process.ts";

/** Long enough to show a hole. */
const VICTIM = "what belongs to others\n".repeat(20_000);

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

/** By these a runner finds what runs: a container without them is ended. */
const RECORDS = /\/(?:identity|container\.json)$/;

/** What the runner writes: not what it was given, nor the log that the test has opened for it. */
function listFiles(): readonly string[] {
  const { root, manifestDir, runnerConfigPath } = runner.paths;
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !path.startsWith(manifestDir))
    .filter((path) => ![runnerConfigPath, join(root, "runner.log")].includes(path));
}

/** What it writes again and again. */
function listMade(): readonly string[] {
  return listFiles().filter((path) => !RECORDS.test(path));
}

/** Puts a link to a file of others in the place of a file; gives what it leads to. */
function plantFile(path: string, name: string): string {
  const victim = join(dir, name);
  writeFileSync(victim, VICTIM, { mode: 0o600 });
  rmSync(path);
  symlinkSync(victim, path);
  return victim;
}

function expectUntouched(victims: readonly string[]): void {
  for (const victim of victims) {
    expect(readFileSync(victim, "utf8")).toBe(VICTIM);
    expect(lstatSync(victim).mode & 0o777).toBe(0o600);
  }
}

async function readState(name: string) {
  return (await runner.pod(name))?.pod.status?.containerStatuses?.[0]?.state;
}

test("links in the place of what an earlier runner made are not followed by the next one", async () => {
  runner.apply("a", { script: "while :; do echo line; sleep 0.05; done" });
  await expect.poll(async () => (await readState("a"))?.running).toBeDefined();
  await expect.poll(() => listMade().some((path) => path.endsWith("/0.log"))).toBe(true);
  await runner.kill();
  const made = listMade();
  expect(made.length).toBeGreaterThan(4);
  const victims = made.map((path, index) => plantFile(path, String(index)));
  await runner.start();
  runner.apply("b", { script: "sleep 60" });
  // Where what it has to note down cannot be, it says so and starts nothing until it can.
  await expect.poll(async () => JSON.stringify(await readState("b"))).toMatch(/ELOOP|symbolic link/);
  expectUntouched(victims);
  rmSync(runner.paths.madePathsPath);
  await expect.poll(async () => (await readState("b"))?.running).toBeDefined();
  expectUntouched(victims);
});

/** Directories that the runner makes below others of its own, the deepest first. */
function listLeaves(): readonly string[] {
  const { containersDir, podsDir, root } = runner.paths;
  const below = (dir: string, wanted: RegExp): readonly string[] =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory() && wanted.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name));
  return [
    ...below(containersDir, /^spool$/),
    ...below(join(root, "var/log/pods"), /^main$/),
    ...below(podsDir, /^[0-9a-f]{32}$/),
    join(containersDir, ".exits"),
  ];
}

test("links in the place of directories are not followed, and one out of the root with all of them keeps it from starting", async () => {
  runner.apply("a", { script: "while :; do echo line; sleep 0.05; done" });
  const isMade = (name: string): boolean => listMade().some((path) => path.endsWith(name));
  await expect.poll(() => isMade("/0.log") && isMade("/status.json")).toBe(true);
  await runner.kill();
  const leaves = listLeaves();
  expect(leaves).toHaveLength(4);
  const replace = (path: string, index: number): string => {
    const victim = join(dir, String(index));
    mkdirSync(victim, { mode: 0o700 });
    for (const name of ["stdout", "stderr", "0.log", "status.json"])
      writeFileSync(join(victim, name), VICTIM);
    renameSync(path, `${victim}.kept`);
    symlinkSync(victim, path);
    return victim;
  };
  const victims = leaves.map(replace);
  const before = victims.map(listTree);
  await runner.start();
  runner.apply("b", { script: "sleep 60" });
  await expect.poll(async () => (await readState("b"))?.running).toBeDefined();
  expect(victims.map(listTree)).toEqual(before);
  await runner.kill();
  const records = listFiles().filter((path) => RECORDS.test(path));
  expect(records.length).toBeGreaterThan(3);
  const files = records.map((path, index) => plantFile(path, `file-${index}`));
  await runner.start();
  for (const name of ["a", "b"])
    await expect.poll(async () => (await readState(name))?.running).toBeDefined();
  expectUntouched(files);
  await runner.kill();
  const { containersDir } = runner.paths;
  renameSync(containersDir, join(dir, "containers"));
  symlinkSync(join(dir, "containers"), containersDir);
  await expect(runner.start()).rejects.toThrow("the runner ended with 1;");
  rmSync(containersDir);
  renameSync(join(dir, "containers"), containersDir);
});
