import { expect, test } from "vitest";
import { parseIpv4Routes, parseIpv6Routes } from "../../../src/facts/parse-routes.ts";

test("IPv4 networks come out of the kernel's byte order", () => {
  const text = "Iface Destination Gateway Flags\neth0 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0\n";
  expect(parseIpv4Routes(text).networks).toEqual([{ interfaceName: "eth0", cidr: "192.0.2.0/24" }]);
});

test("a route that rejects is none", () => {
  const text = "Iface\neth0 00000000 00000000 0201 0 0 0 00000000 0 0 0\n";
  expect(parseIpv4Routes(text)).toEqual({ defaultInterfaces: [], networks: [] });
});

test("IPv6 networks have their short form", () => {
  const text = `fd${"0".repeat(30)} 40 ${"0".repeat(32)} 00 ${"0".repeat(32)} 00000100 00000001 00000000 00000001     eth0\n`;
  expect(parseIpv6Routes(text).networks).toEqual([{ interfaceName: "eth0", cidr: "fd00::/64" }]);
});

test.each(["", "\n", "garbage\nmore garbage here\n"])("text that is no table gives no route: %j", (text) => {
  expect(parseIpv4Routes(text).networks).toEqual([]);
  expect(parseIpv6Routes(text).networks).toEqual([]);
});
