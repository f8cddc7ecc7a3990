import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Ledger } from "../../../../src/apply/ledger.ts";
import { askInit } from "../../../../src/commands/init/ask-init.ts";
import type { InitOptions } from "../../../../src/commands/init/init-options.ts";
import { describeInput } from "../../../../src/commands/init/recall-input.ts";
import { readMachineFacts } from "../../../../src/facts/read-machine-facts.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createFakeUi, type FakeUi } from "../../../support/fake-ui.ts";
import { sampleInitOptions } from "../../../support/init-options.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const CALLER = { name: "me", uid: 1000, gid: 1000, homeDir: "/home/me" };

async function ask(
  ui: FakeUi,
  change: Partial<InitOptions> = {},
  machine: {
    readonly addresses?: readonly string[];
    readonly hasBinaries?: boolean;
    readonly earlier?: Ledger;
    readonly sudo?: boolean;
  } = {},
) {
  const addresses = (machine.addresses ?? ["192.0.2.10"]).map((address, index) => ({
    interfaceName: `eth${index}`,
    address,
    family: address.includes(":") ? ("IPv6" as const) : ("IPv4" as const),
    prefixLength: 24,
    internal: false,
  }));
  const system = createFakeSystem({ rootDir: createTempTree({}), host: { addresses: () => addresses } });
  return askInit({
    options: sampleInitOptions("/", { yes: false, ...change }),
    machine: await readMachineFacts(system),
    earlier: machine.earlier,
    caller: machine.sudo === true ? CALLER : undefined,
    hasBinaries: async () => machine.hasBinaries ?? false,
    ui,
  });
}

test("nothing is asked without a terminal, with --yes or with a configuration file", async () => {
  const silent = createFakeUi();
  expect(await ask(silent)).toMatchObject({ flags: {} });
  for (const change of [{ yes: true }, { configPath: "/c.yaml" }]) {
    const ui = createFakeUi([]);
    await ask(ui, change);
    expect(ui.questions).toEqual([]);
  }
});

test("version, pod network and source are asked, and the answers are used as flags", async () => {
  const ui = createFakeUi(["v1.36.3", "10.9.0.0/16", "download"]);
  expect(await ask(ui)).toMatchObject({
    components: "download",
    userKubeconfig: false,
    flags: { kubernetesVersion: "v1.36.3", podNetworkCidr: "10.9.0.0/16" },
  });
  expect(ui.questions).toHaveLength(3);
});

test("what a flag says is not asked", async () => {
  const ui = createFakeUi([]);
  const flags = {
    kubernetesVersion: "v1.35.4",
    podNetworkCidr: "10.9.0.0/16",
    apiserverAdvertiseAddress: "192.0.2.10",
  };
  const options = await ask(
    ui,
    { flags, components: "go", userKubeconfig: false },
    {
      addresses: ["192.0.2.10", "198.51.100.1"],
      sudo: true,
    },
  );
  expect(options).toMatchObject({ flags, components: "go", userKubeconfig: false });
  expect(ui.questions).toEqual([]);
});

test("the address is asked only where there are several", async () => {
  const ui = createFakeUi(["198.51.100.1", "v1.37.2", "none", "auto"]);
  const options = await ask(ui, {}, { addresses: ["192.0.2.10", "198.51.100.1"] });
  expect(options.flags.apiserverAdvertiseAddress).toBe("198.51.100.1");
  expect(options.flags.podNetworkCidr).toBeUndefined();
});

test("where binaries come from is not asked when they are here", async () => {
  const ui = createFakeUi(["v1.37.2", "none"]);
  expect(await ask(ui, {}, { hasBinaries: true })).toMatchObject({ components: "auto" });
});

test("a copy of the kubeconfig is offered to who called sudo", async () => {
  const ui = createFakeUi(["v1.37.2", "none", true]);
  expect(await ask(ui, {}, { hasBinaries: true, sudo: true })).toMatchObject({ userKubeconfig: true });
  expect(ui.questions.at(-1)).toContain("/home/me/.kube/config");
});

test.each([
  ["10.9.0.0", "that is no network such as 10.244.0.0/16, and not none"],
  ["10.244.0.0/8", "10.244.0.0/8 is all of 10.0.0.0/8; write that, or a longer prefix"],
  ["10.0.0.0/8", "10.0.0.0/8 overlaps with the service network 10.96.0.0/12"],
  ["11.0.0.0/7", "11.0.0.0/7 is all of 10.0.0.0/7"],
  ["64.0.0.0/7", "64.0.0.0/7 is too large for shares of /24 a node"],
  ["10.9.0.0/30", "10.9.0.0/30 is too small: it has 4 addresses, and 14 are needed"],
  ["10.9.0.0/16,10.8.0.0/16", "must be one network, or one of IPv4 and one of IPv6"],
])("a pod network that init would refuse keeps the question open: %s", async (answer, reason) => {
  await expect(ask(createFakeUi(["v1.37.2", answer]))).rejects.toThrow(reason);
});

