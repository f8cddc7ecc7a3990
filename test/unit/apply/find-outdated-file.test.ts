import { expect, test } from "vitest";
import { findOutdatedFile } from "../../../src/apply/find-outdated-file.ts";
import type { FileStatus } from "../../../src/system/file-system.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

const STARTED_AT = "2030-01-01T00:00:10Z";
const STARTED_MS = Date.parse(STARTED_AT);
const CERT = "/etc/kubernetes/pki/ca.crt";
const DIR = "/etc/kubernetes/pki";

/** Seconds after the start at which things were modified and changed; what is not named was made long before. */
type Times = Readonly<Record<string, Partial<Record<"modified" | "changed", number>>>>;

function find(times: Times, changing?: ReadonlySet<string>): Promise<string | undefined> {
  const stat = async (path: string): Promise<FileStatus> => {
    const { modified = -1000, changed = modified } = times[path] ?? {};
    const [modifiedMs, changedMs] = [STARTED_MS + modified * 1000, STARTED_MS + changed * 1000];
    return {
      kind: "file",
      mode: 0,
      uid: 0,
      gid: 0,
      sizeBytes: 0,
      dev: 0,
      ino: 0,
      linkCount: 1,
      modifiedMs,
      changedMs,
    };
  };
  const system = createFakeSystem({ fs: { stat } });
  return findOutdatedFile(system, { startedAt: STARTED_AT, loads: [CERT], ...(changing && { changing }) });
}

test.each<[what: string, times: Times, found: string | undefined]>([
  ["as it was when the component started", {}, undefined],
  ["written in the second of the start", { [CERT]: { modified: 0.9 } }, undefined],
  ["written later", { [CERT]: { modified: 1 } }, CERT],
  ["unpacked later with its old time", { [CERT]: { changed: 1 } }, CERT],
  ["in a directory that was moved here later", { [DIR]: { changed: 1 } }, CERT],
  ["below a directory that was moved here later", { "/etc/kubernetes": { changed: 1 } }, CERT],
  ["beside a file that was written later", { [DIR]: { modified: 1 } }, undefined],
])("a file that is %s", async (_what, times, found) => {
  expect(await find(times)).toBe(found);
});

test("a file that is going to be changed is outdated, and nothing is of what does not run", async () => {
  expect(await find({}, new Set([CERT]))).toBe(CERT);
  const system = createFakeSystem();
  expect(await findOutdatedFile(system, { startedAt: undefined, loads: [CERT] })).toBeUndefined();
});
