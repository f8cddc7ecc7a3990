import { expect, test } from "vitest";
import { readMachineFacts } from "../../../src/facts/read-machine-facts.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const HEADING = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

test("names the interfaces with a default route, IPv4 before IPv6, the best metric first", async () => {
  const system = createFakeSystem({
    rootDir: createTempTree({
      "/proc/net/route": `${HEADING}wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\neth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`,
      "/proc/net/ipv6_route": `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 fd${"0".repeat(29)}1 00000400 00000002 00000000 00000003     eth1\n${"0".repeat(32)} 00 ${"0".repeat(32)} 00 ${"0".repeat(32)} ffffffff 00000001 00000000 00200200       lo\n`,
    }),
  });
  expect((await readMachineFacts(system)).defaultRouteInterfaces).toEqual(["eth0", "wlan0", "eth1"]);
});

test("lists kubeadm's further CA directories that exist, in kubeadm's order", async () => {
  const rootDir = createTempTree({ "/usr/share/ca-certificates": "dir/", "/etc/pki/ca-trust": "dir/" });
  const facts = await readMachineFacts(createFakeSystem({ rootDir }));
  expect(facts.caDirs).toEqual(["/etc/pki/ca-trust", "/usr/share/ca-certificates"]);
});

test("a machine without /proc still has facts, and the missing one is named", async () => {
  const facts = await readMachineFacts(createFakeSystem({ rootDir: createTempTree({}) }));
  expect(facts.defaultRouteInterfaces).toEqual([]);
  expect(facts.unknown.map(({ fact }) => fact)).toEqual(["IPv4 routes"]);
});

test("an interface list that cannot be read is named and counts as empty", async () => {
  const addresses = (): never => {
    throw systemError("EPERM");
  };
  const rootDir = createTempTree({ "/proc/net/route": HEADING });
  const facts = await readMachineFacts(createFakeSystem({ rootDir, host: { addresses } }));
  expect(facts.addresses).toEqual([]);
  expect(facts.unknown).toEqual([{ fact: "addresses", reason: "EPERM" }]);
});
