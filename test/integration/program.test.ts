import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MAIN, PROGRAM_HOME } from "../support/plane.ts";

const CLONE = resolve(import.meta.dirname, "../..");

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
});
afterEach(() => rm(dir, { recursive: true }));

test.each(["xterm", "dumb"])(
  "Ctrl-C at a question ends with 130 and leaves nothing behind: TERM=%s",
  async (term) => {
    const command = `${process.execPath} ${MAIN} init --root ${join(dir, "root")}`;
    const child = execa("script", ["-qec", command, "/dev/null"], {
      reject: false,
      all: true,
      // A terminal that is seen, where CI would forbid questions.
      env: { CI: "", TERM: term },
    });
    let raw = "";
    let seen = "";
    let interrupted = false;
    child.all.on("data", (chunk: Buffer) => {
      raw += chunk.toString();
      seen = stripVTControlCharacters(raw);
      if (interrupted || !/\? |\) $/.test(seen)) return;
      interrupted = true;
      child.stdin.write("\x03");
    });
    const { exitCode } = await child;
    expect(seen).toContain("SLIPWAY_INTERRUPTED");
    if (term === "dumb") expect(raw).not.toContain("\u001b");
    expect(exitCode).toBe(130);
    expect(await readdir(dir)).toEqual([]);
  },
);

test("a second Ctrl-C ends a command that waits for a file that nobody writes", async () => {
  const pipe = join(dir, "pipe");
  await execa("mkfifo", [pipe]);
  const child = execa(process.execPath, [MAIN, "config", "validate", "--config", pipe], { reject: false });
  const waits = async () => /fifo|pipe|wait_for_partner/.test(await readWaits(child.pid));
  await expect.poll(waits).toBe(true);
  child.kill("SIGINT");
  await sleep(100);
  child.kill("SIGINT");
  expect(await child).toMatchObject({ signal: "SIGINT", stderr: expect.stringMatching(/^interrupted: /) });
});

/** Where in the kernel the threads of a process wait. Source: proc(5) wchan. */
async function readWaits(pid = 0): Promise<string> {
  const { stdout } = await execa("sh", ["-c", `cat /proc/${pid}/task/*/wchan`], { reject: false });
  return stdout;
}

test("a working directory that is gone is told, and whole paths work in it", async () => {
  const run = (root: string) =>
    execa(
      "sh",
      [
        "-c",
        `mkdir "${dir}/gone"; cd "${dir}/gone"; rmdir ../gone; "$@"`,
        "sh",
        process.execPath,
        MAIN,
        "status",
        "--root",
        root,
      ],
      { reject: false },
    );
  expect((await run("relative")).stderr).toContain("the directory that this shell is in has been removed");
  expect((await run(join(dir, "none"))).stdout).toMatch(/^There is no control plane under /);
});

test("an installed bin/slipway runs without sources, also through a link and from any directory", async () => {
  await symlink(join(PROGRAM_HOME, "bin/slipway"), join(dir, "slipway"));
  const { stdout } = await execa(join(dir, "slipway"), ["version"], { cwd: "/" });
  expect(stdout).toMatch(/^slipway \d/);
});

test("bin/slipway of a clone builds the program at its first run only, and says so on stderr", async () => {
  await copyClone();
  const env = { PATH: `${await makeFailingNpm()}:${process.env["PATH"]}` };
  const first = await execa(join(dir, "bin/slipway"), ["version"], { env });
  expect(first.stdout).toMatch(/^slipway \d/);
  expect(first.stderr).toBe("slipway: building");
  expect(await readdir(join(dir, "dist"))).toContain("main.cjs");
  const second = await execa(join(dir, "bin/slipway"), ["version"], { env });
  expect(second).toMatchObject({ stdout: first.stdout, stderr: "" });
});

test("of three first runs at once one sets the clone up, and all work", async () => {
  await copyClone();
  const env = { PATH: `${await makeFailingNpm()}:${process.env["PATH"]}` };
  const run = () => execa(join(dir, "bin/slipway"), ["version"], { env });
  const runs = await Promise.all([run(), run(), run()]);
  expect(runs.map(({ stderr }) => stderr).sort()).toEqual(["", "", "slipway: building"]);
  for (const { stdout } of runs) expect(stdout).toMatch(/^slipway \d/);
});

/**
 * With a node_modules of its own that links to each package. It must never be a link itself: `npm ci` empties what is
 * behind it, which would be the clone's.
 */
async function copyClone(): Promise<void> {
  for (const name of ["bin", "src", "templates", "package.json", "package-lock.json", "esbuild.config.mjs"])
    await cp(join(CLONE, name), join(dir, name), { recursive: true, preserveTimestamps: true });
  await mkdir(join(dir, "node_modules"));
  for (const name of await readdir(join(CLONE, "node_modules"))) {
    if (!name.startsWith("."))
      await symlink(join(CLONE, "node_modules", name), join(dir, "node_modules", name));
  }
  await writeFile(join(dir, "node_modules/.package-lock.json"), "{}");
}

/** Nothing is to be installed here: an npm that only fails. */
async function makeFailingNpm(): Promise<string> {
  const binDir = join(dir, "programs");
  await mkdir(binDir);
  await writeFile(join(binDir, "npm"), "#!/bin/sh\nexit 1\n");
  await chmod(join(binDir, "npm"), 0o755);
  return binDir;
}