test("a flag that init would refuse ends it before the first question", async () => {
  const ui = createFakeUi([]);
  const flags = { serviceCidr: "10.0.0.0/8" };
  await expect(ask(ui, { flags })).rejects.toMatchObject({ code: "SLIPWAY_CONFIG_INVALID" });
  expect(ui.questions).toEqual([]);
});

test("an address of another family than the services' is no choice", async () => {
  const addresses = ["2001:db8::1", "192.0.2.10"];
  const fourth = await ask(createFakeUi(["v1.37.2", "none", "auto"]), {}, { addresses });
  expect(fourth.flags.apiserverAdvertiseAddress).toBe("192.0.2.10");
  const flags = { serviceCidr: "fd00::/112" };
  const sixth = await ask(createFakeUi(["v1.37.2", "none", "auto"]), { flags }, { addresses });
  expect(sixth.flags.apiserverAdvertiseAddress).toBe("2001:db8::1");
});

const EARLIER: Ledger = {
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  root: "/",
  kubernetesVersion: "v1.36.3",
  nodeName: "vm",
  advertiseAddress: "198.51.100.1",
  podSubnet: "10.9.0.0/16",
  entries: [],
};
const SEVERAL = { addresses: ["192.0.2.10", "198.51.100.1"], hasBinaries: true };

test("what an earlier init was told is said and not asked again", async () => {
  const ui = createFakeUi([]);
  expect((await ask(ui, {}, { ...SEVERAL, earlier: EARLIER })).flags).toMatchObject({
    apiserverAdvertiseAddress: "198.51.100.1",
    kubernetesVersion: "v1.36.3",
    podNetworkCidr: "10.9.0.0/16",
  });
  expect(ui.notes).toEqual([expect.stringContaining("Kubernetes v1.36.3, pod network 10.9.0.0/16")]);
});

test("what an earlier init was told counts with --yes and without a terminal, but not beside a file", async () => {
  const told = {
    apiserverAdvertiseAddress: "198.51.100.1",
    kubernetesVersion: "v1.36.3",
    podNetworkCidr: "10.9.0.0/16",
  };
  const earlier = { ...SEVERAL, earlier: EARLIER };
  const ui = createFakeUi([]);
  expect((await ask(ui, { yes: true }, earlier)).flags).toEqual(told);
  expect(ui.questions).toEqual([]);
  expect((await ask(createFakeUi(), {}, earlier)).flags).toEqual(told);
  const flags = { podNetworkCidr: "10.8.0.0/16" };
  expect((await ask(createFakeUi(), { flags }, earlier)).flags).toEqual({ ...told, ...flags });
  expect((await ask(createFakeUi([]), { yes: true, configPath: "/c.yaml" }, earlier)).flags).toEqual({});
});

test("a loopback address of an earlier init is kept where another would be chosen", async () => {
  const earlier = { ...EARLIER, advertiseAddress: "127.0.0.1" };
  const { flags } = await ask(createFakeUi(), {}, { ...SEVERAL, earlier });
  expect(flags.apiserverAdvertiseAddress).toBe("127.0.0.1");
  const alone = await ask(createFakeUi(), {}, { addresses: [], earlier });
  expect(alone.flags.apiserverAdvertiseAddress).toBeUndefined();
});

test("a flag wins over what an earlier init was told", async () => {
  const flags = { podNetworkCidr: "10.8.0.0/16" };
  const options = await ask(createFakeUi([]), { flags }, { ...SEVERAL, earlier: EARLIER });
  expect(options.flags).toMatchObject({ podNetworkCidr: "10.8.0.0/16", kubernetesVersion: "v1.36.3" });
});

test("an earlier init without a pod network stays without one", async () => {
  const earlier = { ...EARLIER, podSubnet: "" };
  expect((await ask(createFakeUi([]), {}, { ...SEVERAL, earlier })).flags.podNetworkCidr).toBeUndefined();
});

test("an earlier address that the machine has no longer is asked for anew", async () => {
  const earlier = { ...EARLIER, advertiseAddress: "203.0.113.1" };
  const { flags } = await ask(createFakeUi(["192.0.2.10"]), {}, { ...SEVERAL, earlier });
  expect(flags.apiserverAdvertiseAddress).toBe("192.0.2.10");
});

