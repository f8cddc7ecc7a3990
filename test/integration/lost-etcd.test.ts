import { rename } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesNaming } from "../support/machine.ts";
import { startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

let plane: TestPlane;

beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

/** Told at once, and not after the four minutes that init waits for what can heal. */
const AT_ONCE_MS = 30_000;

test("an etcd that came back empty is told by status, doctor and init, which does not wait for it", async () => {
  await rename(plane.path("var/lib/etcd/member"), `${plane.dir}/member`);
  const etcd = processesNaming(plane.root).find(({ args }) => args[0]?.endsWith("/etcd"));
  process.kill(etcd?.pid ?? 0, "SIGKILL");
  await expect.poll(async () => (await readStatus(plane)).lostData, { timeout: AT_ONCE_MS }).toBeDefined();

  const lost = /etcd's data is new, or another cluster's: it holds nothing of this control plane/;
  for (const verb of ["status", "doctor"]) {
    const { exitCode, stdout } = await plane.slipway(verb);
    expect([exitCode, stdout]).toEqual([1, expect.stringMatching(lost)]);
  }
  const startMs = Date.now();
  const { exitCode, stderr } = await plane.init();
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(lost)]);
  expect(stderr).toContain("code: SLIPWAY_DATA_LOST");
  expect(Date.now() - startMs).toBeLessThan(AT_ONCE_MS);
});

test("an API server that was restarted since misses init's own objects, and init names what it makes again", async () => {
  succeed(await plane.slipway("restart", "kube-apiserver"));
  const missing = "what init made in the cluster is missing";
  await expect
    .poll(async () => (await readStatus(plane)).lostData?.what, { timeout: AT_ONCE_MS })
    .toContain(missing);
  const { exitCode, stdout } = await plane.slipway("doctor");
  expect([exitCode, stdout]).toEqual([1, expect.stringContaining(missing)]);

  const init = await plane.init();
  expect(succeed(init)).not.toContain("nothing was changed");
  expect(init.stderr).toContain("create ConfigMap kubeadm-config");
  expect(init.stderr).toContain("create a bootstrap token");
  expect((await plane.init()).stdout).toContain("nothing was changed");
  await expect.poll(async () => (await readStatus(plane)).healthy, { timeout: AT_ONCE_MS }).toBe(true);
});
