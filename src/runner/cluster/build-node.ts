import { readField } from "../../api/read-field.ts";
import type { KubeObject } from "../../api/types.ts";
import { HOST_RUNTIME_TAINT } from "../../core/constants.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import type { HugePages } from "../../pod/resource-amounts.ts";
import type { RunnerOptions } from "../types.ts";
import { formatKiB } from "./format-kib.ts";
import { computeAllocatable, type Machine } from "./read-machine.ts";

/** The host runtime's name; a runtime with another name runs images, and its node takes any pod. */
const HOST_RUNTIME_NAME = "slipway";

/** What a Node is made from. */
export interface NodeFacts {
  readonly options: RunnerOptions;
  readonly machine: Machine;
  readonly nowMs: number;
  /** The machine goes down. */
  readonly leaving?: boolean;
}

/** The Node as it is registered. Source: kubelet kubelet_node_status.go initialNode. */
export function buildNode(facts: NodeFacts): KubeObject {
  const { options } = facts;
  const taints = [
    ...options.kubelet.registerWithTaints,
    ...(options.runtime.name === HOST_RUNTIME_NAME ? [HOST_RUNTIME_TAINT] : []),
  ];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: options.nodeName,
      labels: { ...options.nodeLabels, ...buildOwnLabels(facts) },
      annotations: ATTACH_ANNOTATION,
    },
    ...(taints.length === 0 ? {} : { spec: { taints } }),
    status: buildNodeStatus(facts, undefined),
  };
}

/** What is put right on a Node that exists: only the labels that are the machine's own, as the kubelet does. */
export function buildNodeMetadata(facts: NodeFacts): JsonObject {
  return { labels: buildOwnLabels(facts), annotations: ATTACH_ANNOTATION };
}

/** The status to show now; a condition that has not changed keeps its transition time. */
export function buildNodeStatus(facts: NodeFacts, live: KubeObject | undefined): JsonObject {
  const { options, machine } = facts;
  const capacity = {
    cpu: String(machine.cpuCount),
    "ephemeral-storage": formatKiB(machine.diskBytes / 1024),
    ...formatHugePages(machine.hugePages),
    memory: formatKiB(machine.memoryKiB),
    pods: String(options.kubelet.maxPods),
  };
  const allocatable = computeAllocatable(machine);
  return {
    addresses: [
      { type: "InternalIP", address: options.nodeIp },
      { type: "Hostname", address: options.nodeName },
    ],
    capacity,
    allocatable: {
      ...capacity,
      "ephemeral-storage": String(allocatable["ephemeral-storage"]),
      memory: formatKiB(allocatable.memory / 1024),
    },
    conditions: buildConditions(facts, live),
    daemonEndpoints: { kubeletEndpoint: { Port: options.kubelet.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${options.runtime.name}://${options.runtime.version}`,
      kubeletVersion: options.kubeletVersion,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: machine.architecture,
    },
  };
}

function formatHugePages(pages: HugePages): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pages).map(([name, bytes]) => [name, formatKiB(bytes / 1024)]));
}

/** Source: pkg/volume/util ControllerManagedAttachAnnotation. */
const ATTACH_ANNOTATION = { "volumes.kubernetes.io/controller-managed-attach-detach": "true" };

/** The labels that are the machine's own; what the user says of one of them wins. */
export function buildOwnLabels({ options, machine }: NodeFacts): Readonly<Record<string, string>> {
  const own: Readonly<Record<string, string>> = {
    "beta.kubernetes.io/arch": machine.architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": machine.architecture,
    "kubernetes.io/hostname": options.nodeName,
    "kubernetes.io/os": "linux",
    ...(options.runtime.name === HOST_RUNTIME_NAME ? { [HOST_RUNTIME_TAINT.key]: "true" } : {}),
  };
  return Object.fromEntries(
    Object.entries(own).map(([key, value]) => [key, options.nodeLabels[key] ?? value]),
  );
}

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** Source: kubelet nodestatus/setters.go. */
const PRESSURES = [
  {
    type: "MemoryPressure",
    True: ["KubeletHasInsufficientMemory", "kubelet has insufficient memory available"],
    False: ["KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  },
  {
    type: "DiskPressure",
    True: ["KubeletHasDiskPressure", "kubelet has disk pressure"],
    False: ["KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  },
  {
    type: "PIDPressure",
    True: ["KubeletHasInsufficientPID", "kubelet has insufficient PID available"],
    False: ["KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  },
] as const;

const READY: Condition = {
  type: "Ready",
  status: "True",
  reason: "KubeletReady",
  message: "kubelet is posting ready status",
};

/** Source: kubelet nodeshutdown/nodeshutdown_manager_linux.go ShutdownStatus. */
const LEAVING: Condition = {
  type: "Ready",
  status: "False",
  reason: "KubeletNotReady",
  message: "node is shutting down",
};

/** In the kubelet's order, Ready last. */
function buildConditions({ machine, nowMs, leaving }: NodeFacts, live: KubeObject | undefined): JsonObject[] {
  const now = formatRfc3339(nowMs);
  const pressures = PRESSURES.map((row): Condition => {
    const status = machine.pressures.includes(row.type) ? "True" : "False";
    const [reason, message] = row[status];
    return { type: row.type, status, reason, message };
  });
  return [...pressures, leaving === true ? LEAVING : READY].map((condition) => ({
    ...condition,
    lastHeartbeatTime: now,
    lastTransitionTime: readTransitionTime(live, condition) ?? now,
  }));
}

function readTransitionTime(live: KubeObject | undefined, wanted: Condition): string | undefined {
  const conditions = readField(live, "status", "conditions");
  const old = (Array.isArray(conditions) ? conditions : [])
    .filter(isObject)
    .find((condition) => condition["type"] === wanted.type && condition["status"] === wanted.status);
  const time = old?.["lastTransitionTime"];
  return typeof time === "string" ? time : undefined;
}
