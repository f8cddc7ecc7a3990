import { expect, test } from "vitest";
import { formatHostPort, parseHostPort } from "../../../src/core/host-port.ts";

test.each([
  ["cp.example.com", "cp.example.com", undefined],
  ["cp.example.com:7443", "cp.example.com", 7443],
  ["10.0.0.1:6443", "10.0.0.1", 6443],
  ["[fd00::1]:6443", "fd00::1", 6443],
  ["[fd00::1]", "fd00::1", undefined],
  ["fd00::1", "fd00::1", undefined],
])("%s has the host %s and the port %s", (text, host, port) => {
  expect(parseHostPort(text)).toEqual({ host, port });
});

test.each(["", ":6443", "host:0", "host:65536", "host:x", "a:b:c", "[]:1", "[::1]x"])(
  "%j is refused",
  (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  },
);

test.each([
  ["10.0.0.1", "10.0.0.1:6443"],
  ["node01", "node01:6443"],
  ["fd00::1", "[fd00::1]:6443"],
])("%s is written as %s", (host, text) => {
  expect(formatHostPort(host, 6443)).toBe(text);
});
