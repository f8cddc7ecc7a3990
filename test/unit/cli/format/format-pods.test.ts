import { expect, test } from "vitest";
import { formatEvents, formatPods } from "../../../../src/cli/format/format-pods.ts";
import type { PsAnswer } from "../../../../src/commands/view/ps.ts";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 17);

function ps(items: readonly PodReport[], refused: PsAnswer["refused"] = []): string {
  const kind = "PodReportList";
  return formatPods(
    { apiVersion: "slipway.dev/v1", kind, items, failures: [], refused, runnerProblem: undefined },
    { nowMs: NOW_MS },
  );
}

test("pods are listed as kubectl lists them", () => {
  expect(ps([buildComponentReport("etcd", { status: { restartCount: 2 } })])).toBe(
    "NAMESPACE    NAME     READY  STATUS   RESTARTS  AGE     PID\n" +
      "kube-system  etcd-n1  1/1    Running  2         1h 00m  100\n",
  );
});

test("a status is what a container waits for or ended with, and a pod that is stopped is Terminating", () => {
  const waiting = { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } };
  expect(ps([buildComponentReport("etcd", { status: { state: waiting, ready: false } })])).toMatch(
    /0\/1 +CrashLoopBackOff[\s\S]*etcd-n1\/etcd: back-off 10s\n$/,
  );
  const ended = buildEnd({ reason: "OOMKilled" });
  expect(ps([buildComponentReport("etcd", { status: { state: ended } })])).toContain("OOMKilled");
  expect(ps([buildComponentReport("etcd", { report: { terminating: true } })])).toContain("Terminating");
});

test.each([
  [
    "the first runs",
    [{ running: { startedAt: "" } }, { waiting: { reason: "PodInitializing" } }],
    "Init:0/2",
  ],
  ["the first is done", [{ terminated: { exitCode: 0 } }, { running: { startedAt: "" } }], "Init:1/2"],
  ["one fails again and again", [{ waiting: { reason: "CrashLoopBackOff" } }, {}], "Init:CrashLoopBackOff"],
  ["one has failed", [{ terminated: { exitCode: 1, reason: "Error" } }, {}], "Init:Error"],
])("a pod says which init container it waits for: %s", (_, states, shown) => {
  const report = buildComponentReport("etcd", {
    status: { state: { waiting: { reason: "PodInitializing" } } },
  });
  const initContainerStatuses = states.map((state, index) => ({
    name: `i${index}`,
    image: "i",
    imageID: "",
    ready: false,
    restartCount: 3,
    state,
    lastState: {},
  }));
  const pod = {
    ...report.pod,
    status: { ...report.pod.status, phase: "Pending" as const, initContainerStatuses },
  };
  expect(ps([{ ...report, pod }])).toMatch(new RegExp(`0/1 +${shown} +6 `));
});

test("what keeps pods from running is told below them", () => {
  const text = ps(
    [
      buildComponentReport("etcd", {
        container: { lastProbeFailure: "readiness: 503", pid: undefined },
        report: { mirrorProblem: "forbidden" },
      }),
    ],
    [{ origin: "/m/x.yaml", code: "SLIPWAY_KIND_REFUSED", message: "no Pod", keepsLastGood: true }],
  );
  expect(text).toContain("etcd-n1/etcd: readiness: 503\n");
  expect(text).toContain("etcd-n1 has no mirror pod: forbidden\n");
  expect(text).toContain("/m/x.yaml is refused: no Pod; its pod goes on as it was before\n");
});

test("ps says of a container that does not run how it ended, why, and what to do", () => {
  const failure = {
    pod: "etcd-n1",
    container: "etcd",
    summary: "ended with exit code 1, 1 restart",
    cause: "the disk is full",
    fix: "free some space",
    logLine: "no space left on device",
  };
  const kind = "PodReportList" as const;
  const text = formatPods(
    {
      apiVersion: "slipway.dev/v1",
      kind,
      items: [],
      failures: [failure],
      refused: [],
      runnerProblem: undefined,
    },
    { nowMs: NOW_MS },
  );
  expect(text).toContain(
    "etcd-n1/etcd: ended with exit code 1, 1 restart: the disk is full\n    log: no space left on device\n    fix: free some space\n",
  );
});

const EVENTS = { apiVersion: "slipway.dev/v1", kind: "RunnerEventList", runnerProblem: undefined } as const;

test("no pods and no events are told in words", () => {
  expect(ps([])).toBe("The runner runs no pods.\n");
  expect(formatEvents({ ...EVENTS, items: [] })).toBe("Nothing has happened yet.\n");
});

test("an event that came several times is one line", () => {
  const event = { at: "2026-11-22T16:00:00Z", type: "Warning", reason: "BackOff", message: "m" } as const;
  const of = { pod: "etcd-n1", namespace: "kube-system", container: "etcd", count: 3 };
  const items = [{ ...event, ...of }];
  expect(formatEvents({ ...EVENTS, items })).toMatch(/etcd-n1\/etcd +m \(3 times\)\n$/);
});

test("on a narrow terminal nothing is wider than it, and in a pipe nothing is broken", () => {
  const reports = ["etcd", "kube-controller-manager"].map((name) => buildComponentReport(name));
  const pods = {
    apiVersion: "slipway.dev/v1",
    kind: "PodReportList",
    failures: [],
    refused: [],
    items: reports,
  } as const;
  const answer = { ...pods, runnerProblem: { why: "a word or ".repeat(20), fix: "two" } };
  const narrow = formatPods(answer, { nowMs: NOW_MS, columns: 70 });
  expect(narrow).toMatch(/^NAME +READY/);
  expect(narrow).toMatch(/^\S+ +- +\S/m);
  expect(narrow).toContain("kube-controller-manager-n1 ");
  const narrower = formatPods(answer, { nowMs: NOW_MS, columns: 60 });
  expect(narrower).toMatch(/^etcd +-.*\nkube-controller-manager +-/m);
  const report = buildComponentReport("etcd");
  const metadata = { ...report.pod.metadata, name: "web-n1", namespace: "default" };
  const mixed = {
    ...pods,
    runnerProblem: undefined,
    items: [...reports, { ...report, pod: { ...report.pod, metadata } }],
  };
  expect(formatPods(mixed, { nowMs: NOW_MS, columns: 76 })).toMatch(
    /^kube-system +etcd +.*\n.*\ndefault +web +/m,
  );
  expect(formatPods({ ...pods, runnerProblem: undefined }, { nowMs: NOW_MS })).toMatch(/ \d\/\d /);
  expect(formatPods(answer, { nowMs: NOW_MS })).toMatch(/^NAMESPACE +NAME/);
  const event = { at: "2026-11-22T16:00:00Z", type: "Warning", reason: "Unhealthy", count: 1 } as const;
  const pod = { pod: "kube-controller-manager-n1", namespace: "x", container: "kube-controller-manager" };
  const items = [{ ...event, ...pod, message: "a long message ".repeat(10) }];
  const events = { ...EVENTS, items };
  const lines = [narrow, formatEvents(events, { columns: 80 })].join("").split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toContain("2026-11-22T16:00:00Z  Warning  Unhealthy  kube-controller-manager-n1");
  expect(formatEvents(events).split("\n")).toHaveLength(3);
});
