import { afterEach, expect, test } from "vitest";
import { listTree, processesNaming } from "../support/machine.ts";
import { NOBODY, preparePlane, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

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
  succeed(await first.slipway("reset", "--force"));
  expect(processesNaming(first.root)).toEqual([]);
  expect(await readStatus(second)).toMatchObject({ healthy: true, components: before.components });
  expect(await second.kubectl("get", "--raw", "/readyz")).toBe("ok");
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
