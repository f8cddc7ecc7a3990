import { expect, test } from "vitest";
import { buildMirrorStatus } from "../../../../src/runner/cluster/build-mirror-status.ts";
import { buildPod } from "../../../support/cluster-values.ts";

test("what a container has been given is told in the form in which the API keeps it", () => {
  const given = { limits: { cpu: "0.5" }, requests: { cpu: "0.10" } };
  const container = {
    ...{ name: "web", image: "web:1", imageID: "", ready: true, restartCount: 0, state: {}, lastState: {} },
    ...{ resources: given, allocatedResources: given.requests },
  };
  const pod = buildPod({ status: { phase: "Running", containerStatuses: [container] } });
  const kept = { limits: { cpu: "500m" }, requests: { cpu: "100m" } };
  const live = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { containers: [{ name: "web", resources: kept }] },
  };
  expect(buildMirrorStatus(pod, live)?.["containerStatuses"]).toEqual([
    { ...container, resources: kept, allocatedResources: kept.requests },
  ]);
});
