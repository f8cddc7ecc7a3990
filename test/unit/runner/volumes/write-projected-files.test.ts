import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeProjectedFiles } from "../../../../src/runner/volumes/write-projected-files.ts";
import { createSystem } from "../../../../src/system/create-system.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const system = createSystem({ log: createFakeSystem().log });

let base: string;
const dir = (): string => join(base, "volume");

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "slipway-projected-"));
});
afterEach(() => rm(base, { recursive: true }));

function write(labels: Readonly<Record<string, string>>): Promise<string | undefined> {
  const items = [
    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
    { path: "deep/name", mode: 0o400, fieldRef: { fieldPath: "metadata.name" } },
  ];
  const volume = { name: "info", projected: { sources: [{ downwardAPI: { items } }] } };
  const allocatable = { cpu: 2000, memory: 2 ** 30, "ephemeral-storage": 2 ** 40 };
  return writeProjectedFiles(system, { dir: dir(), pod: buildPod({ labels }), volume, allocatable });
}

// Source: pkg/volume/util/atomic_writer.go.
test("the visible names lead through one link, which a second writing turns to new files, all at once", async () => {
  expect(await write({ a: "1" })).toBeUndefined();
  const first = await readlink(join(dir(), "..data"));
  expect(await readFile(join(dir(), "labels"), "utf8")).toBe('a="1"');
  expect(await readlink(join(dir(), "labels"))).toBe("..data/labels");
  expect(await readFile(join(dir(), "deep/name"), "utf8")).toBe("web-node-1");
  const modes = await Promise.all(["labels", "deep/name"].map((name) => stat(join(dir(), name))));
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o644, 0o400]);
  // What a runner has left that was killed while it wrote.
  await mkdir(join(dir(), "..0123456789abcdef"));
  expect(await write({ a: "2" })).toBeUndefined();
  const second = await readlink(join(dir(), "..data"));
  expect(second).not.toBe(first);
  expect(await readFile(join(dir(), "labels"), "utf8")).toBe('a="2"');
  expect((await readdir(dir())).sort()).toEqual(["..data", second, "deep", "labels"].sort());
});
