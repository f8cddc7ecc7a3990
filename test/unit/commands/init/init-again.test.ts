import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { describePlan, readStates, summarizePlan } from "../../../../src/commands/init/dry-run.ts";
import { runInit } from "../../../../src/commands/init/init.ts";
import type { InitOptions } from "../../../../src/commands/init/init-options.ts";
import { prepareInit } from "../../../../src/commands/init/prepare-init.ts";
import { runReset } from "../../../../src/commands/reset.ts";
import { makeStandaloneState } from "../../../../src/commands/runner/standalone-state.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createFakeUi, type FakeUi } from "../../../support/fake-ui.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";
import { sampleResetOptions } from "../../../support/reset-options.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

let root: string;
const system = createFakeSystem();
const { signal } = new AbortController();

beforeEach(() => {
  root = createTempTree({});
});

const FLAGS = { ignorePreflightErrors: ["all"], apiserverAdvertiseAddress: "192.0.2.10" };

function init(change: Partial<InitOptions> = {}, ui: FakeUi = createFakeUi()) {
  const options = sampleInitOptions(root, { ...change, flags: { ...FLAGS, ...change.flags } });
  return runInit(system, { options, ui, signal });
}

function prepare(flags: InitOptions["flags"] = {}) {
  return prepareInit(system, { options: sampleInitOptions(root, { flags }), ui: createFakeUi() });
}

test("other input is refused without a terminal, shown, and taken with --yes", async () => {
  await init();
  const ui = createFakeUi();
  const flags = { serviceCidr: "10.97.0.0/16" };
  await expect(init({ yes: false, flags }, ui)).rejects.toMatchObject({
    code: "SLIPWAY_INPUT_CHANGED",
    exitCode: 4,
    why: expect.stringMatching(
      /^given otherwise now: no --service-cidr -> --service-cidr 10.97.0.0\/16; \d+ things/,
    ),
    details: expect.arrayContaining([
      expect.stringContaining(
        "--service-cluster-ip-range=10.96.0.0/12 -> --service-cluster-ip-range=10.97.0.0/16",
      ),
    ]),
  });
  expect(await init({ yes: true, flags })).toMatchObject({ changed: true });
  expect(readFileSync(join(root, "etc/kubernetes/manifests/kube-apiserver.yaml"), "utf8")).toContain(
    "10.97.0.0/16",
  );
});

test("a file that somebody has edited is told as such, not as other input", async () => {
  await init();
  const path = join(root, "etc/kubernetes/manifests/etcd.yaml");
  writeFileSync(path, readFileSync(path, "utf8").replace("--name=", "--nmae="));
  await expect(init({ yes: false })).rejects.toMatchObject({
    code: "SLIPWAY_INPUT_CHANGED",
    why: `${path} was edited since init wrote it, or an init was cut off; 1 thing would change`,
    fix: "to have it written again as it was: slipway init --yes",
    details: [expect.stringContaining(path)],
  });
  await expect(init({ yes: false, flags: { serviceCidr: "10.97.0.0/16" } })).rejects.toMatchObject({
    why: expect.stringMatching(
      /etcd\.yaml was edited since init wrote it, or an init was cut off; given otherwise now: no --service-cidr/,
    ),
    fix: expect.stringContaining("with the input of the first run"),
  });
});

test("a plan tells what is done already, what would change and how, and what stands in the way", async () => {
  const { plan } = (await init()).prepared;
  const describe = async (flags: InitOptions["flags"] = {}) => {
    const prepared = await prepare({ ...FLAGS, ...flags });
    return describePlan(prepared, await readStates(system, { prepared, ui: createFakeUi() }));
  };
  const again = await describe();
  expect(new Set(again.steps.map(({ state }) => state))).toEqual(new Set(["done"]));
  expect(summarizePlan(again)).toBe(`${plan.steps.length} done already`);
  rmSync(join(root, "etc/kubernetes/scheduler.conf"));
  writeFileSync(join(root, "etc/kubernetes/pki/sa.pub"), "rubbish");
  const other = await describe({ serviceCidr: "10.97.0.0/16" });
  const of = (id: string) => other.steps.find((step) => step.id === id);
  expect(of("manifest/kube-apiserver")).toMatchObject({
    state: "change",
    detail: expect.stringContaining("-> --service-cluster-ip-range=10.97.0.0/16"),
  });
  expect(of("kubeconfig/scheduler")).toMatchObject({ state: "make" });
  expect(of("certs/sa")).toMatchObject({ state: "refuse", detail: expect.stringContaining("sa.pub") });
  expect(of("manifest/etcd")).toMatchObject({ state: "done" });
});

