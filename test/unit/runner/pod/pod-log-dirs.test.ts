import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createPodLogDirs, listUnusedLogDirs } from "../../../../src/runner/pod/pod-log-dirs.ts";
import { noteMadePath } from "../../../../src/runtime/made-paths.ts";
import { createFileSystem } from "../../../../src/system/file-system.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const MINUTE_MS = 60_000;

/** Log directories `a` and `b` that were made for pods, and `foreign`, which was not. */
async function createPlace(change: Parameters<typeof createFakeSystem>[0] = {}) {
  const dir = createTempTree({ "pods/a/main/0.log": "x", "pods/b/main/0.log": "x", "pods/foreign": "dir/" });
  const place = { podLogsDir: join(dir, "pods"), notesPath: join(dir, "notes") };
  const system = createFakeSystem(change);
  const pathOf = (name: string): string => join(place.podLogsDir, name);
  for (const path of [pathOf("a"), pathOf("b"), pathOf("gone"), join(dir, "elsewhere")])
    await noteMadePath(system, { notesPath: place.notesPath, made: { kind: "tree", path } });
  return { system, place, pathOf, dirs: createPodLogDirs(system, place) };
}

test("a removed pod's logs stay a minute, then they go", async () => {
  const { system, pathOf, dirs } = await createPlace();
  dirs.release(pathOf("a"));
  await system.clock.advance(MINUTE_MS - 1);
  expect(existsSync(pathOf("a"))).toBe(true);
  await system.clock.advance(1);
  await vi.waitFor(() => expect(existsSync(pathOf("a"))).toBe(false));
  expect(existsSync(pathOf("b"))).toBe(true);
});

test("the logs of a pod that came back within the minute stay", async () => {
  const { system, pathOf, dirs } = await createPlace();
  dirs.release(pathOf("a"));
  await dirs.keep(pathOf("a"));
  await system.clock.advance(MINUTE_MS);
  await dirs.close();
  expect(existsSync(pathOf("a"))).toBe(true);
});

test("a pod that comes back while its logs are being removed waits until they are", async () => {
  const real = createFileSystem();
  let goOn = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const removeFile = async (path: string): Promise<boolean> => {
    await asked;
    return real.removeFile(path);
  };
  const { system, pathOf, dirs } = await createPlace({ fs: { removeFile } });
  dirs.release(pathOf("a"));
  await system.clock.advance(MINUTE_MS);
  const kept = dirs.keep(pathOf("a")).then(() => mkdirSync(pathOf("a")));
  goOn();
  await kept;
  expect(existsSync(pathOf("a"))).toBe(true);
});

test("a directory that was not made for a pod stays", async () => {
  const { system, pathOf, dirs } = await createPlace();
  dirs.release(pathOf("foreign"));
  await system.clock.advance(MINUTE_MS);
  await dirs.close();
  expect(existsSync(pathOf("foreign"))).toBe(true);
});

test("what an earlier runner could not remove any more is found", async () => {
  const { system, place, pathOf } = await createPlace();
  const logPaths = [join(pathOf("b"), "main/0.log")];
  expect(await listUnusedLogDirs(system, { ...place, logPaths })).toEqual([pathOf("a")]);
});
