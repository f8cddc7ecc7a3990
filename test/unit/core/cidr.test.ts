import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalAddress,
  cidrContains,
  cidrsOverlap,
  countAddresses,
  formatCidr,
  isLoopback,
  nthAddress,
  parseCidr,
  parseCidrs,
  parseIpAddress,
} from "../../../src/core/cidr.ts";

function cidr(text: string) {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`not a network: ${text}`);
  return parsed;
}

test.each([
  ["10.0.0.1", "10.0.0.1"],
  ["::1", "::1"],
  ["::", "::"],
  ["FD00:0:0:0:0:0:0:00A", "fd00::a"],
  ["2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
])("%s is written %s", (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
});

test.each([
  "",
  "1.2.3",
  "1.2.3.256",
  "01.2.3.4",
  "1::2::3",
  "1:2:3:4:5:6:7:8:9",
  "fe80::1%eth0",
  ":",
  "1.2.3.4::",
  "g::",
])("%j is no address", (text) => {
  expect(canonicalAddress(text)).toBeUndefined();
});

test("an address is one exactly when Node says so", () => {
  const alike = fc.string({ unit: fc.constantFrom("0", "1", "f", "25", ":", "::", "."), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(alike, fc.ipV6(), fc.ipV4()), (text) => {
      expect(parseIpAddress(text) !== undefined).toBe(isIP(text) !== 0);
    }),
  );
});

test("the canonical form stands for the same address", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      expect(parseIpAddress(canonicalAddress(text) ?? "")).toEqual(parseIpAddress(text));
    }),
  );
});

describe("a network", () => {
  test("loses its host bits", () => {
    expect(formatCidr(cidr("10.96.3.4/12"))).toBe("10.96.0.0/12");
  });

  test.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "fd00::/129",
    "10.0.0.0/8/8",
    "::ffff:1.2.3.0/120",
  ])("%s is none", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test("counts its addresses", () => {
    expect(countAddresses(cidr("10.0.0.0/28"))).toBe(16n);
    expect(countAddresses(cidr("fd00::/64"))).toBe(1n << 64n);
  });

  test("gives its n-th address, and none beyond its end", () => {
    expect(nthAddress(cidr("10.96.0.0/12"), 1)).toBe("10.96.0.1");
    expect(nthAddress(cidr("fd00::/108"), 10)).toBe("fd00::a");
    expect(nthAddress(cidr("10.0.0.0/30"), 4)).toBeUndefined();
  });

  test("overlaps one that it contains, and none beside it or of the other family", () => {
    expect(cidrsOverlap(cidr("10.96.0.0/12"), cidr("10.100.0.0/24"))).toBe(true);
    expect(cidrsOverlap(cidr("10.100.0.0/24"), cidr("10.96.0.0/12"))).toBe(true);
    expect(cidrsOverlap(cidr("10.96.0.0/12"), cidr("10.112.0.0/12"))).toBe(false);
    expect(cidrsOverlap(cidr("0.0.0.0/0"), cidr("::/0"))).toBe(false);
  });

  test("contains the addresses between its first and its last", () => {
    expect(cidrContains(cidr("10.0.0.0/8"), { value: 0x0aff_ffffn, family: "IPv4" })).toBe(true);
    expect(cidrContains(cidr("10.0.0.0/8"), { value: 0x0b00_0000n, family: "IPv4" })).toBe(false);
  });

  test("may stand in a comma list", () => {
    expect(parseCidrs("10.0.0.0/8,fd00::/64")?.map(formatCidr)).toEqual(["10.0.0.0/8", "fd00::/64"]);
    expect(parseCidrs("10.0.0.0/8,")).toBeUndefined();
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["128.0.0.1", false],
  ["126.255.255.255", false],
  ["::2", false],
  ["fe80::1", false],
  ["localhost", false],
])("%s is a loopback address: %s", (text, expected) => {
  expect(isLoopback(text)).toBe(expected);
});
