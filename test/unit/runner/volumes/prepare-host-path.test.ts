import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareHostPath } from "../../../../src/runner/volumes/prepare-host-path.ts";
import { createFileSystem } from "../../../../src/system/file-system.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const system = createFakeSystem({ fs: createFileSystem() });
const FAILED = "hostPath type check failed:";

let dir: string;
const at = (name: string): string => join(dir, name);
const prepare = (path: string, type?: string): Promise<string | undefined> =>
  prepareHostPath(system, {
    hostPath: { path, ...(type === undefined ? {} : { type }) },
    madePathsPath: at("made"),
  });
const modeOf = async (name: string): Promise<number> => (await stat(at(name))).mode & 0o7777;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "slipway-host-path-"));
  await mkdir(at("dir"), { mode: 0o711 });
  await writeFile(at("file"), "kept", { mode: 0o600 });
});
afterEach(() => rm(dir, { recursive: true }));

// Source: pkg/volume/hostpath/host_path.go checkTypeInternal.
test("each type takes what it names and refuses all else in the kubelet's words", async () => {
  const server = createServer().listen(at("socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  const paths = { Directory: at("dir"), File: at("file"), Socket: at("socket"), CharDevice: "/dev/null" };
  for (const [type, own] of Object.entries(paths)) {
    for (const [found, path] of Object.entries(paths)) {
      const problem = await prepare(path, type);
      if (path === own) expect([type, found, problem]).toEqual([type, found, undefined]);
      else expect(problem).toMatch(new RegExp(`^${FAILED} ${path} is not a .+, it's a ${found}$`));
    }
    expect(await prepare(at("none"), type)).toBe(
      `${FAILED} ${at("none")} is not a ${WORDS[type]}, it does not exist`,
    );
  }
  expect(await prepare("/dev/null", "BlockDevice")).toContain("is not a block device, it's a CharDevice");
  server.close();
});

const WORDS: Readonly<Record<string, string>> = {
  Directory: "directory",
  File: "file",
  Socket: "socket file",
  CharDevice: "character device",
};

test("what is missing is made with the kubelet's modes, and noted first", async () => {
  const umask = process.umask(0o077);
  try {
    expect(await prepare(at("a/b"), "DirectoryOrCreate")).toBeUndefined();
    expect(await prepare(at("made-file"), "FileOrCreate")).toBeUndefined();
    expect(await prepare(at("plain"))).toBeUndefined();
  } finally {
    process.umask(umask);
  }
  expect([await modeOf("a"), await modeOf("a/b"), await modeOf("plain")]).toEqual([0o755, 0o755, 0o755]);
  expect([await modeOf("made-file"), await readFile(at("made-file"), "utf8")]).toEqual([0o644, ""]);
  const noted = (await readFile(at("made"), "utf8")).split("\n").filter((line) => line !== "");
  expect(noted.map((line) => JSON.parse(line).path)).toEqual(
    ["a", "a/b", "made-file", "plain"].map((name) => at(name)),
  );
  await expect(prepare(at("no/parent"), "FileOrCreate")).rejects.toThrow("ENOENT");
});

test("what is there stays as it is, also behind a link", async () => {
  await symlink(at("dir"), at("link"));
  for (const type of [undefined, "DirectoryOrCreate", "Directory"])
    expect(await prepare(at("link"), type)).toBeUndefined();
  expect(await prepare(at("file"), "FileOrCreate")).toBeUndefined();
  expect([await modeOf("dir"), await readFile(at("file"), "utf8")]).toEqual([0o711, "kept"]);
  await expect(stat(at("made"))).rejects.toThrow("ENOENT");
});
