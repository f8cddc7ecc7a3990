import { expect, test } from "vitest";
import { findOutdatedFile } from "../../../src/apply/find-outdated-file.ts";
import type { FileStatus } from "../../../src/system/file-system.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const STARTED_AT = "2030-01-01T00:00:10Z";
const CERT = "/etc/kubernetes/pki/ca.crt";

/** Of a file that was written so many seconds after the component's start. */
function find(afterSeconds: number, changing?: ReadonlySet<string>): Promise<string | undefined> {
  const status: FileStatus = {
    ...{ kind: "file", mode: 0o644, uid: 0, gid: 0, sizeBytes: 0, dev: 0, ino: 0, linkCount: 1 },
    modifiedMs: Date.parse(STARTED_AT) + afterSeconds * 1000,
  };
  const system = createFakeSystem({ fs: { stat: async () => status } });
  return findOutdatedFile(system, { startedAt: STARTED_AT, loads: [CERT], ...(changing && { changing }) });
}

test.each([
  ["before the start", -1000, undefined],
  ["in the second of the start", 0.9, undefined],
  ["later", 1, CERT],
])("a file that was written %s", async (_when, afterSeconds, found) => {
  expect(await find(afterSeconds)).toBe(found);
});

test("a file that is going to be changed is outdated, and nothing is of what does not run", async () => {
  expect(await find(-1000, new Set([CERT]))).toBe(CERT);
  expect(await findOutdatedFile(createFakeSystem(), { startedAt: undefined, loads: [CERT] })).toBeUndefined();
});