test("a plan and a dry run of what init would refuse are refused the same, unless that is ignored", async () => {
  await init();
  const look = async (flags: InitOptions["flags"]) => {
    const prepared = await prepare({ apiserverAdvertiseAddress: "192.0.2.10", ...flags });
    const ui = createFakeUi();
    await readStates(system, { prepared, ui });
    return ui.warnings;
  };
  const flags = { nodeName: "other", ignorePreflightErrors: ["Swap"] };
  await expect(look(flags)).rejects.toMatchObject({
    code: "SLIPWAY_PREFLIGHT",
    what: "init cannot go on with the control plane that is there",
    details: [expect.stringMatching(/^\[NodeNameChange\] the node would be called other /)],
  });
  const warning = expect.stringContaining("[NodeNameChange]");
  expect(await look({ ...flags, ignorePreflightErrors: ["NodeNameChange"] })).toEqual([warning]);
  expect(await look({ ...flags, skipPhases: ["preflight"] })).toEqual([]);
});

test("nothing is left of what a runner without a control plane had made before init came", async () => {
  const { paths } = await prepare();
  await makeStandaloneState(system, paths);
  writeFileSync(paths.runnerFlagsPath, "[]");
  await init();
  await runReset(system, sampleResetOptions(root));
  expect(readdirSync(root)).toEqual([]);
});

test("a configuration file that is gone is replaced by the copy that init has kept, and that is told", async () => {
  const dir = createTempTree({ "c.yaml": NODE_FILE });
  const configPath = join(dir, "c.yaml");
  await init({ configPath });
  const copy = join(root, "var/lib/slipway/config.yaml");
  expect([readFileSync(copy, "utf8"), statSync(copy).mode & 0o777]).toEqual([NODE_FILE, 0o600]);
  rmSync(configPath);
  const ui = createFakeUi();
  const again = await init({}, ui);
  expect(again).toMatchObject({ changed: false, prepared: { config: { nodeName: "of-the-file" } } });
  expect(ui.notes[0]).toContain(
    `${configPath}, which the first init was given, cannot be read any more: the copy`,
  );
  rmSync(copy);
  await expect(init()).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_UNREADABLE",
    why: expect.stringContaining(`${root}/var/lib/slipway/ledger.json remembers its path`),
    fix: "name where it is now: slipway init --config FILE; or put it back",
  });
  writeFileSync(join(dir, "moved.yaml"), NODE_FILE);
  expect(await init({ configPath: join(dir, "moved.yaml") })).toMatchObject({ changed: false });
});

test("what an init was told holds for the one that first finishes a reset that was cut off, and a plan says so", async () => {
  const configPath = join(createTempTree({ "c.yaml": NODE_FILE }), "c.yaml");
  const { paths } = (await init({ configPath })).prepared;
  writeFileSync(paths.resetMarkPath, "");
  const planUi = createFakeUi();
  const prepared = await prepareInit(system, { options: sampleInitOptions(root), ui: planUi });
  const states = await readStates(system, { prepared, ui: planUi });
  expect(new Set([...states.values()].map(({ kind }) => kind))).toEqual(new Set(["make"]));
  expect(planUi.notes.at(-1)).toBe(
    `a reset of ${root} was cut off: it would be finished first, and all of this made anew`,
  );
  const ui = createFakeUi();
  const again = await runInit(system, { options: sampleInitOptions(root), ui, signal });
  expect(again).toMatchObject({ changed: true, prepared: { config: { nodeName: "of-the-file" } } });
  expect(ui.notes.slice(0, 2)).toEqual([
    `a reset of ${root} was cut off: it is finished first`,
    expect.stringContaining(`this holds: --config ${configPath}`),
  ]);
  expect(existsSync(paths.resetMarkPath)).toBe(false);
});

test("the only copy of a configuration file does not go with a reset that was cut off", async () => {
  const configPath = join(createTempTree({ "c.yaml": NODE_FILE }), "c.yaml");
  const { paths } = (await init({ configPath })).prepared;
  writeFileSync(paths.resetMarkPath, "");
  rmSync(configPath);
  await expect(init()).rejects.toMatchObject({
    code: "SLIPWAY_CONFIG_UNREADABLE",
    fix: `the copy of it goes with the reset that was cut off; to keep it: cp ${paths.configCopyPath} FILE; then name it: slipway init --config FILE`,
  });
  expect(readFileSync(paths.configCopyPath, "utf8")).toBe(NODE_FILE);
});

test("checks that were ignored are written down by name, and a plain init goes on with them", async () => {
  const poor = createFakeSystem({ host: { cpuCount: () => 1 } });
  const plain = { apiserverAdvertiseAddress: "192.0.2.10" };
  const run = (flags: InitOptions["flags"]) =>
    runInit(poor, { options: sampleInitOptions(root, { flags }), ui: createFakeUi(), signal });
  await expect(run(plain)).rejects.toMatchObject({ code: "SLIPWAY_PREFLIGHT" });
  await run({ ...plain, ignorePreflightErrors: ["all"] });
  const { input } = JSON.parse(readFileSync(join(root, "var/lib/slipway/ledger.json"), "utf8"));
  expect(input.flags.ignorePreflightErrors).toContain("NumCPU");
  expect(input.flags.ignorePreflightErrors).not.toContain("all");
  expect(await run(plain)).toMatchObject({ changed: false });
});

const NODE_FILE =
  "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nnodeRegistration: {name: of-the-file}\n";
