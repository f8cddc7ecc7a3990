import { afterAll, beforeAll, expect, test } from "vitest";
import { processesNaming } from "../support/machine.ts";
import { startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { findPid, readStatus } from "../support/status.ts";

let plane: TestPlane;

beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

test("pods outlive a runner that was killed, and the next one takes them up as they are", async () => {
  const before = await readStatus(plane);
  process.kill(await findPid(plane, "runner"), "SIGKILL");
  await expect.poll(() => readStatus(plane).then(({ runner }) => runner)).toBe(undefined);
  const alone = await plane.slipway("status");
  expect(alone.exitCode).toBe(1);
  expect(alone.stdout).toContain("runner        it does not run");
  expect(await plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
  succeed(await plane.slipway("runner", "start"));
  await expect.poll(() => readStatus(plane).then(({ healthy }) => healthy)).toBe(true);
  expect((await readStatus(plane)).components).toEqual(before.components);
});

test("a second runner on the same root is refused, and start says which one runs", async () => {
  const { runner } = await readStatus(plane);
  const second = await plane.slipway("runner", "run");
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toContain("code: SLIPWAY_RUNNER_RUNNING");
  expect(succeed(await plane.slipway("runner", "start"))).toContain(String(runner?.pid));
});

test("a runner that hangs is replaced, and its pods go on", async () => {
  const before = await readStatus(plane);
  process.kill(before.runner?.pid ?? 0, "SIGSTOP");
  const alone = await plane.slipway("status");
  expect(alone.stdout).toContain(
    `runner        pid ${before.runner?.pid} does nothing: somebody has stopped it`,
  );
  expect(alone.stdout).toContain("running without a runner");
  expect(succeed(await plane.slipway("logs", "etcd", "--tail", "1"))).not.toBe("");
  const refused = await plane.slipway("runner", "start");
  expect(refused.stderr).toContain(
    `fix: pods that run go on; to wake it: kill -CONT ${before.runner?.pid}\n`,
  );
  expect(refused.stderr).toContain("code: SLIPWAY_RUNNER_RUNNING");
  succeed(await plane.slipway("runner", "restart"));
  await expect.poll(() => readStatus(plane).then(({ healthy }) => healthy)).toBe(true);
  const after = await readStatus(plane);
  expect(after.components).toEqual(before.components);
  expect(after.runner?.pid).not.toBe(before.runner?.pid);
});

test("a component that was killed is started again at once, and both runs have their log", async () => {
  const pid = await findPid(plane, "kube-scheduler");
  process.kill(pid, "SIGKILL");
  await expect
    .poll(() => readStatus(plane).then(componentOf("kube-scheduler")))
    .toMatchObject({ ready: true, restarts: 1 });
  expect(await findPid(plane, "kube-scheduler")).not.toBe(pid);
  const previous = succeed(await plane.slipway("logs", "--previous", "kube-scheduler"));
  expect(previous).toContain("Starting Kubernetes Scheduler");
  expect(succeed(await plane.slipway("logs", "kube-scheduler"))).not.toBe(previous);
  await expect
    .poll(() => plane.kubectl("get", "pods", "-n", "kube-system", "kube-scheduler-node-a", "--no-headers"))
    .toMatch(/1\/1\s+Running\s+1/);
});

test("restart replaces a pod's process", async () => {
  const pid = await findPid(plane, "kube-controller-manager");
  succeed(await plane.slipway("restart", "kube-controller-manager"));
  await expect
    .poll(() => readStatus(plane).then(componentOf("kube-controller-manager")))
    .toMatchObject({ ready: true });
  expect(await findPid(plane, "kube-controller-manager")).not.toBe(pid);
});

test("runner stop leaves the pods, runner stop --pods leaves nothing that runs", async () => {
  const pids = (await readStatus(plane)).components.map(({ pid }) => pid);
  succeed(await plane.slipway("runner", "stop"));
  const left = processesNaming(plane.root).map(({ pid }) => pid);
  expect(left).toEqual(expect.arrayContaining(pids));
  succeed(await plane.slipway("runner", "start"));
  succeed(await plane.slipway("runner", "stop", "--pods"));
  await expect.poll(() => processesNaming(plane.root)).toEqual([]);
  expect((await plane.slipway("status")).exitCode).toBe(1);
});

test("init brings a stopped control plane back", async () => {
  succeed(await plane.init());
  succeed(await plane.slipway("status"));
  expect(await plane.kubectl("get", "--raw", "/readyz")).toBe("ok");
});

function componentOf(name: string) {
  return ({ components }: Awaited<ReturnType<typeof readStatus>>) =>
    components.find((component) => component.name === name);
}
