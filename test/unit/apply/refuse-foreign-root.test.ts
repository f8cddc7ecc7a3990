import { expect, test } from "vitest";
import { withLock } from "../../../src/apply/lock.ts";
import { refuseForeignRoot } from "../../../src/apply/refuse-foreign-root.ts";
import { runGenerateCsr } from "../../../src/commands/certs/generate-csr.ts";
import { createFileSystem, type FileStatus } from "../../../src/system/file-system.ts";
import { createNet } from "../../../src/system/net.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const TREE = { "r/var/lib/slipway/ledger.json": "{}" };

/** A machine where all that is there belongs to one user. */
function buildSystem({ uid, owner }: { readonly uid: number; readonly owner: number }) {
  const rootDir = createTempTree(TREE);
  const stat = async (path: string): Promise<FileStatus | undefined> => {
    const found = await createFileSystem().stat(`${rootDir}${path}`);
    return found === undefined ? undefined : { ...found, uid: owner };
  };
  return createFakeSystem({ rootDir, net: createNet(), host: { uid }, fs: { stat } });
}

const root = "/r";
const work = async (): Promise<string> => "done";

test("root is sent to the user whose root it is, and that user may go on", async () => {
  await expect(refuseForeignRoot(buildSystem({ uid: 0, owner: 1000 }), root)).rejects.toMatchObject({
    code: "SLIPWAY_FOREIGN_ROOT",
    what: "the root /r belongs to uid 1000",
    fix: "run the command as uid 1000: sudo -u '#1000' slipway …",
  });
  await refuseForeignRoot(buildSystem({ uid: 1000, owner: 1000 }), root);
});

test("a user is sent to root, also where only the state directory itself can be seen", async () => {
  const system = buildSystem({ uid: 1000, owner: 0 });
  const stat = (path: string) =>
    path.endsWith("/slipway") ? system.fs.stat(path) : Promise.reject(systemError("EACCES"));
  for (const fs of [system.fs, { ...system.fs, stat }])
    await expect(refuseForeignRoot({ ...system, fs }, root)).rejects.toMatchObject({
      what: "the root /r belongs to root",
      fix: "run the command as root: sudo slipway …",
    });
});

test("a state directory in which nothing of ours is yet is nobody's", async () => {
  await refuseForeignRoot(buildSystem({ uid: 0, owner: 1000 }), "/other");
});

test.each(["init", "certs renew", "handoff", "runner"] as const)(
  "%s of another's root is refused",
  async (command) => {
    const system = buildSystem({ uid: 0, owner: 1000 });
    await expect(withLock(system, { root, command, work })).rejects.toMatchObject({
      code: "SLIPWAY_FOREIGN_ROOT",
    });
  },
);

test("root may reset another's root, and nobody else may", async () => {
  const options = { root, command: "reset", work } as const;
  expect(await withLock(buildSystem({ uid: 0, owner: 1000 }), options)).toBe("done");
  await expect(withLock(buildSystem({ uid: 1001, owner: 1000 }), options)).rejects.toMatchObject({
    code: "SLIPWAY_FOREIGN_ROOT",
  });
});

test("requests for another's root are refused, and made where it is not touched", async () => {
  const make = (dirs: { readonly certDir?: string; readonly kubeconfigDir?: string }) =>
    runGenerateCsr(buildSystem({ uid: 0, owner: 1000 }), {
      root,
      configPath: undefined,
      certDir: undefined,
      kubeconfigDir: undefined,
      ...dirs,
    });
  await expect(make({ certDir: "/csr" })).rejects.toMatchObject({ code: "SLIPWAY_FOREIGN_ROOT" });
  expect(await make({ certDir: "/csr", kubeconfigDir: "/csr" })).toContain("/csr/apiserver.csr");
});
