import { expect, test } from "vitest";
import type { PodStatus } from "../../../../src/pod/types.ts";
import { buildPodStatus, type ContainerObservation } from "../../../../src/runner/status/pod-status.ts";
import type { RuntimeContainer, RuntimeState } from "../../../../src/runtime/types.ts";
import { buildPod } from "../../../support/build-pod.ts";

const NOW = Date.UTC(2026, 10, 22, 17, 0, 30, 999);
const RUNNING: RuntimeState = { kind: "running", pid: 7, startedAtMs: NOW - 5000 };

test("a running pod has the shape of the API", () => {
  expect(status({ seen: { web: { newest: run(RUNNING), ready: true, started: true } } })).toMatchObject({
    phase: "Running",
    hostIP: "192.0.2.10",
    hostIPs: [{ ip: "192.0.2.10" }],
    podIP: "192.0.2.10",
    startTime: "2026-11-22T17:00:00Z",
    qosClass: "BestEffort",
    containerStatuses: [
      {
        name: "web",
        state: { running: { startedAt: "2026-11-22T17:00:25Z" } },
        lastState: {},
        ready: true,
        started: true,
        restartCount: 0,
        imageID: "sha256:x",
        containerID: "slipway://id-0",
      },
    ],
  });
});

test("a container shows what it has been given and who it is", () => {
  const resources = { limits: { memory: "64Mi" } };
  const volumeMounts = [
    { name: "v", mountPath: "/a" },
    { name: "v", mountPath: "/b", readOnly: true, recursiveReadOnly: "IfPossible" },
  ];
  const containers = [{ name: "web", image: "web:1", resources, volumeMounts }];
  const spec = { containers, volumes: [{ name: "v" }] };
  const shown = [
    { name: "v", mountPath: "/a" },
    { name: "v", mountPath: "/b", readOnly: true, recursiveReadOnly: "Enabled" },
  ];
  const waiting = status({ seen: {}, spec }).containerStatuses?.[0];
  expect([waiting?.resources, waiting?.user, waiting?.volumeMounts]).toEqual([undefined, undefined, shown]);
  const newest = run(RUNNING);
  const security = { user: 7, group: 8, groups: [9], noNewPrivileges: false, readOnlyRoot: false };
  const other = { ...newest, spec: { ...newest.spec, security } };
  const of = (seen: RuntimeContainer) =>
    status({ seen: { web: { newest: seen } }, spec }).containerStatuses?.[0];
  expect(of(newest)).toMatchObject({
    resources: { limits: { memory: "64Mi" }, requests: { memory: "64Mi" } },
    allocatedResources: { memory: "64Mi" },
    user: { linux: { uid: 0, gid: 0 } },
    volumeMounts: shown,
  });
  expect(of(other)?.user).toEqual({ linux: { uid: 7, gid: 8, supplementalGroups: [9] } });
});

test("the five conditions are true for a pod that is ready", () => {
  const { conditions } = status({ seen: { web: { newest: run(RUNNING), ready: true, started: true } } });
  expect(conditions?.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
    "PodReadyToStartContainers=True",
    "Initialized=True",
    "Ready=True",
    "ContainersReady=True",
    "PodScheduled=True",
  ]);
});

test("a condition's time moves only when it flips", () => {
  const first = status({ seen: { web: { newest: run(RUNNING), started: true } } });
  const second = status({
    seen: { web: { newest: run(RUNNING), started: true, ready: true } },
    previous: first,
    nowMs: NOW + 9000,
  });
  expect(timeOf(second, "Initialized")).toBe("2026-11-22T17:00:30Z");
  expect(timeOf(second, "Ready")).toBe("2026-11-22T17:00:39Z");
});

