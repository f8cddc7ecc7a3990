import { expect, test } from "vitest";
import { candidateAddresses } from "../../../src/config/candidate-addresses.ts";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";
import { resolveInitConfig } from "../../../src/config/resolve-init-config.ts";
import type { InitFlags } from "../../../src/config/types.ts";
import type { InterfaceAddress } from "../../../src/system/host.ts";

function address(interfaceName: string, text: string): InterfaceAddress {
  const family = text.includes(":") ? "IPv6" : "IPv4";
  return { interfaceName, address: text, family, prefixLength: 24, internal: interfaceName === "lo" };
}

const LOOPBACK = address("lo", "127.0.0.1");

function resolve(
  machine: {
    addresses?: readonly InterfaceAddress[];
    routes?: readonly string[];
    hostName?: string;
    root?: string;
  },
  flags: InitFlags = {},
) {
  return resolveInitConfig({
    requested: parseInitConfig({ text: undefined, flags }).config,
    root: machine.root ?? "/",
    hostName: machine.hostName ?? "node01",
    addresses: [LOOPBACK, ...(machine.addresses ?? [])],
    defaultRouteInterfaces: machine.routes ?? [],
  });
}

test("the only global address is advertised", () => {
  const { config, warnings } = resolve({
    addresses: [address("eth0", "10.0.0.5"), address("eth0", "fe80::1")],
  });
  expect(config.advertiseAddress).toBe("10.0.0.5");
  expect(warnings).toEqual([]);
});

test("a machine without a global address is advertised at loopback, with one warning", () => {
  const { config, warnings } = resolve({ addresses: [address("eth0", "169.254.3.4")] });
  expect(config.advertiseAddress).toBe("127.0.0.1");
  expect(warnings).toEqual([expect.stringContaining("--apiserver-advertise-address")]);
});

test("of several, the first of the only interface with a default route is advertised, IPv4 before IPv6", () => {
  const addresses = [
    address("eth0", "10.0.0.5"),
    address("eth1", "fd00::7"),
    address("eth1", "10.1.0.5"),
    address("eth1", "10.1.0.6"),
  ];
  expect(resolve({ addresses, routes: ["eth1"] }).config.advertiseAddress).toBe("10.1.0.5");
});

test("with IPv6 services the IPv6 address is advertised", () => {
  const addresses = [address("eth0", "10.0.0.5"), address("eth0", "fd00::7")];
  const flags = { serviceCidr: "fd01::/108" };
  expect(resolve({ addresses, routes: ["eth0"] }, flags).config.advertiseAddress).toBe("fd00::7");
  expect(resolve({}, flags).config.advertiseAddress).toBe("::1");
});

test("several addresses that are as good are an error that names the flag and lists them", () => {
  const addresses = [address("eth0", "10.0.0.5"), address("eth1", "10.1.0.5")];
  for (const routes of [[], ["eth0", "eth1"]]) {
    expect(() => resolve({ addresses, routes })).toThrow(
      expect.objectContaining({
        code: "SLIPWAY_ADDRESS_AMBIGUOUS",
        fix: expect.stringContaining("--apiserver-advertise-address=10.0.0.5"),
        details: ["10.0.0.5 (eth0)", "10.1.0.5 (eth1)"],
      }),
    );
  }
});

test("an address that was asked for is taken as it is", () => {
  const addresses = [address("eth0", "10.0.0.5"), address("eth1", "10.1.0.5")];
  expect(resolve({ addresses }, { apiserverAdvertiseAddress: "127.0.0.1" }).config.advertiseAddress).toBe(
    "127.0.0.1",
  );
});

test("the likeliest candidates come first", () => {
  const facts = {
    addresses: [address("a", "fd00::1"), address("a", "10.0.0.1"), address("b", "10.0.0.2"), LOOPBACK],
    defaultRouteInterfaces: ["b"],
  };
  expect(candidateAddresses(facts).map((entry) => entry.address)).toEqual([
    "10.0.0.2",
    "10.0.0.1",
    "fd00::1",
  ]);
});

test("the host name names the node, in lower case", () => {
  expect(resolve({ hostName: " Master.Example " }).config.nodeName).toBe("master.example");
});

test("a host name that no node can have is an error that names the flag", () => {
  expect(() => resolve({ hostName: "my_host" })).toThrow(
    expect.objectContaining({ code: "SLIPWAY_CONFIG_INVALID", fix: expect.stringContaining("--node-name") }),
  );
});

test("the cluster's paths are moved under the root", () => {
  const { cluster } = resolve({ root: "/tmp/r" }).config;
  expect(cluster.certificatesDir).toBe("/tmp/r/etc/kubernetes/pki");
  expect(cluster.etcd.dataDir).toBe("/tmp/r/var/lib/etcd");
});

test("without taints of its own the node gets the control plane taint", () => {
  expect(resolve({}).config.taints).toEqual([
    { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
  ]);
});
