import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFileSystem } from "../../../src/system/file-system.ts";

const fs = createFileSystem();
let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-fs-"));
  path = join(dir, "file");
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Runs code that uses the file system as `fs` in a process with another umask: a worker cannot change its own. */
async function withUmask(umask: string, code: string): Promise<void> {
  const entry = join(import.meta.dirname, "../../../src/system/file-system.ts");
  const { buildSync } = await import("esbuild");
  const bundle = join(dir, "fs.mjs");
  buildSync({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: bundle });
  const script = `import { createFileSystem } from ${JSON.stringify(bundle)};
    const fs = createFileSystem(); const dir = ${JSON.stringify(dir)}; process.umask(${umask}); ${code}`;
  await execa(process.execPath, ["--input-type=module", "--eval", script]);
}

function modeOf(name: string): number {
  return statSync(join(dir, name)).mode & 0o7777;
}

test.each(["0o000", "0o077", "0o777"])(
  "under umask %s files and directories get their exact mode",
  async (umask) => {
    await withUmask(
      umask,
      `for (const mode of [0o600, 0o644, 0o640]) await fs.writeAtomic(dir + "/f" + mode, { data: "x", mode });
     for (const mode of [0o700, 0o755, 0o777]) await fs.makeDir(dir + "/d" + mode, { mode });`,
    );
    for (const mode of [0o600, 0o644, 0o640]) expect(modeOf(`f${mode}`)).toBe(mode);
    for (const mode of [0o700, 0o755, 0o777]) expect(modeOf(`d${mode}`)).toBe(mode);
  },
);

test("a written file has its content, and a file that was there gets the new mode", async () => {
  writeFileSync(path, "old", { mode: 0o644 });
  await fs.writeAtomic(path, { data: "new", mode: 0o600 });
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(modeOf("file")).toBe(0o600);
  expect(readdirSync(dir)).toEqual(["file"]);
});

test("bytes are written as they are, whether durable or not", async () => {
  const data = Uint8Array.from([0, 255, 10]);
  await fs.writeAtomic(path, { data, mode: 0o600, durable: false });
  expect(new Uint8Array(readFileSync(path))).toEqual(data);
});

test("a symbolic link at the path is replaced, and what it leads to stays", async () => {
  writeFileSync(join(dir, "victim"), "precious");
  symlinkSync(join(dir, "victim"), path);
  await fs.writeAtomic(path, { data: "new", mode: 0o600 });
  expect(lstatSync(path).isFile()).toBe(true);
  expect(readFileSync(join(dir, "victim"), "utf8")).toBe("precious");
});

test("who has the old file open goes on reading the old content", async () => {
  writeFileSync(path, "old");
  const reader = await open(path, "r");
  await fs.writeAtomic(path, { data: "new", mode: 0o600 });
  expect(await reader.readFile("utf8")).toBe("old");
  await reader.close();
});

test("writes at the same time leave one of the contents, whole", async () => {
  const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
  await Promise.all(contents.map((data) => fs.writeAtomic(path, { data, mode: 0o600 })));
  expect(contents).toContain(readFileSync(path, "utf8"));
  expect(readdirSync(dir)).toEqual(["file"]);
});

test("a write that fails leaves no temp file, and the old file as it was", async () => {
  mkdirSync(path);
  await expect(fs.writeAtomic(path, { data: "x", mode: 0o600 })).rejects.toMatchObject({ code: "EISDIR" });
  expect(readdirSync(dir)).toEqual(["file"]);
  await expect(fs.writeAtomic(join(dir, "no/file"), { data: "x", mode: 0o600 })).rejects.toMatchObject({
    code: "ENOENT",
  });
  expect(readdirSync(dir)).toEqual(["file"]);
});

test("what is not there reads as undefined, any other failure is raised", async () => {
  expect(await fs.readTextIfExists(path)).toBeUndefined();
  expect(await fs.stat(path)).toBeUndefined();
  expect(await fs.lstat(path)).toBeUndefined();
  writeFileSync(path, "x");
  await expect(fs.readTextIfExists(join(path, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(fs.readTextIfExists(dir)).rejects.toMatchObject({ code: "EISDIR" });
});

test("a link is a link to lstat and its target to stat", async () => {
  symlinkSync(dir, path);
  expect((await fs.lstat(path))?.kind).toBe("symlink");
  expect((await fs.stat(path))?.kind).toBe("directory");
  symlinkSync(join(dir, "nowhere"), join(dir, "dangling"));
  expect(await fs.stat(join(dir, "dangling"))).toBeUndefined();
  expect((await fs.stat("/dev/null"))?.kind).toBe("char-device");
});

test("a directory that is there keeps its mode and is told as not made", async () => {
  expect(await fs.makeDir(path, { mode: 0o700 })).toBe(true);
  expect(await fs.makeDir(path, { mode: 0o755 })).toBe(false);
  expect(modeOf("file")).toBe(0o700);
  await expect(fs.makeDir(join(dir, "no/dir"), { mode: 0o755 })).rejects.toMatchObject({ code: "ENOENT" });
});

test("names come sorted by their bytes", async () => {
  for (const name of ["b", "a", "Z", "é", "10", "9"]) writeFileSync(join(dir, name), "");
  expect(await fs.list(dir)).toEqual(["10", "9", "Z", "a", "b", "é"]);
});

test("removing tells whether there was something, and never takes a full directory", async () => {
  expect(await fs.removeFile(path)).toBe(false);
  expect(await fs.removeEmptyDir(path)).toBe(false);
  mkdirSync(path);
  writeFileSync(join(path, "x"), "");
  expect(await fs.removeEmptyDir(path)).toBe(false);
  expect(await fs.removeFile(join(path, "x"))).toBe(true);
  expect(await fs.removeEmptyDir(path)).toBe(true);
});

test("removing a link leaves what it leads to", async () => {
  mkdirSync(join(dir, "target"));
  symlinkSync(join(dir, "target"), path);
  expect(await fs.removeFile(path)).toBe(true);
  expect(readdirSync(dir)).toEqual(["target"]);
});

test("a watch tells the name of what changes, until it is closed", async () => {
  const names: (string | undefined)[] = [];
  await new Promise<void>((resolve, reject) => {
    const watch = fs.watch(dir, {
      onChange: (name) => {
        names.push(name);
        watch.close();
        resolve();
      },
      onError: reject,
    });
    writeFileSync(path, "x");
  });
  expect(names).toContain("file");
});

test("a watch on nothing tells its error once, after it was made", async () => {
  const errors: unknown[] = [];
  const watch = fs.watch(join(dir, "no"), {
    onChange: () => undefined,
    onError: (error) => errors.push(error),
  });
  expect(errors).toEqual([]);
  await Promise.resolve();
  expect(errors).toEqual([expect.objectContaining({ code: "ENOENT" })]);
  watch.close();
});

test("the space of a file system is told in bytes and in files", async () => {
  const [free, total] = await Promise.all([fs.freeBytes(dir), fs.totalBytes(dir)]);
  expect(total).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(total);
  expect(await fs.freeFiles(dir)).toBeGreaterThan(0);
});
