import { expect, test } from "vitest";
import { askInit } from "../../../src/commands/ask-init.ts";
import type { InitOptions } from "../../../src/commands/init-options.ts";
import { readMachineFacts } from "../../../src/facts/read-machine-facts.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createFakeUi, type FakeUi } from "../../support/fake-ui.ts";
import { sampleInitOptions } from "../../support/init-options.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const CALLER = { name: "me", uid: 1000, gid: 1000, homeDir: "/home/me" };

async function ask(
  ui: FakeUi,
  change: Partial<InitOptions> = {},
  machine: {
    readonly addresses?: readonly string[];
    readonly hasBinaries?: boolean;
    readonly sudo?: boolean;
  } = {},
) {
  const addresses = (machine.addresses ?? ["192.0.2.10"]).map((address, index) => ({
    interfaceName: `eth${index}`,
    address,
    family: "IPv4" as const,
    prefixLength: 24,
    internal: false,
  }));
  const system = createFakeSystem({ rootDir: createTempTree({}), host: { addresses: () => addresses } });
  return askInit({
    options: sampleInitOptions("/", { yes: false, ...change }),
    machine: await readMachineFacts(system),
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
  const ui = createFakeUi(["198.51.100.1", "v1.37.2", "", "auto"]);
  const options = await ask(ui, {}, { addresses: ["192.0.2.10", "198.51.100.1"] });
  expect(options.flags.apiserverAdvertiseAddress).toBe("198.51.100.1");
  expect(options.flags).not.toHaveProperty("podNetworkCidr");
});

test("where binaries come from is not asked when they are here", async () => {
  const ui = createFakeUi(["v1.37.2", ""]);
  expect(await ask(ui, {}, { hasBinaries: true })).toMatchObject({ components: "auto" });
});

test("a copy of the kubeconfig is offered to who called sudo", async () => {
  const ui = createFakeUi(["v1.37.2", "", true]);
  expect(await ask(ui, {}, { hasBinaries: true, sudo: true })).toMatchObject({ userKubeconfig: true });
  expect(ui.questions.at(-1)).toContain("/home/me/.kube/config");
});

test("a pod network that is none is not taken", async () => {
  await expect(ask(createFakeUi(["v1.37.2", "10.9.0.0"]))).rejects.toThrow("that is no network");
});
