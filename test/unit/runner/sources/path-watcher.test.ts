import { expect, test } from "vitest";
import { createPathWatcher } from "../../../../src/runner/sources/path-watcher.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";

const DIRECTORY = await createFakeSystem().fs.stat("/");

/** A watcher where watching begins to fail, or no longer does, as `state.code` says. */
function watch(state: { code: string | undefined }) {
  const { log, fs } = createFakeSystem();
  const watching: typeof fs.watch = (_path, { onError }) => {
    const { code } = state;
    if (code !== undefined) queueMicrotask(() => onError(systemError(code)));
    return { close: () => undefined };
  };
  return createPathWatcher({ log, fs: { ...fs, watch: watching } }, { path: "/", onChange: () => undefined });
}

test.each([
  ["EMFILE", "EMFILE"],
  ["ENOSPC", "ENOSPC"],
  ["ENOENT", undefined],
])("after %s %s is what keeps the manifests from being watched", async (code, problem) => {
  const watcher = watch({ code });
  watcher.rearm(DIRECTORY);
  await Promise.resolve();
  expect(watcher.problem()).toBe(problem);
});

test("what is watched again has no problem", async () => {
  const state: Parameters<typeof watch>[0] = { code: "EMFILE" };
  const watcher = watch(state);
  watcher.rearm(DIRECTORY);
  await Promise.resolve();
  state.code = undefined;
  watcher.rearm(DIRECTORY);
  await Promise.resolve();
  expect(watcher.problem()).toBeUndefined();
});
