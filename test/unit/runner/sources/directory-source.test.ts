import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDirectorySource, type PodSource } from "../../../../src/runner/sources/directory-source.ts";
import { isManifestName } from "../../../../src/runner/sources/is-manifest-name.ts";
import type { SourceSnapshot } from "../../../../src/runner/types.ts";
import { createSystem } from "../../../../src/system/create-system.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem, type FakeSystem } from "../../../support/fake-system.ts";

let base: string;
let dir: string;
let source: PodSource | undefined;
let snapshots: SourceSnapshot[];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "slipway-source-"));
  dir = join(base, "manifests");
  await mkdir(dir);
  snapshots = [];
});

afterEach(async () => {
  await source?.close();
  await rm(base, { recursive: true, force: true });
});

test.each([".hidden.yaml", "etcd.yaml~", "a.bak", "a.yaml.swp", "a.orig", "a.rpmsave", "#a.yaml#"])(
  "%s is not a manifest",
  (name) => {
    expect(isManifestName(name)).toBe(false);
  },
);

test("anything else is a manifest, whatever its extension", () => {
  expect(["etcd.yaml", "README", "a.json", "a#"].every(isManifestName)).toBe(true);
});

test("the pods of a directory are told in bytewise order of the files", async () => {
  await write("b.yaml", "b");
  await write("B.yaml", "upper");
  await write("a.yaml", "a");
  await start();
  expect(podNames()).toEqual(["upper-node-1", "a-node-1", "b-node-1"]);
});

test("a file that cannot be used is refused by name and the others run", async () => {
  await write("a.yaml", "a");
  await writeFile(join(dir, "b.yaml"), "kind: Deployment\napiVersion: apps/v1\n");
  await start();
  expect(podNames()).toEqual(["a-node-1"]);
  expect(last()?.refused).toEqual([
    expect.objectContaining({
      origin: join(dir, "b.yaml"),
      code: "SLIPWAY_KIND_REFUSED",
      keepsLastGood: false,
    }),
  ]);
});

test("a file of more than 10 MiB is refused unread", async () => {
  await write("a.yaml", "a");
  await writeFile(join(dir, "b.yaml"), `# ${"x".repeat(10 * 1024 * 1024)}\n`);
  await start();
  expect(podNames()).toEqual(["a-node-1"]);
  expect(last()?.refused).toEqual([
    expect.objectContaining({ message: expect.stringContaining("the file is longer than 10 MiB") }),
  ]);
});

test("a file that is not UTF-8 is refused until it is saved as such", async () => {
  const text =
    "# caf\u00e9\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i}]}\n";
  const path = join(dir, "a.yaml");
  await writeFile(path, text, "latin1");
  const system = await start();
  expect(last()).toMatchObject({
    pods: [],
    refused: [{ origin: path, message: `${path}: line 1: it is not UTF-8 here; save it as UTF-8` }],
  });
  await writeFile(path, text.replace("\u00e9", "\uFFFD"));
  await tick(system, 20_000);
  expect(podNames()).toEqual(["a-node-1"]);
});

test("a file whose name is not UTF-8 is refused, and gone when it is renamed", async () => {
  const bytes = Buffer.from(join(dir, "caf\u00e9.yaml"), "latin1");
  await writeFile(bytes, "");
  const system = await start();
  const origin = join(dir, "caf\uFFFD.yaml");
  const message = `${origin}: its name is not UTF-8, so it cannot be read: rename it`;
  expect(last()?.refused).toMatchObject([{ origin, code: "SLIPWAY_FILE_ACCESS", message }]);
  await rename(bytes, join(dir, ".cafe.yaml"));
  await tick(system, 20_000);
  expect(last()?.refused).toEqual([]);
});

test("a file that went bad keeps its last good pod and says so", async () => {
  await write("a.yaml", "a");
  const system = await start();
  await writeFile(join(dir, "a.yaml"), "apiVersion: v1\nkind: Pod\nmetadata: {na");
  await tick(system, 20_000);
  expect(podNames()).toEqual(["a-node-1"]);
  expect(last()?.refused).toEqual([expect.objectContaining({ keepsLastGood: true })]);
});

test("with --bad-manifest=remove a file that went bad runs nothing", async () => {
  await write("a.yaml", "a");
  const system = await start({ badManifest: "remove" });
  await writeFile(join(dir, "a.yaml"), "apiVersion: v1\nkind: Pod\nmetadata: {na");
  await tick(system, 20_000);
  expect(podNames()).toEqual([]);
  expect(last()?.refused).toEqual([expect.objectContaining({ keepsLastGood: false })]);
});

test("a file that is bad at the start keeps the pod that an earlier runner ran from it", async () => {
  await writeFile(join(dir, "a.yaml"), "x");
  const origin = join(dir, "a.yaml");
  await start({ known: [{ pod: buildPod({ name: "a" }), origin }] });
  expect(podNames()).toEqual(["a-node-1"]);
});

test("a single file is followed across a replacement", async () => {
  await write("a.yaml", "a");
  const system = await start({ path: join(dir, "a.yaml") });
  await write(".new", "b");
  await rename(join(dir, ".new"), join(dir, "a.yaml"));
  await tick(system, 1000);
  expect(podNames()).toEqual(["b-node-1"]);
});