const INPUT = {
  flags: { serviceCidr: "10.97.0.0/16", nodeName: "cp", featureGates: { A: true, B: false } },
  runtime: "external",
  withProxyEnv: true,
  componentDir: "/opt/bin",
} as const;

test("every flag of an earlier init that shapes the control plane holds, and is told", async () => {
  const ui = createFakeUi();
  const earlier = { ...EARLIER, input: INPUT };
  const options = await ask(ui, { runtime: undefined, flags: { nodeName: "other" } }, { earlier });
  expect(options).toMatchObject({
    flags: { serviceCidr: "10.97.0.0/16", nodeName: "other", featureGates: { A: true, B: false } },
    runtime: "external",
    withProxyEnv: true,
    components: "dir",
    componentDir: "/opt/bin",
  });
  expect(ui.notes.join()).toContain("10.9.0.0/16 --service-cidr 10.97.0.0/16 --feature-gates A=true,B=false");
});

test("the configuration file of an earlier init holds, with the flags beside it, until another is named", async () => {
  const earlier = { ...EARLIER, input: { ...INPUT, configPath: "/etc/c.yaml" } };
  const ui = createFakeUi();
  const again = await ask(ui, {}, { earlier });
  expect(again).toMatchObject({ configPath: "/etc/c.yaml", flags: { serviceCidr: "10.97.0.0/16" } });
  expect(again.flags.kubernetesVersion).toBeUndefined();
  expect(ui.notes.join()).toContain("--config /etc/c.yaml --service-cidr");
  expect(await ask(ui, { configPath: "/d.yaml" }, { earlier })).toMatchObject({
    configPath: "/d.yaml",
    flags: {},
  });
});

test("what is told to hold is never what this init was given", async () => {
  const ui = createFakeUi();
  const flags = { podNetworkCidr: "10.8.0.0/16", serviceCidr: "10.96.0.0/16" };
  await ask(ui, { flags }, { earlier: { ...EARLIER, input: INPUT } });
  expect(ui.notes.join()).toMatch(/holds: Kubernetes v1\.36\.3 --node-name cp --feature-gates/);
});

test("failed checks that were ignored once stay ignored, also beside a file, and others with them", async () => {
  const input = { ...INPUT, flags: { ignorePreflightErrors: ["EtcdAccount"] } };
  const earlier = { ...EARLIER, input };
  const ui = createFakeUi();
  expect((await ask(ui, {}, { earlier })).flags.ignorePreflightErrors).toEqual(["EtcdAccount"]);
  expect(ui.notes.join()).toContain("--ignore-preflight-errors EtcdAccount");
  const flags = { ignorePreflightErrors: ["Swap"] };
  expect(await ask(ui, { flags, configPath: "/d.yaml" }, { earlier })).toMatchObject({
    flags: { ignorePreflightErrors: ["Swap", "EtcdAccount"] },
  });
});

test.each([
  [
    ["Swap"],
    ["init was run before on /; where no flag says otherwise this holds: --ignore-preflight-errors Mem"],
  ],
  [["Swap", "Mem"], []],
  [["all"], []],
])(
  "of checks that stay ignored beside a file and %j, those are told that it does not name",
  async (given, notes) => {
    const input = { ...INPUT, flags: { ignorePreflightErrors: ["Swap", "Mem"] } };
    const ui = createFakeUi();
    const flags = { ignorePreflightErrors: given };
    await ask(ui, { flags, configPath: "/d.yaml" }, { earlier: { ...EARLIER, input } });
    expect(ui.notes).toEqual(notes);
  },
);

test("the ignored checks of before are told also where others are ignored now", async () => {
  const input = { ...INPUT, flags: { ignorePreflightErrors: ["Swap"] } };
  const ui = createFakeUi();
  await ask(ui, { flags: { ignorePreflightErrors: ["Mem"] } }, { earlier: { ...EARLIER, input } });
  expect(ui.notes.join()).toContain("--ignore-preflight-errors Swap");
});

test("the ledger gets no token, no key and nothing that is for one run only", () => {
  const flags = {
    token: "t",
    certificateKey: "k",
    skipPhases: ["addon"],
    tokenTtl: "1h",
    yes: true,
    nodeName: "cp",
    ignorePreflightErrors: ["all"],
  };
  const input = describeInput(sampleInitOptions("/", { flags, runtime: undefined, configPath: "c.yaml" }));
  expect(input).toEqual({
    configPath: resolve("c.yaml"),
    flags: { nodeName: "cp" },
    runtime: "host",
    withProxyEnv: false,
  });
});
