import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { listTree, processesNaming } from "../support/machine.ts";
import { NOBODY, preparePlane, runSlipway, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

/** All four at once, on a busy machine. */
const START_MS = 60_000;

let planes: readonly TestPlane[] = [];

afterEach(async () => {
  for (const plane of planes) await plane.destroy();
});

test("two control planes live side by side, and the end of one leaves the other alone", async () => {
  const first = await startPlane();
  planes = [first];
  const second = await startPlane();
  planes = [first, second];
  await first.kubectl("create", "namespace", "only-in-the-first");
  expect(await second.kubectl("get", "namespaces", "-o", "name")).not.toContain("only-in-the-first");
  const before = await readStatus(second);
  succeed(await first.slipway("runner", "stop", "--pods"));
  await rename(first.path("var/lib/etcd/member"), join(second.dir, "member"));
  succeed(await first.slipway("reset", "--force"));
  expect(processesNaming(first.root)).toEqual([]);
  expect(await readStatus(second)).toMatchObject({ healthy: true, components: before.components });
  expect(await second.kubectl("get", "--raw", "/readyz")).toBe("ok");
  await expectOthersData(second, join(second.dir, "member"));
});

/** With the etcd data of another control plane, all of which is well in itself, one says so until it has its own again. */
async function expectOthersData(plane: TestPlane, others: string): Promise<void> {
  const swap = async (from: string, to: string): Promise<void> => {
    succeed(await plane.slipway("runner", "stop", "--pods"));
    await rename(plane.path("var/lib/etcd/member"), to);
    await rename(from, plane.path("var/lib/etcd/member"));
    succeed(await plane.slipway("runner", "start"));
  };
  const own = join(plane.dir, "own");
  await swap(others, own);
  await expect
    .poll(() => readStatus(plane), { timeout: START_MS })
    .toMatchObject({
      healthy: false,
      lostData: { what: "etcd's data is another cluster's" },
    });
  expect(await plane.kubectl("get", "namespaces", "-o", "name")).toContain("only-in-the-first");
  const told = /etcd's data is another cluster's(?:.|\n)*fix: move etcd\.yaml away, put the old data/;
  const init = await plane.init();
  expect(init.stderr).toContain("code: SLIPWAY_DATA_LOST");
  const [status, doctor] = await Promise.all(["status", "doctor"].map((verb) => plane.slipway(verb)));
  for (const outcome of [init, status, doctor])
    expect(outcome).toMatchObject({
      exitCode: 1,
      [outcome === init ? "stderr" : "stdout"]: expect.stringMatching(told),
    });
  await swap(own, others);
  await expect.poll(() => readStatus(plane), { timeout: START_MS }).toMatchObject({ healthy: true });
}

test("who comes to a machine with another root's control plane is told by that root what is whose", async () => {
  const first = await startPlane();
  planes = [first];
  const twin = await runSlipway([
    "init",
    "--config",
    first.configPath,
    "--root",
    `${first.dir}/twin`,
    "--yes",
  ]);
  expect(twin.exitCode).toBe(4);
  expect(twin.stderr).toMatch(
    new RegExp(
      `held by kube-apiserver \\(pid \\d+\\) of the Slipway under ${first.root}; fix: choose another port, \\d+ is free`,
    ),
  );
  expect(twin.stderr).toContain(`slipway reset --root ${first.root}`);
  const away = ["--root", `${first.dir}/nowhere`];
  for (const words of [["status"], ["ps"], ["logs", "etcd"]]) {
    const { exitCode, stdout, stderr } = await runSlipway([...words, ...away]);
    expect([exitCode, stdout + stderr]).toEqual([
      1,
      expect.stringContaining("a runner runs under another root"),
    ]);
  }
  const manifests = `--pod-manifest-path=${first.path("etc/kubernetes/manifests")}`;
  const runner = await runSlipway(["runner", "run", manifests, ...away]);
  expect(runner).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("SLIPWAY_RUNNER_RUNNING") });
  expect(runner.stderr).toMatch(new RegExp(`the runner of ${first.root} \\(pid \\d+\\) runs them`));
  expect(await readdir(first.dir)).not.toContain("nowhere");
});

test("a control plane where a runner without one has been leaves nothing of either", async () => {
  const plane = await preparePlane();
  planes = [plane];
  const before = listTree(plane.dir);
  const runner = plane.begin("runner", "run", `--pod-manifest-path=${plane.dir}`);
  await expect.poll(() => plane.slipway("ps").then(({ exitCode }) => exitCode)).toBe(0);
  succeed(await plane.slipway("runner", "stop"));
  await runner.done;
  succeed(await plane.init());
  succeed(await plane.slipway("reset", "--force"));
  expect(listTree(plane.dir)).toEqual(before);
});

test.runIf(process.getuid?.() === 0)(
  "an ordinary user has a control plane of their own, from init to reset",
  async () => {
    const plane = await preparePlane({ uid: NOBODY });
    planes = [plane];
    const before = listTree(plane.dir);
    succeed(await plane.init());
    succeed(await plane.slipway("status"));
    expect(await plane.kubectl("get", "pods", "-n", "kube-system", "-o", "name")).toContain("etcd-node-a");
    expect(listTree(plane.root).filter((line) => !line.includes(` ${NOBODY}:${NOBODY}`))).toEqual([]);
    expect(succeed(await plane.slipway("logs", "etcd"))).toContain("etcd-version");
    expect(succeed(await plane.init())).toContain("nothing was changed");
    succeed(await plane.slipway("reset", "--force"));
    expect(listTree(plane.dir)).toEqual(before);
    expect(processesNaming(plane.root)).toEqual([]);
  },
);
