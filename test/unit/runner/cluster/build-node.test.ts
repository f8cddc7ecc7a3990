import { expect, test } from "vitest";
import { buildNode, buildNodeMetadata } from "../../../../src/runner/cluster/build-node.ts";
import { readMachine } from "../../../../src/runner/cluster/read-machine.ts";
import { createSystem } from "../../../../src/system/create-system.ts";
import { buildKubeletConfiguration, buildRunnerOptions } from "../../../support/cluster-values.ts";

const silent = () => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });

test("a Node is registered with the user's labels and taints; a label of the machine's own stays the user's", async () => {
  const registerWithTaints = [{ key: "a", effect: "NoExecute" }];
  const options = buildRunnerOptions({
    kubelet: buildKubeletConfiguration({ registerWithTaints }),
    nodeLabels: { "kubernetes.io/hostname": "other", rack: "7" },
  });
  const facts = { options, machine: await readMachine(system, { stateDir: "/" }), nowMs: 0 };
  const node = buildNode(facts);
  expect(node.metadata.labels).toMatchObject({
    "kubernetes.io/hostname": "other",
    "kubernetes.io/os": "linux",
    rack: "7",
  });
  expect(node["spec"]).toEqual({
    taints: [...registerWithTaints, { key: "slipway.dev/host-runtime", effect: "NoSchedule" }],
  });
  const { labels } = buildNodeMetadata(facts);
  expect(labels).toMatchObject({ "kubernetes.io/hostname": "other" });
  expect(labels).not.toHaveProperty("rack");
});
