import { expect, test } from "vitest";
import { createFactReader } from "../../../src/facts/fact-reader.ts";
import { readLimitFacts } from "../../../src/facts/read-limit-facts.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

function read(limits: string | undefined, watchError?: Error) {
  const rootDir = createTempTree({
    "/m": "",
    ...(limits === undefined ? {} : { "/proc/self/limits": limits }),
  });
  const system = createFakeSystem({
    rootDir,
    fs: {
      watch: (_path, { onError }) => {
        if (watchError !== undefined) queueMicrotask(() => onError(watchError));
        return { close: () => undefined };
      },
    },
  });
  return readLimitFacts(system, { reader: createFactReader(), dir: "/m" });
}

test.each([
  ["Max open files            1024                 4096                 files\n", 4096],
  ["Max open files            1024                 unlimited            files\n", undefined],
  [undefined, undefined],
])("the hard limit of open files counts: %j", async (limits, openFilesLimit) => {
  expect(await read(limits)).toMatchObject({ openFilesLimit, availableMemoryBytes: 4 * 1024 ** 3 });
});

test.each([
  [undefined, undefined],
  ["EMFILE", "EMFILE"],
  ["ENOSPC", "ENOSPC"],
  ["ENOENT", undefined],
])("a watch that fails with %s tells of the limit %s", async (code, inotifyProblem) => {
  const error = code === undefined ? undefined : systemError(code);
  expect(await read("", error)).toMatchObject({ inotifyProblem });
});
