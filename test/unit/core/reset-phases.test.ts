import { expect, test } from "vitest";
import { readResetPhases } from "../../../src/core/reset-phases.ts";

test("phases are named as kubeadm names them, aliases and letter case too", () => {
  expect(readResetPhases(["pre-flight", "CleanupNode", "remove-etcd-member"])).toEqual([
    "preflight",
    "cleanup-node",
    "remove-etcd-member",
  ]);
});

test("an unknown phase is refused with the nearest", () => {
  expect(() => readResetPhases(["cleanup-nod"])).toThrowError(
    expect.objectContaining({ code: "SLIPWAY_USAGE", fix: 'did you mean "cleanup-node"?' }),
  );
});
