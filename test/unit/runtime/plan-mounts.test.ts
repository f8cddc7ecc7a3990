import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { ContainerMount } from "../../../src/runtime/isolation.ts";
import { planMounts } from "../../../src/runtime/plan-mounts.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

let root: string;
beforeEach(() => {
  root = createTempTree({ "shared/sub/x": "", "other/x": "" });
});

function plan(mounts: readonly Partial<ContainerMount>[]): Promise<readonly string[]> {
  return planMounts(createFakeSystem(), {
    mounts: mounts.map((mount) => ({
      ...{ hostPath: join(root, "other"), containerPath: join(root, "other") },
      ...{ readOnly: false, propagation: "private" },
      ...mount,
    })),
    readOnlyRoot: false,
    stageDir: "/stage",
  });
}

const shared = (): Partial<ContainerMount> => ({
  hostPath: join(root, "shared"),
  containerPath: join(root, "shared"),
  propagation: "bidirectional",
});

test("what is shared with the machine is taken before all else is set apart, and mounted from there", async () => {
  expect(await plan([{}, shared()])).toEqual([
    ...["share", join(root, "shared"), "", "dir", "/proc/fs/0", "apart"],
    ...["volume", join(root, "other"), "", join(root, "other"), "private", "rw"],
    ...["volume", "/proc/fs/0", "", join(root, "shared"), "shared", "rw"],
  ]);
});

test("nothing is mounted where it would reach the machine, whatever link leads there", async () => {
  symlinkSync(join(root, "shared/sub"), join(root, "link"));
  for (const path of ["shared/sub", "link"]) {
    const inside = { containerPath: join(root, path) };
    await expect(plan([shared(), inside])).rejects.toThrow(
      `nothing can be mounted at ${join(root, path)}: what is mounted below ${join(root, "shared")} reaches the machine`,
    );
  }
});
