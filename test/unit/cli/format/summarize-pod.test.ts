import { expect, test } from "vitest";
import { summarizePod } from "../../../../src/cli/format/summarize-pod.ts";
import type { ContainerStatus, PodStatus } from "../../../../src/pod/types.ts";
import { buildPod } from "../../../support/build-pod.ts";

const RUNS = { running: { startedAt: "" } };
const DONE = { terminated: { exitCode: 0, reason: "Completed" } };
const FAILED = { terminated: { exitCode: 1, reason: "Error" } };
const SIDECAR = { name: "side", image: "i", restartPolicy: "Always" };
const INIT = { name: "init", image: "i" };

test("sidecars count as containers of their pod", () => {
  const side = seen("side", { state: RUNS, ready: true, started: true, restartCount: 2 });
  const init = seen("init", { state: DONE, ready: true, restartCount: 5 });
  const web = seen("web", { state: RUNS, ready: true, restartCount: 1 });
  const initialized = summarize([SIDECAR, INIT], {
    ...{ phase: "Running", initContainerStatuses: [side, init], containerStatuses: [web] },
  });
  expect(initialized).toEqual({ ready: 2, total: 2, restarts: 3, status: "Running" });
});

test("a pod whose init container has failed for good says so", () => {
  const init = seen("init", { state: FAILED });
  const web = seen("web", { state: { waiting: { reason: "PodInitializing" } } });
  const status = { phase: "Failed", initContainerStatuses: [init], containerStatuses: [web] } as const;
  expect(summarize([INIT], status)).toEqual({ ready: 0, total: 1, restarts: 0, status: "Init:Error" });
});

test.each([
  ["one that failed", [DONE, FAILED], "False", "Error"],
  ["one that still runs and is not ready", [DONE, RUNS], "False", "NotReady"],
  ["one that still runs and is ready", [DONE, RUNS], "True", "Running"],
  ["nothing that runs", [DONE, DONE], "False", "Completed"],
] as const)("a container that is done says nothing of a pod with %s", (_, states, ready, shown) => {
  const containerStatuses = states.map((state) => seen("web", { state, ready: state === RUNS }));
  const conditions = [{ type: "Ready", status: ready }];
  expect(summarize([], { phase: "Running", conditions, containerStatuses }).status).toBe(shown);
});

test("a sidecar that was ended with its pod does not make it look uninitialized", () => {
  const side = seen("side", { state: { terminated: { exitCode: 143, reason: "Error" } } });
  const web = seen("web", { state: DONE });
  const conditions = [{ type: "Initialized", status: "True" }] as const;
  const lists = { initContainerStatuses: [side], containerStatuses: [web] };
  expect(summarize([SIDECAR], { phase: "Succeeded", conditions, ...lists }).status).toBe("Completed");
});

function summarize(initContainers: readonly object[], status: PodStatus) {
  return summarizePod({ ...buildPod({ spec: { initContainers } }), status });
}

function seen(name: string, change: Partial<ContainerStatus>): ContainerStatus {
  const nothing = { image: "i", imageID: "", ready: false, restartCount: 0, state: {}, lastState: {} };
  return { name, ...nothing, ...change };
}
