import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cgroupsOf, isListening, listTree, processesNaming } from "../support/machine.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";

let plane: TestPlane;

beforeEach(async () => {
  plane = await preparePlane();
});
afterEach(() => plane.destroy());

/** From before its first write to after its last manifest. */
const MOMENTS_MS = [100, 300, 600, 1200, 2500];

test.each(MOMENTS_MS)("init that was killed after %i ms goes on when it is run again", async (ms) => {
  await killInitAfter(ms);
  succeed(await plane.init());
  succeed(await plane.slipway("status"));
});

test.each(MOMENTS_MS)("reset leaves nothing of an init that was killed after %i ms", async (ms) => {
  const before = listTree(plane.dir);
  await killInitAfter(ms);
  const containers = listContainers();
  succeed(await plane.slipway("reset", "--force"));
  expect(listTree(plane.dir)).toEqual(before);
  expect(processesNaming(plane.root)).toEqual([]);
  expect(cgroupsOf(containers)).toEqual([]);
  for (const port of Object.values(plane.ports)) expect(await isListening(port)).toBe(false);
});

function listContainers(): readonly string[] {
  const dir = plane.path("var/lib/slipway/containers");
  return existsSync(dir) ? readdirSync(dir) : [];
}

/** SIGKILL: init can do nothing about it. */
async function killInitAfter(ms: number): Promise<void> {
  const { pid, done } = plane.begin("init", "--config", plane.configPath);
  await sleep(ms);
  process.kill(pid, "SIGKILL");
  await done;
}

test("what a killed init had begun to write is taken away by the next one, and nothing else", async () => {
  await killInitAfter(600);
  const ours = plane.path("etc/kubernetes/pki/.ca.crt.0123456789ab.tmp");
  const theirs = plane.path("etc/kubernetes/pki/.notes.0123456789ab.tmp");
  for (const path of [ours, theirs]) writeFileSync(path, "half");
  succeed(await plane.init());
  expect([ours, theirs].map((path) => existsSync(path))).toEqual([false, true]);
  rmSync(theirs);
});
