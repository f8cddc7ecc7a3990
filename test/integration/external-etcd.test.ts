import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listTree, processesNaming } from "../support/machine.ts";
import { type OuterEtcd, startOuterEtcd } from "../support/outer-etcd.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

let plane: TestPlane;
let etcd: OuterEtcd;

beforeEach(async () => {
  plane = await preparePlane();
  etcd = await startOuterEtcd(plane);
  const files = "caFile: /etc/etcd/ca.crt, certFile: /etc/etcd/client.crt, keyFile: /etc/etcd/client.key";
  await plane.editConfig((text) =>
    text.replace(/^etcd:\n(?: .*\n)+/m, `etcd: { external: { endpoints: ["${etcd.url}"], ${files} } }\n`),
  );
});
// An API server takes its 30 s to end without its etcd.
afterEach(async () => {
  await plane.destroy();
  await etcd.destroy();
});

test("a control plane lives on an etcd of others, and reset leaves that alone with all it holds", async () => {
  const before = listTree(plane.root);
  succeed(await plane.init());
  expect(await readStatus(plane)).toMatchObject({ healthy: true });
  expect(existsSync(plane.path("etc/kubernetes/manifests/etcd.yaml"))).toBe(false);
  expect(existsSync(plane.path("etc/kubernetes/pki/etcd"))).toBe(false);
  await plane.kubectl("create", "configmap", "kept");
  const stored = await plane.kubectl("get", "configmap", "kubeadm-config", "-n", "kube-system", "-o", "yaml");
  expect(stored).toContain(`- ${etcd.url}`);
  expect(succeed(await plane.slipway("certs", "check-expiration"))).not.toMatch(/etcd|MISSING/);
  const phase = await plane.slipway("reset", "phase", "remove-etcd-member");
  expect([phase.exitCode, phase.stdout]).toEqual([0, expect.stringContaining("nothing to undo")]);

  succeed(await plane.slipway("reset", "--force"));
  expect(listTree(plane.root)).toEqual(before);
  expect(await etcd.countKeys()).toBeGreaterThan(50);
  succeed(await plane.init());
  await plane.kubectl("get", "configmap", "kept");
});

test("an etcd that does not answer is told before anything is changed", async () => {
  await plane.editConfig((text) => text.replace(etcd.url, "https://127.0.0.1:1"));
  const { exitCode, stderr } = await plane.init();
  expect([exitCode, stderr]).toEqual([4, expect.stringContaining("ExternalEtcdVersion")]);
  // A runner that stood by for what would come ends by itself.
  await expect.poll(() => processesNaming(plane.root)).toEqual([]);
});
