import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type LedgerEntry, writeLedger } from "../../../../src/apply/ledger.ts";
import { observeEntries } from "../../../../src/apply/observe-entries.ts";
import { buildResetPlan, type ResetPlan } from "../../../../src/apply/reset/build-reset-plan.ts";
import { buildPaths, type ClusterPaths } from "../../../../src/core/paths.ts";
import { buildPlan } from "../../../../src/plan/build-plan.ts";
import { noteMadePath } from "../../../../src/runtime/made-paths.ts";
import { buildContainerSpec } from "../../../support/container-spec.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { rootedPlanInput } from "../../../support/plan-input.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

let root: string;
let paths: ClusterPaths;
const system = createFakeSystem();

beforeEach(() => {
  root = createTempTree({});
  paths = buildPaths({ root, uid: 0 });
});

async function ledgerOf(entries: readonly LedgerEntry[]): Promise<ResetPlan> {
  await writeLedger(system, {
    paths,
    ledger: {
      apiVersion: "slipway.dev/v1",
      kind: "Ledger",
      root,
      kubernetesVersion: "v1.37.2",
      nodeName: "n1",
      entries: [...entries],
    },
  });
  return buildResetPlan(system, paths);
}

test("an untouched machine has nothing to undo", async () => {
  expect(await buildResetPlan(system, paths)).toEqual({
    runtime: "host",
    runnerPids: [],
    containers: [],
    removals: [],
    changedCopies: [],
  });
});

test.each(["host", "external"] as const)(
  "with the %s runtime children go before their parents, the ledger last",
  async (runtime) => {
    const plan = buildPlan(await rootedPlanInput(root, { runtime }));
    const { removals } = await ledgerOf(await observeEntries(system, { plan, earlier: [] }));
    const order = removals.map(({ path }) => path);
    for (const path of order) {
      const parent = dirname(path);
      if (order.includes(parent)) expect(order.indexOf(path)).toBeLessThan(order.indexOf(parent));
    }
    expect(order.slice(order.indexOf(paths.stateDir))).toEqual([
      paths.stateDir,
      join(root, "var/lib"),
      join(root, "var"),
    ]);
    expect(order).toContain(join(root, "etc/kubernetes/pki/ca.key"));
  },
);

test("a kubeconfig that was copied goes while it is the copy, and stays when its user has changed it", async () => {
  const copy = { kind: "copy", path: join(root, "config"), of: join(root, "admin.conf") } as const;
  writeFileSync(copy.of, "one cluster");
  writeFileSync(copy.path, "one cluster");
  const same = await ledgerOf([{ ...copy, existedBefore: false }]);
  expect(same.removals.map(({ path }) => path)).toContain(copy.path);
  expect(same.changedCopies).toEqual([]);
  writeFileSync(copy.path, "two clusters");
  const changed = await buildResetPlan(system, paths);
  expect(changed.removals.map(({ path }) => path)).not.toContain(copy.path);
  expect(changed.changedCopies).toEqual([copy.path]);
});

test("a file that was there before is not touched, and a directory is kept with its mode", async () => {
  const { removals } = await ledgerOf([
    { kind: "dir", path: "/x/d", existedBefore: true, modeBefore: 0o750 },
    { kind: "file", path: "/x/d/before", existedBefore: true },
    { kind: "file", path: "/x/d/ours", existedBefore: false },
  ]);
  expect(removals).toEqual([
    { kind: "file", path: "/x/d/ours", keep: false, modeBefore: undefined },
    { kind: "dir", path: "/x/d", keep: true, modeBefore: 0o750 },
  ]);
});

test("what the runner noted goes first, newest first", async () => {
  await ledgerOf([{ kind: "tree", path: paths.stateDir, existedBefore: false }]);
  const notes = [
    { kind: "dir", path: "/srv/a" },
    { kind: "file", path: "/srv/a/f" },
  ];
  writeFileSync(paths.madePathsPath, notes.map((note) => `${JSON.stringify(note)}\n`).join(""));
  const { removals } = await buildResetPlan(system, paths);
  expect(removals.map(({ path }) => path)).toEqual(["/srv/a/f", "/srv/a", paths.stateDir]);
});

const ID = "a".repeat(64);

/** A container with its log, what was moved aside of it, and the link; tells where they lie. */
async function leaveContainer(recordText?: string) {
  await ledgerOf([{ kind: "tree", path: paths.stateDir, existedBefore: false }]);
  const podLogDir = join(paths.podLogsDir, "kube-system_etcd-n1_u");
  const logPath = join(podLogDir, "etcd/0.log");
  const spec = buildContainerSpec({
    podNamespace: "kube-system",
    podName: "etcd-n1",
    containerName: "etcd",
    logPath,
    logLinkPrefix: join(paths.containerLogsDir, "etcd-n1_kube-system_etcd"),
  });
  const linkPath = `${spec.logLinkPrefix}-${ID}.log`;
  const rotatedPath = `${logPath}.20261122-170000.gz`;
  for (const dir of [join(paths.containersDir, ID), dirname(logPath), paths.containerLogsDir])
    mkdirSync(dir, { recursive: true });
  const record = JSON.stringify({ id: ID, spec, imageId: "etcd", argv: ["etcd"], startedAtMs: 1 });
  writeFileSync(join(paths.containersDir, ID, "container.json"), recordText ?? record);
  for (const path of [logPath, rotatedPath]) writeFileSync(path, "");
  symlinkSync(logPath, linkPath);
  return { podLogDir, logPath, linkPath, rotatedPath };
}