test("a link that is swapped to another directory is noticed within a second", async () => {
  await write("a.yaml", "a");
  await mkdir(join(base, "other"));
  await writeFile(join(base, "other", "b.yaml"), manifest("b"));
  await symlink(dir, join(base, "link"));
  const system = await start({ path: join(base, "link") });
  await symlink(join(base, "other"), join(base, "link2"));
  await rename(join(base, "link2"), join(base, "link"));
  await tick(system, 1000);
  expect(podNames()).toEqual(["b-node-1"]);
});

test("a file behind a link that changes is noticed within a second", async () => {
  await writeFile(join(base, "real.yaml"), manifest("a"));
  await symlink(join(base, "real.yaml"), join(dir, "a.yaml"));
  const system = await start();
  await writeFile(join(base, "real.yaml"), manifest("changed"));
  await tick(system, 1000);
  expect(podNames()).toEqual(["changed-node-1"]);
});

test("a directory that is away counts as empty only after five seconds", async () => {
  await write("a.yaml", "a");
  const system = await start();
  await rename(dir, join(base, "away"));
  for (let second = 0; second < 5; second += 1) await tick(system, 1000);
  expect(podNames()).toEqual(["a-node-1"]);
  await tick(system, 1000);
  expect(podNames()).toEqual([]);
  await rename(join(base, "away"), dir);
  await tick(system, 1000);
  expect(podNames()).toEqual(["a-node-1"]);
});

test("a directory that is away counts as empty at once where nothing runs yet", async () => {
  await rm(dir, { recursive: true });
  await start();
  expect(last()).toEqual({ source: "file", pods: [], refused: [] });
});

test("a path that cannot be told changes nothing", async () => {
  await write("a.yaml", "a");
  const system = await start();
  await rm(dir, { recursive: true });
  await symlink(dir, dir);
  for (let second = 0; second < 8; second += 1) await tick(system, 1000);
  expect(podNames()).toEqual(["a-node-1"]);
  expect(system.logged.filter((event) => event.level === "error")).toHaveLength(1);
});

test("an unchanged directory tells nothing and logs nothing", async () => {
  await write("a.yaml", "a");
  const system = await start();
  for (let second = 0; second < 60; second += 1) await tick(system, 1000, 1);
  expect(snapshots).toHaveLength(1);
  expect(system.logged).toEqual([]);
});

test("subdirectories are passed over", async () => {
  await mkdir(join(dir, "sub"));
  await write("a.yaml", "a");
  await start();
  expect(podNames()).toEqual(["a-node-1"]);
  expect(last()?.refused).toEqual([]);
});

test("a link whose target goes away ends its pod, and is named until that is back", async () => {
  const [target, link] = [join(base, "real.yaml"), join(dir, "a.yaml")];
  await writeFile(target, manifest("a"));
  await symlink(target, link);
  const system = await start();
  await unlink(target);
  await tick(system, 1000);
  expect(podNames()).toEqual([]);
  expect(last()?.refused).toEqual([
    {
      origin: link,
      code: "SLIPWAY_MANIFEST_INVALID",
      message: `${link}: it is a link to ${target}, which is not there`,
      keepsLastGood: false,
    },
  ]);
  await writeFile(target, manifest("a"));
  await tick(system, 1000);
  expect([podNames(), last()?.refused]).toEqual([["a-node-1"], []]);
});

test("with the machine's own clock a new file, an edit and a removal are known within 200 ms", async () => {
  const log = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
  };
  begin(createSystem({ log }), {});
  await eventually(() => snapshots.length === 1);
  const tookMs: number[] = [];
  const measure = async (change: Promise<unknown>, names: readonly string[]): Promise<void> => {
    const startMs = performance.now();
    await change;
    await eventually(() => podNames()?.join() === names.join());
    tookMs.push(performance.now() - startMs);
  };
  await measure(write("a.yaml", "a"), ["a-node-1"]);
  await measure(write("a.yaml", "b"), ["b-node-1"]);
  await measure(unlink(join(dir, "a.yaml")), []);
  expect(Math.max(...tookMs)).toBeLessThan(200);
});

async function start(
  options: Partial<Parameters<typeof createDirectorySource>[1]> = {},
): Promise<FakeSystem> {
  const system = createFakeSystem();
  begin(system, options);
  await eventually(() => snapshots.length > 0);
  return system;
}

function begin(
  system: Parameters<typeof createDirectorySource>[0],
  options: Partial<Parameters<typeof createDirectorySource>[1]>,
): void {
  source = createDirectorySource(system, {
    path: dir,
    nodeName: "node-1",
    listEveryMs: 20_000,
    badManifest: "keep",
    known: [],
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    ...options,
  });
}

/** Moves the clock and gives real file operations `rounds` milliseconds to end. */
async function tick(system: FakeSystem, ms: number, rounds = 30): Promise<void> {
  await system.clock.advance(ms);
  for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function eventually(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 2000 && !isDone(); round += 1)
    await new Promise((resolve) => setTimeout(resolve, 1));
  expect(isDone()).toBe(true);
}

function write(file: string, name: string): Promise<void> {
  return writeFile(join(dir, file), manifest(name));
}

function manifest(name: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers: [{name: c, image: i}]\n`;
}

function last(): SourceSnapshot | undefined {
  return snapshots.at(-1);
}

function podNames(): readonly string[] | undefined {
  return last()?.pods.map((entry) => entry.pod.metadata.name);
}
