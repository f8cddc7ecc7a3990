import { expect, test } from "vitest";
import { blameEdit } from "../../../src/apply/blame-edit.ts";
import type { Ledger } from "../../../src/apply/ledger.ts";
import { hashText } from "../../../src/apply/ledger.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const path = "/manifests/etcd.yaml";
function blame(
  entry: Partial<Ledger["entries"][number]>,
  failure: { readonly cause?: string; readonly inManifest?: boolean; readonly otherManifest?: string } = {},
  own = path,
) {
  const ledger: Ledger = {
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root: "/",
    kubernetesVersion: "v1.37.2",
    nodeName: "n",
    entries: [{ kind: "file", path, existedBefore: false, ...entry }],
  };
  const system = createFakeSystem({ rootDir: createTempTree({ [path]: "as it is\n" }) });
  return blameEdit(system, {
    failure: { cause: "so", fix: "do", inManifest: true, ...failure },
    ledger,
    path: own,
  });
}

const sha256 = hashText("as init wrote it\n");

test("of a manifest that was edited since init both ways out are told", async () => {
  expect(await blame({ sha256 }, { cause: "So." })).toMatchObject({
    cause: `So; ${path} was edited since init wrote it`,
    fix: "correct it there, or have it written again as it was: slipway init",
  });
});

test("an edit of another pod's manifest that it may lie in is told with its path", async () => {
  const failure = { otherManifest: path };
  expect(await blame({ sha256 }, failure, "/manifests/kube-apiserver.yaml")).toMatchObject({
    cause: `so; ${path} was edited since init wrote it`,
    fix: "correct it there, or have it written again as it was: slipway init",
  });
});

test("what does not lie in the manifest keeps its fix, with the edit told", async () => {
  expect(await blame({ sha256 }, { inManifest: false })).toMatchObject({
    cause: `so; ${path} was edited since init wrote it`,
    fix: "do",
  });
});

test.each([
  ["is as init wrote it", { sha256: hashText("as it is\n") }],
  ["is gone", { sha256, path: "/manifests/gone.yaml" }],
  ["was written by an init that noted no hash", {}],
])("a manifest that %s is not blamed", async (_name, entry) => {
  expect(await blame(entry)).toMatchObject({ cause: "so", fix: "do" });
});
