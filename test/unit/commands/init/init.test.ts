import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readLedger } from "../../../../src/apply/ledger.ts";
import {
  buildPodList,
  describePlan,
  formatManifestStream,
  writeManifests,
} from "../../../../src/commands/init/dry-run.ts";
import { runInit } from "../../../../src/commands/init/init.ts";
import type { InitOptions } from "../../../../src/commands/init/init-options.ts";
import { runInitPhase } from "../../../../src/commands/init/init-phase.ts";
import { prepareInit } from "../../../../src/commands/init/prepare-init.ts";
import { type ResetOptions, runReset } from "../../../../src/commands/reset.ts";
import { parseYamlDocuments } from "../../../../src/core/yaml.ts";
import { createNet } from "../../../../src/system/net.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createFakeUi, type FakeUi } from "../../../support/fake-ui.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";
import { sampleResetOptions } from "../../../support/reset-options.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

let root: string;
const system = createFakeSystem();
const signal = new AbortController().signal;

beforeEach(() => {
  root = createTempTree({});
});

const FLAGS = { ignorePreflightErrors: ["all"], apiserverAdvertiseAddress: "192.0.2.10" };

function init(change: Partial<InitOptions> = {}, ui: FakeUi = createFakeUi()) {
  const options = sampleInitOptions(root, { ...change, flags: { ...FLAGS, ...change.flags } });
  return runInit(system, { options, ui, signal });
}

function prepare(change: Partial<InitOptions> = {}, ui: FakeUi = createFakeUi()) {
  return prepareInit(system, { options: sampleInitOptions(root, change), ui });
}

function reset(change: Partial<ResetOptions> = {}, ui: FakeUi = createFakeUi()) {
  return runReset(system, sampleResetOptions(root, { ui, ...change }));
}

test("preparing changes nothing and comes to four manifests", async () => {
  const { manifests } = await prepare();
  expect(manifests.map(({ fileName }) => fileName)).toEqual([
    "etcd.yaml",
    "kube-apiserver.yaml",
    "kube-controller-manager.yaml",
    "kube-scheduler.yaml",
  ]);
  expect(readdirSync(root)).toEqual([]);
});

test("a dry run's stream is the manifests byte for byte, and its list the same pods", async () => {
  const prepared = await prepare();
  const documents = parseYamlDocuments(formatManifestStream(prepared));
  expect(documents.map(({ value }) => value)).toEqual(buildPodList(prepared).items);
  expect(documents.flatMap(({ problems }) => problems)).toEqual([]);
});

test("a dry run writes files where it is told to, for their owner alone", async () => {
  const prepared = await prepare();
  const outputDir = join(root, "out");
  const files = await writeManifests(system, { prepared, outputDir });
  expect(files).toHaveLength(4);
  expect(readFileSync(join(outputDir, "etcd.yaml"), "utf8")).toBe(prepared.manifests[0]?.text);
  expect(statSync(join(outputDir, "etcd.yaml")).mode & 0o777).toBe(0o600);
  await expect(writeManifests(system, { prepared, outputDir: join(root, "no/out") })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
  });
});

test("a described plan has every step once, ordered by phase", async () => {
  const prepared = await prepare({ runtime: "host" });
  const { steps } = describePlan(prepared, new Map());
  expect(steps.map(({ id }) => id).toSorted()).toEqual(prepared.plan.steps.map(({ id }) => id).toSorted());
  const phases = steps.map(({ phase }) => phase);
  expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([...new Set(phases)]);
});

test("a configuration file that cannot be read is told as such", async () => {
  await expect(prepare({ configPath: join(root, "no.yaml") })).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_UNREADABLE",
    why: "there is no such file",
  });
  await expect(prepare({ configPath: root })).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_UNREADABLE",
    why: "it is a directory",
  });
});

test("a phase to skip that is not there is refused before anything is done", async () => {
  await expect(prepare({ flags: { skipPhases: ["cert"] } })).rejects.toMatchObject({ code: "SLIPWAY_USAGE" });
});

test("init makes what the plan says, a second one changes nothing, and reset undoes all of it", async () => {
  expect(await init()).toMatchObject({ changed: true });
  const manifest = join(root, "etc/kubernetes/manifests/kube-apiserver.yaml");
  const { mtimeMs } = statSync(manifest);
  expect(await init()).toMatchObject({ changed: false });
  expect(statSync(manifest).mtimeMs).toBe(mtimeMs);
  expect(await reset()).toMatchObject({ changed: true, dryRun: false });
  expect(readdirSync(root)).toEqual([]);
  expect(await reset()).toMatchObject({ changed: false });
});

