import { rename, rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSlipway, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { findPid, readStatus } from "../support/status.ts";
import { readTold, type Told } from "../support/told.ts";

/** Longer than a pod's grace period, and than a scheduler's wait for the lease that it lost. */
const GRACE_MS = 60_000;

let plane: TestPlane;

beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

test("commands that look answer at once while the API server hangs", async () => {
  const pid = await findPid(plane, "kube-apiserver");
  process.kill(pid, "SIGSTOP");
  try {
    const startMs = performance.now();
    expect((await plane.slipway("status")).stdout).toContain("kube-apiserver");
    expect(succeed(await plane.slipway("ps"))).toContain("kube-apiserver-node-a");
    expect(succeed(await plane.slipway("logs", "kube-apiserver", "--tail", "1"))).toMatch(/^.+\n$/);
    expect(succeed(await plane.slipway("events"))).toContain("Started");
    expect(succeed(await runSlipway(["version"]))).toMatch(/^slipway \d.*Kubernetes v1\..*\n$/);
    expect(performance.now() - startMs).toBeLessThan(5000);
  } finally {
    process.kill(pid, "SIGCONT");
  }
});

test("an API server that was killed is told as what it is at every moment, and never as etcd's fault", async () => {
  const pid = await findPid(plane, "kube-apiserver");
  process.kill(pid, "SIGKILL");
  const told: (Told | undefined)[] = [];
  await expect
    .poll(async () => {
      told.push((await readTold(plane, "kube-apiserver")).status);
      return (await readStatus(plane)).healthy && (await findPid(plane, "kube-apiserver")) !== pid;
    })
    .toBe(true);
  const seen = told.filter((entry) => entry !== undefined);
  expect(seen).not.toEqual([]);
  for (const { end, why, line } of seen) {
    expect(`${end}: ${why}`).toMatch(AFTER_KILL);
    expect(line).toBeUndefined();
  }
});

/** Between its end and its start, while it starts, and when it has come up but is not ready yet. */
const AFTER_KILL =
  /^(?:ended with signal 9.*: it was killed|runs again after signal 9: it runs since \S+ and is not ready yet; the run before: it was killed|not ready: (?!.*etcd))/;

test.each([
  "etc/kubernetes/kubelet.conf",
  "etc/kubernetes/pki/apiserver.crt",
  "var/lib/slipway/pki/kubelet.crt",
])("%s: a file that is gone is named by status and doctor", async (name) => {
  const path = plane.path(name);
  await rename(path, `${plane.dir}/aside`);
  for (const command of ["status", "doctor"]) {
    const { exitCode, stdout } = await plane.slipway(command);
    expect([command, exitCode, stdout]).toEqual([command, 1, expect.stringContaining(path)]);
  }
  await rename(`${plane.dir}/aside`, path);
  succeed(await plane.slipway("doctor"));
});

test("without an API server status fails and names it; ps and logs go on", async () => {
  const manifest = plane.path("etc/kubernetes/manifests/kube-apiserver.yaml");
  const aside = plane.path("etc/kubernetes/kube-apiserver.yaml.aside");
  await rename(manifest, aside);
  try {
    await expect
      .poll(() => readStatus(plane).then(pidOf("kube-apiserver")), { timeout: GRACE_MS })
      .toBe(undefined);
    const { exitCode, stdout } = await plane.slipway("status");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("not healthy");
    expect(stdout).toMatch(
      /kube-apiserver: \S+kube-apiserver\.yaml is not there\n {2}fix: move it back, or have it written again: slipway init .*\n/,
    );
    expect(succeed(await plane.slipway("ps"))).toContain("kube-scheduler-node-a");
    expect(succeed(await plane.slipway("logs", "kube-scheduler"))).toContain("Starting Kubernetes Scheduler");
  } finally {
    await rename(aside, manifest);
  }
  await expect.poll(() => readStatus(plane).then(({ healthy }) => healthy), { timeout: GRACE_MS }).toBe(true);
  await expect.poll(() => plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
});

test("status names a pod of somebody's own that is not ready, and the control plane is healthy", async () => {
  const path = plane.path("etc/kubernetes/manifests/own.yaml");
  await writeFile(path, OWN_POD);
  await expect
    .poll(async () => (await plane.slipway("status")).stdout)
    .toContain("other pods    own-node-a: not ready; to see why: ");
  succeed(await plane.slipway("status"));
  await rm(path);
  await expect.poll(async () => (await plane.slipway("status")).stdout).not.toContain("other pods");
});

const OWN_POD = `apiVersion: v1
kind: Pod
metadata: { name: own }
spec: { containers: [{ name: main, image: nowhere.example/none:1 }] }
`;

test("logs of a pod that does not exist lists those that do", async () => {
  const { exitCode, stderr } = await plane.slipway("logs", "kube-proxy");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("kube-system/kube-scheduler-node-a");
  expect(stderr).toContain("code: SLIPWAY_POD_NOT_FOUND");
});

test("logs -f prints what comes until it is interrupted", async () => {
  const { pid, done } = plane.begin("logs", "-f", "--tail", "0", "kube-apiserver");
  // A request that the API server logs.
  await expect.poll(() => plane.kubectl("logs", "-n", "kube-system", "etcd-node-a", "--tail=1")).toMatch(/./);
  process.kill(pid, "SIGINT");
  expect(await done).toMatchObject({ exitCode: 130 });
});

function pidOf(name: string): (status: Awaited<ReturnType<typeof readStatus>>) => number | undefined {
  return ({ components }) => components.find((component) => component.name === name)?.pid;
}
