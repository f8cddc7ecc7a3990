import { chown, lstat, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyFileHandler } from "../../../../src/apply/steps/copy-file.ts";
import { copyKubeconfigHandler } from "../../../../src/apply/steps/copy-kubeconfig.ts";
import { directoryHandler } from "../../../../src/apply/steps/directory.ts";
import { encryptionConfigHandler } from "../../../../src/apply/steps/encryption-config.ts";
import { sampleApplyContext } from "../../../support/apply-context.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = createFakeSystem();
const context = sampleApplyContext("/");
const STEP = { id: "x", phase: "etcd", title: "x", needs: [] } as const;
const OWNER = { uid: 2379, gid: 2379 };
const isRoot = process.getuid?.() === 0;

test("the key for Secrets is made once: what is there is kept, whatever it says", async () => {
  const path = join(createTempTree({}), "encryption.yaml");
  const step = { ...STEP, kind: "encryption-config", path } as const;
  expect((await encryptionConfigHandler.observe(system, { step, context })).kind).toBe("absent");
  await encryptionConfigHandler.apply(system, { step, context });
  expect(await readFile(path, "utf8")).toMatch(/secretbox:[\s\S]*secret: \S+[\s\S]*identity: \{\}/);
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
  await writeFile(path, "the user's own");
  expect((await encryptionConfigHandler.observe(system, { step, context })).kind).toBe("done");
});

test.skipIf(!isRoot)("a copy for another user follows its original", async () => {
  const dir = createTempTree({ "a.key": "one" });
  const step = {
    ...STEP,
    kind: "copy-file",
    from: join(dir, "a.key"),
    path: join(dir, "b.key"),
    owner: OWNER,
  } as const;
  expect((await copyFileHandler.observe(system, { step, context })).kind).toBe("absent");
  await copyFileHandler.apply(system, { step, context });
  expect((await copyFileHandler.observe(system, { step, context })).kind).toBe("done");
  expect(await lstat(step.path)).toMatchObject(OWNER);
  await writeFile(step.from, "two");
  expect((await copyFileHandler.observe(system, { step, context })).kind).toBe("differs");
});

test.skipIf(!isRoot)("a copy is its user's from the moment that it is there", async () => {
  const dir = createTempTree({ "a.key": "one" });
  const chown = () => Promise.reject(new Error("too late"));
  const [from, path] = [join(dir, "a.key"), join(dir, "b.key")];
  const step = { ...STEP, kind: "copy-file", from, path, owner: OWNER } as const;
  await copyFileHandler.apply({ ...system, fs: { ...system.fs, chown } }, { step, context });
  expect(await lstat(path)).toMatchObject(OWNER);
});

test.skipIf(!isRoot)(
  "a directory that is given away takes its content with it, and follows no link",
  async () => {
    const dir = createTempTree({ "data/member/db": "x", "others/file": "y" });
    await symlink(join(dir, "others"), join(dir, "data/link"));
    const step = { ...STEP, kind: "directory", path: join(dir, "data"), mode: 0o700, owner: OWNER } as const;
    expect((await directoryHandler.observe(system, { step, context })).kind).toBe("differs");
    await directoryHandler.apply(system, { step, context });
    expect((await directoryHandler.observe(system, { step, context })).kind).toBe("done");
    for (const path of ["data", "data/member", "data/member/db", "data/link"])
      expect(await lstat(join(dir, path))).toMatchObject(OWNER);
    expect(await lstat(join(dir, "others/file"))).toMatchObject({ uid: 0, gid: 0 });
  },
);

test.skipIf(!isRoot)(
  "what a killed init had made and not given away yet is no change: it is given away",
  async () => {
    const dir = createTempTree({ data: "dir/", "home/.kube": "dir/", "admin.conf": "x" });
    const ours = { ...context, isOurs: () => true };
    const data = { ...STEP, kind: "directory", path: join(dir, "data"), mode: 0o700, owner: OWNER } as const;
    expect((await directoryHandler.observe(system, { step: data, context: ours })).kind).toBe("absent");
    await directoryHandler.apply(system, { step: data, context: ours });
    const [from, path] = [join(dir, "admin.conf"), join(dir, "home/.kube/config")];
    const copy = { ...STEP, kind: "copy-kubeconfig", from, path, ...OWNER } as const;
    await copyKubeconfigHandler.apply(system, { step: copy, context: ours });
    for (const name of ["data", "home/.kube"]) expect(await lstat(join(dir, name))).toMatchObject(OWNER);
  },
);

test.skipIf(!isRoot)("a directory that belongs to its user already is not gone through again", async () => {
  const dir = createTempTree({ "data/member/db": "x" });
  await chown(join(dir, "data"), OWNER.uid, OWNER.gid);
  const step = { ...STEP, kind: "directory", path: join(dir, "data"), mode: 0o700, owner: OWNER } as const;
  await directoryHandler.apply(system, { step, context });
  expect(await lstat(join(dir, "data/member/db"))).toMatchObject({ uid: 0 });
});