async function describeRemovals(): Promise<readonly string[]> {
  return (await buildResetPlan(system, paths)).removals.map(({ kind, path }) => `${kind} ${path}`);
}

test("the log link of each recorded container goes, and its log with the tree that was noted", async () => {
  const { podLogDir, linkPath } = await leaveContainer();
  await noteMadePath(system, { notesPath: paths.madePathsPath, made: { kind: "tree", path: podLogDir } });
  expect((await buildResetPlan(system, paths)).containers).toEqual([
    { id: ID, pod: "kube-system/etcd-n1", container: "etcd" },
  ]);
  expect(await describeRemovals()).toEqual([
    `file ${linkPath}`,
    `tree ${podLogDir}`,
    `tree ${paths.stateDir}`,
  ]);
});

test("the logs of containers go by their records when the notes are lost, and nothing of others with them", async () => {
  const { podLogDir, logPath, linkPath, rotatedPath } = await leaveContainer();
  expect(await describeRemovals()).toEqual([
    `file ${linkPath}`,
    `file ${logPath}`,
    `file ${rotatedPath}`,
    `shared-dir ${dirname(logPath)}`,
    `shared-dir ${podLogDir}`,
    `tree ${paths.stateDir}`,
  ]);
});

test("the link of a container whose record is damaged goes by its ID, another's stays", async () => {
  const { linkPath, logPath } = await leaveContainer("");
  symlinkSync(logPath, join(paths.containerLogsDir, `web_default_web-${"b".repeat(64)}.log`));
  expect(await describeRemovals()).toEqual([`file ${linkPath}`, `tree ${paths.stateDir}`]);
});

test("an init that was killed before it had a ledger has its directory undone", async () => {
  mkdirSync(paths.stateDir, { recursive: true });
  const { removals } = await buildResetPlan(system, paths);
  expect(removals).toEqual([{ kind: "tree", path: paths.stateDir, keep: false, modeBefore: undefined }]);
});

test("a ledger that cannot be read stops a reset", async () => {
  mkdirSync(paths.stateDir, { recursive: true });
  writeFileSync(paths.ledgerPath, "{");
  await expect(buildResetPlan(system, paths)).rejects.toMatchObject({ code: "SLIPWAY_LEDGER_CORRUPT" });
});

test("runners of this root are found by their command line, others are not", async () => {
  const machine = createTempTree({
    "proc/10/cmdline": `node\0/opt/dist/main.cjs\0runner\0run\0--root\0${root}\0`,
    "proc/11/cmdline": `node\0/opt/dist/main.cjs\0runner\0run\0--root\0${root}-other\0`,
    "proc/12/cmdline": `vi\0${root}\0`,
    "proc/4242/cmdline": `slipway\0runner\0run\0--root\0${root}\0`,
  });
  const { runnerPids } = await buildResetPlan(createFakeSystem({ rootDir: machine }), paths);
  expect(runnerPids).toEqual([10]);
});

test("a socket outside the root goes, and its directory only when no other cluster has one there", async () => {
  const socketDir = join(root, "sockets");
  const controlSocketPath = join(socketDir, "mine.sock");
  mkdirSync(socketDir);
  writeFileSync(controlSocketPath, "");
  const elsewhere = { ...paths, controlSocketPath };
  await ledgerOf([{ kind: "dir", path: socketDir, existedBefore: false }]);
  const alone = await buildResetPlan(system, elsewhere);
  expect(alone.removals.map(({ path }) => path)).toEqual([controlSocketPath, socketDir]);
  writeFileSync(join(socketDir, "other.sock"), "");
  const shared = await buildResetPlan(system, elsewhere);
  expect(shared.removals.map(({ path }) => path)).toEqual([controlSocketPath]);
});

test("what a killed write left next to a file of ours goes, a stranger's does not", async () => {
  const dir = join(root, "etc/kubernetes/pki");
  mkdirSync(dir, { recursive: true });
  for (const name of [".ca.key.0123456789ab.tmp", ".other.key.0123456789ab.tmp", ".ca.key.tmp"])
    writeFileSync(join(dir, name), "");
  const { removals } = await ledgerOf([{ kind: "file", path: join(dir, "ca.key"), existedBefore: false }]);
  expect(removals.map(({ path }) => path)).toEqual([
    join(dir, ".ca.key.0123456789ab.tmp"),
    join(dir, "ca.key"),
  ]);
});