test("a pod with a readiness gate is not ready, for nobody can open it, and its containers are", () => {
  const spec = { readinessGates: [{ conditionType: "example.com/open" }] };
  const { conditions } = status({
    spec,
    seen: { web: { newest: run(RUNNING), ready: true, started: true } },
  });
  expect(conditions?.filter(({ type }) => type.endsWith("Ready"))).toMatchObject([
    {
      ...{ type: "Ready", status: "False", reason: "ReadinessGatesNotReady" },
      message: 'corresponding condition of pod readiness gate "example.com/open" does not exist.',
    },
    { type: "ContainersReady", status: "True" },
  ]);
});

test("an unready container is named", () => {
  const { conditions } = status({ seen: { web: { newest: run(RUNNING), started: true } } });
  expect(conditions?.find(({ type }) => type === "Ready")).toMatchObject({
    status: "False",
    reason: "ContainersNotReady",
    message: "containers with unready status: [web]",
  });
});

test.each([
  ["nothing has started", {}, "Always", "Pending"],
  ["it has ended and will restart", { web: { newest: run(exited(1)) } }, "Always", "Running"],
  ["it has ended well for good", { web: { newest: run(exited(0)) } }, "OnFailure", "Succeeded"],
  ["it has failed for good", { web: { newest: run(exited(1)) } }, "Never", "Failed"],
])("when %s the phase follows", (_, seen, restartPolicy, phase) => {
  expect(status({ seen, spec: { restartPolicy } }).phase).toBe(phase);
});

const INIT = { initContainers: [{ name: "prepare", image: "i" }] };

test("a pod waits for its init container", () => {
  const pending = status({ spec: INIT, seen: { prepare: { newest: run(RUNNING) } } });
  expect(pending).toMatchObject({
    phase: "Pending",
    initContainerStatuses: [{ name: "prepare", ready: false }],
    containerStatuses: [{ state: { waiting: { reason: "PodInitializing" } } }],
  });
  expect(pending.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({
    status: "False",
    reason: "ContainersNotInitialized",
    message: "containers with incomplete status: [prepare]",
  });
  expect(
    status({ spec: INIT, seen: { prepare: { newest: run(exited(0)) } } }).initContainerStatuses,
  ).toMatchObject([{ ready: true }]);
});

test("an init container that failed for good fails the pod", () => {
  const seen = { prepare: { newest: run(exited(1)) } };
  expect(status({ spec: { ...INIT, restartPolicy: "Never" }, seen }).phase).toBe("Failed");
});

test("a container in back-off shows its last end", () => {
  const waiting = { reason: "CrashLoopBackOff", message: "back-off 10s" };
  expect(status({ seen: { web: { newest: run(exited(2)), waiting } } }).containerStatuses?.[0]).toMatchObject(
    {
      state: { waiting },
      lastState: { terminated: { exitCode: 2, reason: "Error", finishedAt: "2026-11-22T17:00:30Z" } },
    },
  );
});

const SIDECAR = { initContainers: [{ name: "side", image: "i", restartPolicy: "Always" }] };

test("an init container whose record was removed counts as done once a regular container has one", () => {
  const seen = {
    web: { newest: run({ kind: "running", pid: 1, startedAtMs: NOW }), ready: true, started: true },
  };
  expect(status({ spec: INIT, seen })).toMatchObject({
    phase: "Running",
    initContainerStatuses: [{ ready: true, state: { terminated: { exitCode: 0, reason: "Completed" } } }],
  });
});

test("a pod over its deadline has failed, whatever still runs", () => {
  const seen = {
    web: { newest: run({ kind: "running", pid: 1, startedAtMs: NOW }), ready: true, started: true },
  };
  expect(status({ seen, expired: true })).toMatchObject({
    phase: "Failed",
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  });
});

test("a pod that ended with the machine has failed in the kubelet's words, one that had done its work has not", () => {
  const seen = { web: { newest: run(exited(0)) } };
  const { conditions, ...rest } = status({ seen, disrupted: true });
  const message = "Pod was terminated in response to imminent node shutdown.";
  expect(rest).toMatchObject({ phase: "Failed", reason: "Terminated", message });
  expect(conditions).toContainEqual(
    expect.objectContaining({
      type: "DisruptionTarget",
      ...{ status: "True", reason: "TerminationByKubelet", message },
    }),
  );
  const ready = conditions?.filter(({ type }) => type.endsWith("Ready")).map(({ reason }) => reason);
  expect(ready).toEqual(["PodFailed", "PodFailed"]);
  const done = status({ seen, spec: { restartPolicy: "Never" }, disrupted: true });
  expect([done.phase, done.reason]).toEqual(["Succeeded", undefined]);
});

test("a sidecar that still runs keeps a pod from being over", () => {
  const side = { newest: run({ kind: "running", pid: 1, startedAtMs: NOW }), started: true };
  const spec = { ...SIDECAR, restartPolicy: "Never" };
  expect(status({ spec, seen: { side, web: { newest: run(exited(0)) } } }).phase).toBe("Running");
  const over = { side: { newest: run(exited(143)) }, web: { newest: run(exited(0)) } };
  expect(status({ spec, seen: over }).phase).toBe("Succeeded");
});

test("a failed init container makes the pod fail only when it is not tried again", () => {
  const seen = { prepare: { newest: run(exited(1)) } };
  expect(status({ spec: INIT, seen }).phase).toBe("Pending");
  expect(status({ spec: { ...INIT, restartPolicy: "Never" }, seen }).phase).toBe("Failed");
});

test("a pod with a rule for it says whether all its containers are restarted", () => {
  const restartPolicyRules = [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [7] } }];
  const containers = [{ name: "web", image: "web:1", restartPolicy: "Never", restartPolicyRules }];
  const pod = status({
    spec: { containers },
    seen: { web: { newest: run(exited(7)) } },
    restartingAll: true,
  });
  expect(pod.phase).toBe("Running");
  expect(pod.conditions?.find(({ type }) => type === "AllContainersRestarting")).toMatchObject({
    status: "True",
    reason: "RestartAllContainersStarted",
  });
});

