import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeLedger } from "../../../../src/apply/ledger.ts";
import { readResetPlan } from "../../../../src/apply/reset/read-reset-plan.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import type { ResetPhase } from "../../../../src/core/reset-phases.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = createFakeSystem();

/** A plane whose etcd has its data where only its ledger and its manifest say. */
async function prepare() {
  const root = createTempTree({ "etc/kubernetes/manifests/etcd.yaml": "etcd", "srv/etcd/member": "dir/" });
  const paths = buildPaths({ root, uid: 0 });
  const dataDir = join(root, "srv/etcd");
  const manifestPath = join(paths.manifestDir, "etcd.yaml");
  const entries = [
    { kind: "file" as const, path: manifestPath, existedBefore: false },
    { kind: "tree" as const, path: dataDir, existedBefore: false },
  ];
  await writeLedger(system, {
    paths,
    ledger: {
      apiVersion: "slipway.dev/v1",
      kind: "Ledger",
      root,
      kubernetesVersion: "v1.37.2",
      nodeName: "n1",
      etcdDataDir: dataDir,
      entries,
    },
  });
  const list = async (...phases: readonly ResetPhase[]): Promise<readonly string[]> => {
    const request = { phases, certificatesDir: undefined, cleanupTmpDir: false };
    return (await readResetPlan(system, { paths, request })).plan.removals.map(({ path }) => path);
  };
  return { dataDir, manifestPath, list };
}

test("what somebody else has put into a directory that goes is named, of what the phases do alone", async () => {
  const files = { "etc/kubernetes/mine": "", "etc/kubernetes/tmp/kubeadm": "", "etc/cni/theirs": "" };
  const root = createTempTree({ ...files, "var/lib/slipway/containers/x": "" });
  const paths = buildPaths({ root, uid: 0 });
  const ledger = {
    apiVersion: "slipway.dev/v1" as const,
    kind: "Ledger" as const,
    ...{ root, kubernetesVersion: "v1.37.2", nodeName: "n1" },
    entries: [
      { kind: "dir" as const, path: paths.kubernetesDir, existedBefore: false },
      { kind: "dir" as const, path: join(root, "etc/cni"), existedBefore: true },
      { kind: "dir" as const, path: paths.stateDir, existedBefore: false },
    ],
  };
  await writeLedger(system, { paths, ledger });
  const list = async (phases: readonly ResetPhase[], cleanupTmpDir = false): Promise<readonly string[]> => {
    const request = { phases, certificatesDir: undefined, cleanupTmpDir };
    return (await readResetPlan(system, { paths, request })).plan.strays;
  };
  const [mine, tmp] = [join(paths.kubernetesDir, "mine"), join(paths.kubernetesDir, "tmp")];
  const all = ["preflight", "remove-etcd-member", "cleanup-node"] as const;
  expect(await list(all)).toEqual([mine, tmp]);
  expect(await list(all, true)).toEqual([mine]);
  expect(await list(["remove-etcd-member"])).toEqual([]);
  expect(await list(["preflight"])).toEqual([]);
  rmSync(paths.ledgerPath);
  rmSync(paths.ledgerCopyPath);
  expect(await list(all)).toEqual([]);
});

test.each([
  ["deleted", (path: string) => rmSync(path)],
  [
    "not to be read",
    (path: string) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
])("etcd's data is known as such though its manifest is %s", async (_what, damage) => {
  const { dataDir, manifestPath, list } = await prepare();
  damage(manifestPath);
  expect(await list("remove-etcd-member")).toContain(dataDir);
  expect(await list("cleanup-node")).not.toContain(dataDir);
  expect(await list("remove-etcd-member", "cleanup-node")).toContain(dataDir);
});
