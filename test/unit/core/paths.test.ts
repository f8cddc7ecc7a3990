import fc from "fast-check";
import { expect, test } from "vitest";
import { buildPaths, underRoot } from "../../../src/core/paths.ts";

const SOCKET_IN_ROOT = "/run/slipway/control.sock";

test("the layout of the machine itself is kubeadm's", () => {
  expect(buildPaths({ root: "/", uid: 0 })).toMatchObject({
    kubernetesDir: "/etc/kubernetes",
    pkiDir: "/etc/kubernetes/pki",
    manifestDir: "/etc/kubernetes/manifests",
    etcdDataDir: "/var/lib/etcd",
    ledgerPath: "/var/lib/slipway/ledger.json",
    controlSocketPath: SOCKET_IN_ROOT,
  });
});

test("everything lies under the root while its socket's path is short enough", () => {
  const paths = Object.values(buildPaths({ root: "/srv/plane", uid: 1000 }));
  expect(paths.filter((path) => !path.startsWith("/srv/plane"))).toEqual([]);
});

test("the socket stays in the root up to 100 bytes and moves out above", () => {
  const longest = `/${"r".repeat(100 - SOCKET_IN_ROOT.length - 1)}`;
  expect(buildPaths({ root: longest, uid: 0 }).controlSocketPath).toHaveLength(100);
  expect(buildPaths({ root: `${longest}r`, uid: 0 }).controlSocketPath).toMatch(
    /^\/run\/slipway-0\/[0-9a-f]{16}\.sock$/,
  );
  expect(buildPaths({ root: `${longest}r`, uid: 1000 }).controlSocketPath).toMatch(
    /^\/tmp\/slipway-1000\/[0-9a-f]{16}\.sock$/,
  );
});

test("letters of several bytes count as such", () => {
  expect(buildPaths({ root: `/${"ü".repeat(40)}`, uid: 0 }).controlSocketPath).toMatch(/^\/run\/slipway-0\//);
});

test("no root makes a socket path that the kernel would cut, and two roots never share one", () => {
  const root = fc.stringMatching(/^\/[a-zü]{0,200}$/);
  fc.assert(
    fc.property(root, root, (left, right) => {
      const path = buildPaths({ root: left, uid: 1000 }).controlSocketPath;
      expect(Buffer.byteLength(path)).toBeLessThanOrEqual(100);
      const same = path === buildPaths({ root: right, uid: 1000 }).controlSocketPath;
      expect(same).toBe(left === right);
    }),
  );
});

test("a path is moved under a root", () => {
  expect(underRoot("/", "/etc/x")).toBe("/etc/x");
  expect(underRoot("/r", "/etc/x")).toBe("/r/etc/x");
});
