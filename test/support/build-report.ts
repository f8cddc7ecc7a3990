import type { ContainerReport, PodReport } from "../../src/control/protocol.ts";
import type { ContainerStatus, Pod } from "../../src/pod/types.ts";

/** What the runner knows of a container that was started once. */
export function buildContainerReport(name: string, change: Partial<ContainerReport> = {}): ContainerReport {
  return {
    name,
    pid: 100,
    logPath: undefined,
    previousLogPath: undefined,
    stopping: false,
    lastProbeFailure: undefined,
    nextStartAt: undefined,
    ...change,
  };
}

/** A container's status: running and ready since 16:00. */
function buildContainerStatus(name: string, change: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name,
    image: `${name}:1`,
    imageID: "",
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: "2026-11-22T16:00:00Z" } },
    lastState: {},
    ...change,
  };
}

/** The state of a container that has ended. */
export function buildEnd(change: Readonly<Record<string, unknown>> = {}) {
  return {
    terminated: {
      exitCode: 1,
      reason: "Error",
      startedAt: "2026-11-22T16:59:00Z",
      finishedAt: "2026-11-22T16:59:01Z",
      containerID: "slipway://x",
      ...change,
    },
  };
}

/** A control plane pod `<component>-n1` with one container of that name. */
export function buildComponentReport(
  component: string,
  options: {
    readonly status?: Partial<ContainerStatus>;
    readonly container?: Partial<ContainerReport>;
    readonly report?: Partial<PodReport>;
    readonly namespace?: string;
  } = {},
): PodReport {
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${component}-n1`,
      namespace: options.namespace ?? "kube-system",
      uid: "u",
      labels: { component, tier: "control-plane" },
    },
    spec: {
      containers: [{ name: component, image: `${component}:1` }],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      nodeName: "n1",
    },
    status: {
      phase: "Running",
      conditions: [],
      hostIP: "192.0.2.10",
      startTime: "2026-11-22T16:00:00Z",
      containerStatuses: [buildContainerStatus(component, options.status)],
    },
  };
  return {
    pod,
    origin: `/m/${component}.yaml`,
    terminating: false,
    containers: [buildContainerReport(component, options.container)],
    mirrorProblem: undefined,
    ...options.report,
  };
}
