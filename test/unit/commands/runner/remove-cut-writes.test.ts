import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeCutWrites } from "../../../../src/commands/runner/remove-cut-writes.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree, type TreeEntry } from "../../../support/temp-tree.ts";

const CUT = ".0123456789ab.tmp";
const STATE = "var/lib/slipway";
const ID = `${STATE}/containers/${"a".repeat(64)}`;
const POD = `${STATE}/pods/${"b".repeat(32)}`;

const CUT_BY_RUNNER = [
  `${STATE}/.events.jsonl${CUT}`,
  `${STATE}/.made-paths.jsonl${CUT}`,
  `${STATE}/.runner-flags.json${CUT}`,
  `${STATE}/.services.json${CUT}`,
  `${ID}/.container.json${CUT}`,
  `${ID}/.log.json${CUT}`,
  `${ID}.aside/.container.json${CUT}`,
  `${STATE}/containers/.exits/.${"a".repeat(64)}${CUT}`,
  `${POD}/.status.json${CUT}`,
  `${POD}/.etc-hosts${CUT}`,
];

/** What init may be writing now, what is the pods', and what only looks like it. */
const OTHERS = [
  `${STATE}/.ledger.json${CUT}`,
  `${STATE}/.config.yaml${CUT}`,
  `${STATE}/pki/.kubelet.key${CUT}`,
  `${ID}/spool/.x${CUT}`,
  `${ID}/log.json`,
  `${ID}/.log.json.tmp`,
  `${ID}/.log.json.0123456789AB.tmp`,
  `${POD}/volumes/kubernetes.io~empty-dir/v/.x${CUT}`,
  `${POD}/.d${CUT}/file`,
  `etc/kubernetes/manifests/.etcd.yaml${CUT}`,
];

function listFiles(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .sort();
}

test("what a killed runner had begun to write in its own directories goes, and links in their place", async () => {
  const links: Record<string, TreeEntry> = {
    [`${STATE}/containers/${"c".repeat(64)}`]: { link: "../../../../others" },
    [`${STATE}/pods/${"c".repeat(32)}`]: { link: "../../../../others" },
    [`${POD}/.link${CUT}`]: { link: "status.json" },
  };
  const stays = [...OTHERS, `others/.log.json${CUT}`];
  const files = Object.fromEntries([...CUT_BY_RUNNER, ...stays].map((path) => [path, "x"]));
  const root = createTempTree({ ...files, ...links });
  await removeCutWrites(createFakeSystem(), buildPaths({ root, uid: 0 }));
  expect(listFiles(root)).toEqual([...stays, `${POD}/.link${CUT}`].sort());
});

test("where that cannot be, or nothing is there, the runner starts all the same", async () => {
  const root = createTempTree(Object.fromEntries(CUT_BY_RUNNER.map((path) => [path, "x"])));
  const paths = buildPaths({ root, uid: 0 });
  const broken = createFakeSystem({ fs: { removeFile: () => Promise.reject(systemError("EROFS")) } });
  await removeCutWrites(broken, paths);
  expect(broken.logged).toMatchObject([{ level: "warn" }]);
  const empty = createFakeSystem();
  await removeCutWrites(empty, buildPaths({ root: createTempTree({}), uid: 0 }));
  expect(empty.logged).toEqual([]);
});
