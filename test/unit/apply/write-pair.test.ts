import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { writePair } from "../../../src/apply/write-pair.ts";
import { createFileSystem, namedHalfWritten } from "../../../src/system/file-system.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const PAIR = { keyPem: "new key", certPem: "new cert" };
let dir: string;
let keyPath: string;
let certPath: string;

beforeEach(() => {
  dir = createTempTree({ "a.key": "old key", "a.crt": "old cert" });
  keyPath = join(dir, "a.key");
  certPath = join(dir, "a.crt");
});

/** A system in which no file can take this name. */
function refusing(path: string, code = "EPERM") {
  const { rename } = createFileSystem();
  return createFakeSystem({
    fs: { rename: (from, to) => (to === path ? Promise.reject(systemError(code)) : rename(from, to)) },
  });
}

const write = (system = createFakeSystem()): Promise<void> =>
  writePair(system, { keyPath, certPath, pair: PAIR });
const read = (): readonly string[] => [keyPath, certPath].map((path) => readFileSync(path, "utf8"));

test("both are new, the key for its owner alone, and nothing else is left", async () => {
  await write();
  expect(read()).toEqual(["new key", "new cert"]);
  expect([keyPath, certPath].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o644]);
  expect(readdirSync(dir)).toEqual(["a.crt", "a.key"]);
});

test.each(["a.key", "a.crt"])(
  "both stay as they are when %s cannot be replaced, and it is named",
  async (name) => {
    const path = join(dir, name);
    await expect(write(refusing(path, "EBUSY"))).rejects.toMatchObject({
      code: "SLIPWAY_FILE_ACCESS",
      what: `cannot write ${path}`,
      why: "it is in use, or something is mounted on it",
    });
    expect(read()).toEqual(["old key", "old cert"]);
    expect(readdirSync(dir)).toEqual(["a.crt", "a.key"]);
  },
);

test("what a kill leaves of it is known by its name", async () => {
  const removeFile = (): Promise<boolean> => Promise.reject(systemError("EROFS"));
  const rename = (): Promise<void> => Promise.reject(systemError("EROFS"));
  await expect(write(createFakeSystem({ fs: { removeFile, rename } }))).rejects.toThrow();
  const left = readdirSync(dir).filter((name) => name.startsWith("."));
  expect(left.map(namedHalfWritten).toSorted()).toEqual(["a.crt", "a.key", "a.key"]);
});

test("a key that was not there goes again", async () => {
  rmSync(keyPath);
  await expect(write(refusing(certPath))).rejects.toMatchObject({ what: `cannot write ${certPath}` });
  expect(readdirSync(dir)).toEqual(["a.crt"]);
});

test("a link to a key comes back as a link, and what it leads to stays", async () => {
  writeFileSync(join(dir, "real"), "real key");
  rmSync(keyPath);
  symlinkSync("real", keyPath);
  await expect(write(refusing(certPath))).rejects.toThrow();
  expect(lstatSync(keyPath).isSymbolicLink()).toBe(true);
  expect(read()).toEqual(["real key", "old cert"]);
});

test("the old key comes back with its mode", async () => {
  rmSync(keyPath);
  writeFileSync(keyPath, "old key", { mode: 0o640 });
  await expect(write(refusing(certPath))).rejects.toThrow();
  expect(statSync(keyPath).mode & 0o777).toBe(0o640);
});

test.each(["a.key", "a.crt"])(
  "a directory in the place of %s is named, and the other stays",
  async (name) => {
    const path = join(dir, name);
    rmSync(path);
    mkdirSync(path);
    await expect(write()).rejects.toMatchObject({ what: `cannot write ${path}`, why: "it is a directory" });
    expect(readdirSync(dir)).toEqual(["a.crt", "a.key"]);
    expect(statSync(path).isDirectory()).toBe(true);
  },
);
