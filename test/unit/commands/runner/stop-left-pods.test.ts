import { expect, test } from "vitest";
import { describeStop } from "../../../../src/commands/runner/stop-left-pods.ts";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { buildComponentReport } from "../../../support/build-report.ts";

function withGrace(report: PodReport, terminationGracePeriodSeconds: number): PodReport {
  return { ...report, pod: { ...report.pod, spec: { ...report.pod.spec, terminationGracePeriodSeconds } } };
}

const PODS = [
  withGrace(buildComponentReport("etcd"), 30),
  withGrace(buildComponentReport("kube-scheduler"), 5),
  withGrace(buildComponentReport("kube-controller-manager"), 10),
];

test("a stop says how many pods it waits for, and for how long at most: stage after stage", () => {
  expect(describeStop(PODS, [])).toBe(
    "3 pods are told to end, and killed where that takes too long: after 40 s at most",
  );
});

test("the periods of a shutdown are the longest that a stage takes, and what has ended is not waited for", () => {
  const ended = buildComponentReport("kube-apiserver", { container: { pid: undefined } });
  const periods = [{ priority: 0, graceSeconds: 20 }];
  expect(describeStop([...PODS.slice(0, 1), ended], periods)).toBe(
    "1 pod is told to end, and killed where that takes too long: after 20 s at most",
  );
});
