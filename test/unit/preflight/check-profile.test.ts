import { expect, test } from "vitest";
import { applyProfile } from "../../../src/config/apply-profile.ts";
import type { InitConfig } from "../../../src/config/types.ts";
import { hardeningPaths } from "../../../src/core/paths.ts";
import type { InitFacts } from "../../../src/facts/types.ts";
import { checkEncryption, checkEtcdAccount } from "../../../src/preflight/check-profile.ts";
import type { InitCheck } from "../../../src/preflight/init-check.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const KEY_FILE = {
  path: hardeningPaths("/").encryptionPath,
  status: {
    kind: "file",
    mode: 0o600,
    uid: 0,
    gid: 0,
    sizeBytes: 1,
    modifiedMs: 0,
    dev: 1,
    ino: 1,
    linkCount: 1,
  },
  entryCount: undefined,
} as const;

function names(
  check: InitCheck,
  options: {
    readonly config: InitConfig;
    readonly uid?: number;
    readonly etcdAccount?: InitFacts["machine"]["etcdAccount"];
    readonly paths?: InitFacts["paths"];
    readonly resuming?: boolean;
    readonly encryptionUsed?: boolean;
  },
): readonly string[] {
  const { config, uid = 0, etcdAccount, paths = [], resuming = true, encryptionUsed = false } = options;
  // The checks of the profile look at these facts alone.
  const facts = { machine: { uid, etcdAccount }, paths, encryptionUsed } as unknown as InitFacts;
  return check({ config, facts, resuming }).map(({ name }) => name);
}

const CIS = applyProfile(sampleInitConfig({ profile: "cis" }));
const DEFAULT = sampleInitConfig();

test("the profile needs an account named etcd, of root alone", () => {
  expect(names(checkEtcdAccount, { config: CIS })).toEqual(["EtcdAccount"]);
  expect(names(checkEtcdAccount, { config: CIS, etcdAccount: { uid: 7, gid: 7 } })).toEqual([]);
  expect(names(checkEtcdAccount, { config: CIS, uid: 1000 })).toEqual([]);
  expect(names(checkEtcdAccount, { config: DEFAULT })).toEqual([]);
});

test("the key that Secrets are encrypted with is not taken away from kube-apiserver", () => {
  expect(names(checkEncryption, { config: DEFAULT, paths: [KEY_FILE] })).toEqual(["Encryption"]);
  expect(names(checkEncryption, { config: CIS, paths: [KEY_FILE] })).toEqual([]);
  expect(names(checkEncryption, { config: DEFAULT })).toEqual([]);
  expect(names(checkEncryption, { config: DEFAULT, paths: [KEY_FILE], resuming: false })).toEqual([]);
});

test("a key that has been lost is not made anew where etcd has Secrets that are encrypted with it", () => {
  const dataDir = CIS.cluster.etcd.dataDir;
  const data = { path: dataDir, status: { ...KEY_FILE.status, kind: "directory" as const }, entryCount: 1 };
  const lost = { config: CIS, paths: [data], encryptionUsed: true };
  expect(names(checkEncryption, lost)).toEqual(["Encryption"]);
  expect(names(checkEncryption, { ...lost, paths: [data, KEY_FILE] })).toEqual([]);
  expect(names(checkEncryption, { ...lost, encryptionUsed: false })).toEqual([]);
  expect(names(checkEncryption, { ...lost, paths: [{ ...data, entryCount: 0 }] })).toEqual([]);
  expect(names(checkEncryption, { ...lost, resuming: false })).toEqual([]);
  expect(names(checkEncryption, { ...lost, config: DEFAULT })).toEqual([]);
});