test("a file that asks for a dry run gets one, of init and of a phase alone", async () => {
  const configPath = join(createTempTree({ "c.yaml": DRY_RUN }), "c.yaml");
  const result = await init({ configPath });
  expect(result).toMatchObject({ changed: false, prepared: { dryRun: true } });
  expect(result.prepared.manifests).toHaveLength(4);
  const options = sampleInitOptions(root, { configPath });
  const phase = await runInitPhase(system, { phase: "certs/ca", options, ui: createFakeUi(), signal });
  expect(phase).toMatchObject({ steps: 0, dryRun: expect.stringContaining("# [certs] make ") });
  expect(readdirSync(root)).toEqual([]);
});

test("a dry run that the file asks for does not finish a reset that was cut off", async () => {
  const { paths } = await prepare();
  mkdirSync(paths.stateDir, { recursive: true });
  writeFileSync(paths.resetMarkPath, "");
  const configPath = join(createTempTree({ "c.yaml": DRY_RUN }), "c.yaml");
  expect(await init({ configPath })).toMatchObject({ changed: false, prepared: { dryRun: true } });
  expect(existsSync(paths.resetMarkPath)).toBe(true);
});

const DRY_RUN = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\ndryRun: true\n";

test("an init that fails on its way is noted as unfinished, until one comes to its end", async () => {
  const { paths } = await prepare();
  const isUnfinished = async () => (await readLedger(system, paths))?.unfinished;
  const { fs } = system;
  const writeAtomic: typeof fs.writeAtomic = (path, content) =>
    path.endsWith("/admin.conf") ? Promise.reject(systemError("EIO")) : fs.writeAtomic(path, content);
  const failing = { ...system, fs: { ...fs, writeAtomic } };
  const options = sampleInitOptions(root, { flags: FLAGS });
  await expect(runInit(failing, { options, ui: createFakeUi(), signal })).rejects.toThrow("admin.conf");
  expect(await isUnfinished()).toBe(true);
  await init();
  expect(await isUnfinished()).toBeUndefined();
});

test("no secret stands in the ledger", async () => {
  await init();
  const ledger = readFileSync(join(root, "var/lib/slipway/ledger.json"), "utf8");
  expect(ledger).not.toMatch(/PRIVATE|BEGIN|client-key-data/);
});

test("a person sees the plan and is asked once; a no changes nothing", async () => {
  const flags = { kubernetesVersion: "v1.37.2", podNetworkCidr: "10.244.0.0/16" };
  const choices = { yes: false, flags, components: "download", userKubeconfig: false } as const;
  const refusing = createFakeUi([false]);
  await expect(init(choices, refusing)).rejects.toMatchObject({ code: "SLIPWAY_DECLINED" });
  expect(refusing.notes.join("\n")).toContain("Certificates and keys");
  expect(refusing.notes.at(-1)).toBe(
    "Every step: slipway init --plan --apiserver-advertise-address 192.0.2.10 --kubernetes-version v1.37.2 --pod-network-cidr 10.244.0.0/16 --runtime external",
  );
  expect(existsSync(join(root, "etc"))).toBe(false);
  const agreeing = createFakeUi([true]);
  await init(choices, agreeing);
  expect(agreeing.questions).toEqual(["Go on?"]);
});

test("progress names each phase and ends, also when a step fails", async () => {
  const ui = createFakeUi();
  await init({}, ui);
  expect(ui.progress[0]).toMatch(/^begin certs kubeconfig/);
  expect(ui.progress.at(-1)).toBe("end");
  const failing = createFakeSystem({ fs: { writeAtomic: failAt("etcd.yaml") } });
  root = createTempTree({});
  const options = sampleInitOptions(root, { flags: FLAGS });
  const other = createFakeUi();
  await expect(runInit(failing, { options, ui: other, signal })).rejects.toMatchObject({
    code: "SLIPWAY_NO_SPACE",
  });
  expect(other.progress.at(-1)).toBe("failed");
});

/** The real write, but for one file. */
function failAt(name: string): typeof system.fs.writeAtomic {
  return (path, file) =>
    path.endsWith(name) ? Promise.reject(systemError("ENOSPC")) : system.fs.writeAtomic(path, file);
}

