import { existsSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";

// With the real components, one step of each kind that a usual init has; `killed-init` has every step with stand-ins.
const ONCE = [
  "dir:ROOT/etc/kubernetes/manifests",
  "certs/apiserver",
  "certs/sa",
  "kubeconfig/admin",
  "manifest/kube-apiserver",
  "runner",
  "token/0",
  "mark-node",
];

/** Done in every init, so that one plane will do for all. */
const ALWAYS = [
  "wait/kube-apiserver",
  "object/ConfigMap/kube-system/kubeadm-config",
  "object/ConfigMap/default/kube-root-ca.crt",
  "wait/ready",
];

let program: FaultyProgram;
let plane: FaultPlane;

beforeAll(async () => {
  program = await buildFaultyProgram();
});
afterAll(() => program.remove());
beforeEach(async () => {
  plane = await prepareFaultPlane(program);
});
afterEach(() => plane.destroy());

test.each(ONCE)("init that is killed in %s goes on, and reset undoes it", async (step) => {
  await plane.kill("init", "in", step);
  await plane.bringUp();
  await plane.undo();
});

test("init that is killed in one step after the other that it does each time goes on in the end", async () => {
  for (const step of ALWAYS) await plane.kill("init", "in", step);
  await plane.bringUp();
  expect(await plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
  await plane.undo();
});

test("what a killed init had begun to write is taken away by the next one, and nothing else", async () => {
  await plane.kill("init", "before", "manifest/kube-apiserver");
  const ours = plane.path("etc/kubernetes/pki/.ca.crt.0123456789ab.tmp");
  const theirs = plane.path("etc/kubernetes/pki/.notes.0123456789ab.tmp");
  for (const path of [ours, theirs]) writeFileSync(path, "half");
  await plane.bringUp();
  expect([ours, theirs].map((path) => existsSync(path))).toEqual([false, true]);
  rmSync(theirs);
});

test("a reset that is killed while components stop is finished by init, which makes a new control plane", async () => {
  await plane.bringUp();
  await plane.kubectl("create", "namespace", "of-before");
  await plane.kill("reset", "in", "stop");
  await plane.bringUp();
  expect(await plane.kubectl("get", "namespaces", "-o", "name")).not.toContain("of-before");
  await plane.undo();
});
