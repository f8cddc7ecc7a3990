import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import {
  findDamagedLedger,
  isNewCluster,
  type Ledger,
  readLedger,
  writeLedger,
} from "../../../src/apply/ledger.ts";
import { buildPaths, type ClusterPaths } from "../../../src/core/paths.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

let root: string;
let paths: ClusterPaths;
let ledger: Ledger;
const system = createFakeSystem();

beforeEach(() => {
  root = createTempTree({});
  paths = buildPaths({ root, uid: 0 });
  ledger = {
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root,
    kubernetesVersion: "v1.37.2",
    nodeName: "node01",
    entries: [
      { kind: "dir", path: "/etc/kubernetes", existedBefore: true, modeBefore: 0o750 },
      { kind: "file", path: "/etc/kubernetes/admin.conf", existedBefore: false },
    ],
  };
});

test("what is written is read back", async () => {
  await writeLedger(system, { paths, ledger });
  expect(await readLedger(system, paths)).toEqual(ledger);
});

test("others can have joined as soon as an init has come to its end", () => {
  expect(isNewCluster(undefined)).toBe(true);
  expect(isNewCluster({ ...ledger, unfinished: true })).toBe(true);
  expect(isNewCluster(ledger)).toBe(false);
  expect(isNewCluster({ ...ledger, unfinished: true, clusterUid: "a" })).toBe(false);
});

test("the ledger and its directory are for their owner alone, the missing parents for all", async () => {
  await writeLedger(system, { paths, ledger });
  expect(statSync(paths.ledgerPath).mode & 0o777).toBe(0o600);
  expect(statSync(paths.stateDir).mode & 0o777).toBe(0o700);
  expect(statSync(join(root, "var/lib")).mode & 0o777).toBe(0o755);
});

test("a machine without a ledger has none", async () => {
  expect(await readLedger(system, paths)).toBeUndefined();
});

test.each([
  ["no JSON", "{"],
  ["an empty file", ""],
  ["a list", "[]"],
  ["another kind", '{"apiVersion":"slipway.dev/v1","kind":"Plan"}'],
])("%s in its place is a corrupt ledger, with what to do", async (_name, text) => {
  await writeLedger(system, { paths, ledger });
  for (const path of [paths.ledgerPath, paths.ledgerCopyPath]) writeFileSync(path, text);
  await expect(readLedger(system, paths)).rejects.toMatchObject({
    code: "SLIPWAY_LEDGER_CORRUPT",
    what: expect.stringContaining(paths.ledgerPath),
    fix: expect.stringContaining(paths.stateDir),
  });
});

test("an entry that is not understood makes the whole ledger corrupt, so that nothing is removed on a guess", async () => {
  await writeLedger(system, { paths, ledger });
  const text = readFileSync(paths.ledgerPath, "utf8").replace('"file"', '"process"');
  for (const path of [paths.ledgerPath, paths.ledgerCopyPath]) writeFileSync(path, text);
  await expect(readLedger(system, paths)).rejects.toMatchObject({ code: "SLIPWAY_LEDGER_CORRUPT" });
});

test("the ledger of a root that was copied is not taken for that of the copy", async () => {
  await writeLedger(system, { paths, ledger: { ...ledger, root: "/srv/first" } });
  await expect(readLedger(system, paths)).rejects.toMatchObject({
    code: "SLIPWAY_LEDGER_CORRUPT",
    why: expect.stringContaining("/srv/first"),
  });
});

test.each(["empty", "missing", "a directory"])(
  "of a ledger that is %s the copy counts, and it is named",
  async (damage) => {
    const reading = createFakeSystem();
    await writeLedger(system, { paths, ledger });
    if (damage === "empty") truncateSync(paths.ledgerPath);
    else rmSync(paths.ledgerPath);
    if (damage === "a directory") mkdirSync(paths.ledgerPath);
    expect(await readLedger(reading, paths)).toEqual(ledger);
    expect(await findDamagedLedger(reading, paths)).toBe(paths.ledgerPath);
    expect(statSync(paths.ledgerCopyPath).mode & 0o777).toBe(0o600);
  },
);

test("of directories in the places of both it is told that they are", async () => {
  await writeLedger(system, { paths, ledger });
  for (const path of [paths.ledgerPath, paths.ledgerCopyPath]) {
    rmSync(path);
    mkdirSync(path);
  }
  await expect(readLedger(system, paths)).rejects.toMatchObject({
    code: "SLIPWAY_LEDGER_CORRUPT",
    why: expect.stringContaining("it is a directory"),
  });
});

test("a damaged copy does not matter while the ledger is whole", async () => {
  const reading = createFakeSystem();
  await writeLedger(system, { paths, ledger });
  truncateSync(paths.ledgerCopyPath);
  expect(await readLedger(reading, paths)).toEqual(ledger);
  expect(await findDamagedLedger(reading, paths)).toBe(paths.ledgerCopyPath);
});

test("neither is named while both can be read, or none is there", async () => {
  expect(await findDamagedLedger(system, paths)).toBeUndefined();
  await writeLedger(system, { paths, ledger });
  expect(await findDamagedLedger(system, paths)).toBeUndefined();
});

test("a ledger that may not be read or written is a file failure", async () => {
  const reading = createFakeSystem({ fs: { readTextIfExists: () => Promise.reject(systemError("EACCES")) } });
  await expect(readLedger(reading, paths)).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    what: `cannot read ${paths.ledgerPath}`,
  });
  const writing = createFakeSystem({ fs: { writeAtomic: () => Promise.reject(systemError("ENOSPC")) } });
  await expect(writeLedger(writing, { paths, ledger })).rejects.toMatchObject({ code: "SLIPWAY_NO_SPACE" });
});