test("an init that failed in the middle is gone on with by the next", async () => {
  const failing = createFakeSystem({ fs: { writeAtomic: failAt("admin.conf") } });
  const options = sampleInitOptions(root, { flags: FLAGS });
  await expect(runInit(failing, { options, ui: createFakeUi(), signal })).rejects.toMatchObject({
    code: "SLIPWAY_NO_SPACE",
  });
  expect(await init()).toMatchObject({ changed: true });
  expect(await reset()).toMatchObject({ changed: true });
  expect(readdirSync(root)).toEqual([]);
});

test("failed preflight checks stop init before it changes anything", async () => {
  const options = sampleInitOptions(root, { flags: { apiserverAdvertiseAddress: "192.0.2.10" } });
  const taken = createFakeSystem({ host: { cpuCount: () => 4 } });
  const manifest = join(root, "etc/kubernetes/manifests/etcd.yaml");
  const occupied = createTempTree({ "etc/kubernetes/manifests/etcd.yaml": "kind: Pod" });
  await expect(
    runInit(taken, { options: { ...options, root: occupied }, ui: createFakeUi(), signal }),
  ).rejects.toMatchObject({ code: "SLIPWAY_PREFLIGHT", exitCode: 4 });
  expect(existsSync(manifest)).toBe(false);
  expect(readdirSync(join(occupied, "etc/kubernetes"))).toEqual(["manifests"]);
});

test("what was answered before a failed preflight is told as flags", async () => {
  const occupied = createTempTree({ "etc/kubernetes/manifests/etcd.yaml": "kind: Pod" });
  const options = sampleInitOptions(occupied, { yes: false, components: "go", userKubeconfig: false });
  const ui = createFakeUi(["v1.36.3", "10.9.0.0/16"]);
  const failed = runInit(createFakeSystem(), { options, ui, signal });
  await expect(failed).rejects.toMatchObject({ code: "SLIPWAY_PREFLIGHT" });
  expect(ui.notes.at(-1)).toMatch(
    /^What was answered, as flags: slipway init .*--kubernetes-version v1\.36\.3 .*--pod-network-cidr 10\.9\.0\.0\/16/,
  );
});

test("init and reset on one root do not run at the same time", async () => {
  const locking = createFakeSystem({ net: createNet() });
  const options = sampleInitOptions(root, { flags: FLAGS });
  const outcomes = await Promise.allSettled([
    runInit(locking, { options, ui: createFakeUi(), signal }),
    runInit(locking, { options, ui: createFakeUi(), signal }),
  ]);
  const refused = outcomes.filter(({ status }) => status === "rejected");
  expect(refused).toMatchObject([{ reason: { code: "SLIPWAY_LOCKED" } }]);
});

test("reset lists what goes without changing anything", async () => {
  await init();
  const before = readdirSync(root, { recursive: true }).toSorted();
  const { plan } = await reset({ dryRun: true });
  expect(plan.removals.map(({ path }) => path)).toContain(join(root, "etc/kubernetes/pki/ca.key"));
  expect(readdirSync(root, { recursive: true }).toSorted()).toEqual(before);
});

test("reset asks after it has listed what goes, and takes a no", async () => {
  await init();
  const ui = createFakeUi([false]);
  await expect(reset({ force: false }, ui)).rejects.toMatchObject({ code: "SLIPWAY_DECLINED" });
  expect(ui.notes.join("\n")).toMatch(/^remove {2}.*\/etc\S* with \d+ paths$/m);
  expect(ui.notes.at(-1)).toBe("Every path: slipway reset --dry-run");
  expect(existsSync(join(root, "etc/kubernetes/admin.conf"))).toBe(true);
});

test("reset leaves what it did not make, says so, and is done when that is gone", async () => {
  await init();
  const foreign = join(root, "etc/kubernetes/mine.txt");
  writeFileSync(foreign, "precious");
  await expect(reset()).rejects.toMatchObject({
    code: "SLIPWAY_RESET_INCOMPLETE",
    details: expect.arrayContaining([expect.stringContaining("mine.txt")]),
  });
  expect(readFileSync(foreign, "utf8")).toBe("precious");
  expect(existsSync(join(root, "etc/kubernetes/admin.conf"))).toBe(false);
});

test("init again without its flags is the same init", async () => {
  const flags = { serviceCidr: "10.97.0.0/16", apiserverCertExtraSans: ["api.example.org"], nodeName: "cp" };
  await init({ flags });
  const again = await init({ runtime: undefined });
  expect(again).toMatchObject({ changed: false, prepared: { config: { nodeName: "cp" } } });
});
