import { chmod, lstat, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  findCached,
  installIntoCache,
  listCached,
  makeEntryDir,
  verifyCached,
} from "../../../src/components/cache.ts";
import { selectCacheDirs } from "../../../src/components/cache-dirs.ts";
import { listPrunable, pruneCache } from "../../../src/components/prune-cache.ts";
import { rememberVersion } from "../../../src/components/version-memory.ts";
import {
  type ComponentMachine,
  createComponentMachine,
  writeProgram,
} from "../../support/component-system.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

let machine: ComponentMachine;
beforeEach(async () => {
  machine = await createComponentMachine();
});
afterEach(() => machine.remove());

async function install(name: "etcd" | "kubectl", version: string): Promise<string> {
  const fromPath = await writeProgram(join(machine.cacheDir, "new"), `${name} ${version}`);
  const installed = await installIntoCache(machine.system, {
    key: { name, version },
    fromPath,
    origin: "go",
  });
  return installed.path;
}

describe("the directories", () => {
  test.each([
    [0, { HOME: "/root" }, ["/var/cache/slipway", "/root/.cache/slipway"]],
    [1000, { HOME: "/home/me" }, ["/home/me/.cache/slipway", "/var/cache/slipway"]],
    [1000, { HOME: "/home/me", XDG_CACHE_HOME: "/x" }, ["/x/slipway", "/var/cache/slipway"]],
    [1000, { HOME: "/home/me", XDG_CACHE_HOME: "x" }, ["/home/me/.cache/slipway", "/var/cache/slipway"]],
    [1000, {}, ["/var/tmp/slipway-1000", "/var/cache/slipway"]],
    [0, { HOME: "/root", SLIPWAY_CACHE_DIR: "/c" }, ["/c", "/var/cache/slipway", "/root/.cache/slipway"]],
  ])("of user %i with %o are %j, the one written to first", (uid, env, expected) => {
    expect(selectCacheDirs(createFakeSystem({ host: { uid, env } }))).toEqual(expected);
  });
});

describe("a cached binary", () => {
  test("is found at its place by name and version, ready to be run", async () => {
    const path = await install("kubectl", "v1.37.2");
    expect(path).toBe(join(machine.cacheDir, "linux-amd64/kubectl/v1.37.2/kubectl"));
    expect((await stat(path)).mode & 0o777).toBe(0o755);
    expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.2" })).toMatchObject({ path });
    expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.1" })).toBeUndefined();
  });

  test("whose content was changed is not used, and said so", async () => {
    const path = await install("kubectl", "v1.37.2");
    await writeFile(path, "evil");
    expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.2" })).toBeUndefined();
    expect(machine.system.logged).toMatchObject([{ level: "warn", fields: { path } }]);
  });

  test("that was only touched is hashed again and then trusted again", async () => {
    const path = await install("kubectl", "v1.37.2");
    await utimes(path, 1, 1);
    expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.2" })).toMatchObject({ path });
    const opened: string[] = [];
    const counting = {
      ...machine.system,
      fs: {
        ...machine.system.fs,
        open: (...args: Parameters<typeof machine.system.fs.open>) => {
          opened.push(args[0]);
          return machine.system.fs.open(...args);
        },
      },
    };
    await findCached(counting, { name: "kubectl", version: "v1.37.2" });
    expect(opened).toEqual([]);
  });

  test("that anybody can write is not used", async () => {
    await chmod(await install("kubectl", "v1.37.2"), 0o777);
    expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.2" })).toBeUndefined();
  });

  test.each(["", "{", "[]", '{"sha256":1}'])("with the record %j counts as missing", async (record) => {
    await writeFile(`${await install("kubectl", "v1.37.2")}.json`, record);
    expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.2" })).toBeUndefined();
  });

  test("of etcd may be a newer patch, never an older one or another minor", async () => {
    await install("etcd", "v3.6.5");
    await install("etcd", "v3.6.10");
    await install("etcd", "v3.7.0");
    expect(await findCached(machine.system, { name: "etcd", version: "v3.6.6" })).toMatchObject({
      version: "v3.6.10",
    });
    expect(await findCached(machine.system, { name: "etcd", version: "v3.6.5" })).toMatchObject({
      version: "v3.6.5",
    });
    expect(await findCached(machine.system, { name: "etcd", version: "v3.6.11" })).toBeUndefined();
  });
});

test("verify hashes everything and names what was changed", async () => {
  await install("etcd", "v3.7.0");
  const path = await install("kubectl", "v1.37.2");
  const { atime, mtime } = await stat(path);
  await writeFile(path, "kubectl v1.37.3");
  await utimes(path, atime, mtime);
  const mine = (await verifyCached(machine.system)).filter(({ binary }) =>
    binary.path.startsWith(machine.dir),
  );
  expect(mine.map(({ binary, intact }) => [binary.name, intact])).toEqual([
    ["etcd", true],
    ["kubectl", false],
  ]);
});

test("prune removes what is listed, and nothing that we did not put there", async () => {
  await install("kubectl", "v1.37.2");
  await writeFile(
    join(await makeEntryDir(machine.system, { name: "etcd", version: "v3.7.0" }), ".partial"),
    "half",
  );
  await writeFile(join(machine.cacheDir, "mine.txt"), "keep");
  const entries = (await listPrunable(machine.system)).filter(({ path }) => path.startsWith(machine.dir));
  expect(entries.map(({ path }) => path.slice(machine.cacheDir.length))).toEqual([
    "/linux-amd64/etcd/v3.7.0",
    "/linux-amd64/kubectl/v1.37.2",
  ]);
  await pruneCache(machine.system, entries);
  await pruneCache(machine.system, entries);
  expect((await listCached(machine.system)).filter(({ path }) => path.startsWith(machine.dir))).toEqual([]);
  expect(await readdir(machine.cacheDir)).toContain("mine.txt");
});

test("links in the place of a cached binary, its record or a remembered version are replaced, not followed", async () => {
  const victim = join(machine.dir, "victim");
  await writeFile(victim, "what belongs to others\n");
  const dir = await makeEntryDir(machine.system, { name: "kubectl", version: "v1.37.2" });
  const path = join(dir, "kubectl");
  for (const link of [path, `${path}.json`]) await symlink(victim, link);
  expect(await findCached(machine.system, { name: "kubectl", version: "v1.37.2" })).toBeUndefined();
  await install("kubectl", "v1.37.2");
  const stamp = { sizeBytes: 1, modifiedMs: 1, dev: 1, ino: 1 };
  const remember = () => rememberVersion(machine.system, { path, stamp, version: "v1.37.2" });
  await remember();
  const [memory = ""] = await readdir(join(machine.cacheDir, "versions"));
  await rm(join(machine.cacheDir, "versions", memory));
  await symlink(victim, join(machine.cacheDir, "versions", memory));
  await remember();
  const files = [path, `${path}.json`, join(machine.cacheDir, "versions", memory)];
  for (const file of files) expect((await lstat(file)).isFile()).toBe(true);
  expect(await readFile(victim, "utf8")).toBe("what belongs to others\n");
});