function status(options: {
  readonly seen: Readonly<Record<string, Partial<ContainerObservation>>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly previous?: PodStatus;
  readonly expired?: boolean;
  readonly disrupted?: boolean;
  readonly restartingAll?: boolean;
  readonly nowMs?: number;
}): PodStatus {
  const pod = buildPod({ spec: options.spec ?? {} });
  const nothing = {
    newest: undefined,
    previous: undefined,
    end: undefined,
    waiting: undefined,
    ready: false,
    started: false,
  };
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
    (container) => container.name,
  );
  return buildPodStatus({
    pod,
    nodeIp: "192.0.2.10",
    runtimeName: "slipway",
    runnerUser: { uid: 0, gid: 0 },
    nowMs: options.nowMs ?? NOW,
    startedAtMs: NOW - 30_000,
    prepared: true,
    expired: options.expired ?? false,
    disrupted: options.disrupted ?? false,
    restartingAll: options.restartingAll ?? false,
    containers: new Map(names.map((name) => [name, { ...nothing, ...options.seen[name] }])),
    previous: options.previous,
  });
}

function run(state: RuntimeState): RuntimeContainer {
  const pod = buildPod();
  return {
    id: "id-0",
    imageId: "sha256:x",
    state,
    spec: {
      podUid: pod.metadata.uid,
      podName: pod.metadata.name,
      podNamespace: "default",
      containerName: "web",
      attempt: 0,
      image: "web:1",
      command: [],
      args: [],
      workingDir: undefined,
      env: {},
      logPath: "/log",
      logLinkPrefix: "/link",
      graceSeconds: 30,
      oomScoreAdjust: undefined,
      annotations: {},
    },
  };
}

function exited(exitCode: number): RuntimeState {
  const reason = exitCode === 0 ? "Completed" : "Error";
  return {
    kind: "exited",
    exitCode,
    signal: undefined,
    reason,
    message: undefined,
    startedAtMs: NOW - 5000,
    finishedAtMs: NOW,
  };
}

function timeOf(pod: PodStatus, type: string): string | undefined {
  return pod.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
}
