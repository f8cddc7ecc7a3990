import { CONTROL_PLANE_COMPONENTS } from "../../core/constants.ts";
import type { Container, Pod } from "../../pod/types.ts";
import { DEFAULT_TERMINATION_PATH } from "../container/prepare-termination-message.ts";
import { isShared } from "../volumes/is-shared.ts";

/** A field that is accepted and does nothing here. */
export interface InertField {
  readonly field: string;
  readonly why: string;
}

type Row<T> = InertField & { readonly isSet: (value: T) => boolean };

const NO_SECURITY_MODULES = "a process of this machine runs under the machine's own rules";
const ONE_NETWORK = "every pod is on the machine's own network";

/** What no runner without a container runtime can do, a field a row; nothing is left out in silence. */
const POD_ROWS: readonly Row<Pod>[] = [
  { field: "spec.hostNetwork: false", why: ONE_NETWORK, isSet: ({ spec }) => spec.hostNetwork !== true },
  podRow("hostname", ONE_NETWORK),
  podRow("subdomain", ONE_NETWORK),
  podRow("setHostnameAsFQDN", ONE_NETWORK),
  podRow("hostnameOverride", ONE_NETWORK),
  podRow("shareProcessNamespace", "every process sees the machine's processes"),
  podRow("hostUsers", "users are the machine's own", false),
  podRow("runtimeClassName", "there is one runtime here"),
  podRow("imagePullSecrets", "no image is pulled"),
  podContextRow("seccompProfile"),
  podContextRow("appArmorProfile"),
  podContextRow("seLinuxOptions"),
  podContextRow("seLinuxChangePolicy"),
  podContextRow("windowsOptions"),
  {
    field: "spec.securityContext.sysctls",
    why: "the kernel's settings are the machine's own",
    isSet: ({ spec }) => isActive(read(spec.securityContext, "sysctls"), undefined),
  },
  {
    field: "spec.securityContext.supplementalGroupsPolicy: Merge",
    why: "an image's groups are not known: only the manifest's count",
    isSet: ({ spec }) => readText(spec.securityContext, "supplementalGroupsPolicy") === "Merge",
  },
  {
    field: "emptyDir.sizeLimit of a volume on disk",
    why: "a static pod is never evicted, so nobody enforces it; medium Memory does",
    isSet: ({ spec }) =>
      (spec.volumes ?? []).some(
        ({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory",
      ),
  },
];

const CONTAINER_ROWS: readonly Row<Container>[] = [
  contextRow("seccompProfile"),
  contextRow("appArmorProfile"),
  contextRow("seLinuxOptions"),
  contextRow("windowsOptions"),
  {
    field: "securityContext.procMount",
    why: "containers see the machine's own /proc",
    isSet: ({ securityContext }) => (readText(securityContext, "procMount") ?? "Default") !== "Default",
  },
  {
    field: "resources beside cpu and memory",
    why: "only cpu and memory are limited",
    isSet: ({ resources }) =>
      Object.keys({ ...resources?.limits, ...resources?.requests }).some(
        (name) => name !== "cpu" && name !== "memory",
      ),
  },
  {
    field: "ports.hostPort",
    why: "no port is mapped: a container listens on its own port of the machine",
    isSet: ({ ports = [] }) =>
      ports.some(({ hostPort, containerPort }) => (hostPort ?? 0) !== 0 && hostPort !== containerPort),
  },
  containerRow("volumeDevices", "block devices are the machine's own"),
  containerRow("resizePolicy", "an edited pod is started anew"),
  {
    field: "lifecycle.stopSignal",
    why: "a container is stopped with SIGTERM, as by a kubelet without ContainerStopSignals",
    isSet: ({ lifecycle }) => isActive(read(lifecycle, "stopSignal"), undefined),
  },
  {
    field: "volumeMounts.readOnly",
    why: "the control plane's own programs get no mounts of their own where all paths are the machine's",
    isSet: (container) => isTrusted(container) && hasReadOnlyMount(container),
  },
];

/** What an ordinary user's runner cannot do either. */
const UNPRIVILEGED_ROWS: readonly Row<Container>[] = [
  { field: "volumeMounts.readOnly", why: "only root can mount", isSet: hasReadOnlyMount },
  {
    field: "terminationMessagePath",
    why: "only root can mount the file; the end of the log is read with FallbackToLogsOnError",
    isSet: ({ terminationMessagePath = "" }) =>
      terminationMessagePath !== "" && terminationMessagePath !== DEFAULT_TERMINATION_PATH,
  },
  {
    field: "securityContext.capabilities",
    why: "this runner is not root, so nothing of it has any",
    isSet: ({ securityContext }) => securityContext?.capabilities !== undefined,
  },
  {
    field: "securityContext.privileged",
    why: "this runner is not root, and gives nothing that it does not have",
    isSet: ({ securityContext }) => securityContext?.privileged === true,
  },
];

interface RunnerFacts {
  readonly uid: number;
  readonly canMount: boolean;
  readonly clusterDNS: readonly string[];
}

/** The fields a pod sets that do nothing on the machine's own processes, for a runner of this user with this cluster DNS. */
export function findInertFields(pod: Pod, runner: RunnerFacts): readonly InertField[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const containerRows = runner.uid === 0 ? CONTAINER_ROWS : [...CONTAINER_ROWS, ...UNPRIVILEGED_ROWS];
  return [
    ...[...POD_ROWS, dnsRow(runner)].filter(({ isSet }) => isSet(pod)),
    ...containerRows.filter(({ isSet }) => containers.some(isSet)),
  ].map(({ field, why }) => ({ field, why }));
}

/** Why some or all containers do not ask the cluster's DNS. */
function dnsRow({ canMount, clusterDNS }: RunnerFacts): Row<Pod> {
  const why =
    clusterDNS.length === 0
      ? "the configuration names no clusterDNS"
      : canMount
        ? "a container with Bidirectional mounts has the machine's own files"
        : "only root with CAP_SYS_ADMIN can mount";
  const isKept = canMount && clusterDNS.length > 0;
  return {
    field: "spec.dnsPolicy: ClusterFirstWithHostNet",
    why: `${why}, so names are looked up as on the machine`,
    isSet: ({ spec }) =>
      spec.dnsPolicy === "ClusterFirstWithHostNet" &&
      (!isKept || [...(spec.initContainers ?? []), ...spec.containers].some(isShared)),
  };
}

/** Set to anything that is not its default. */
function podRow(name: string, why: string, inert: unknown = undefined): Row<Pod> {
  const field = inert === undefined ? `spec.${name}` : `spec.${name}: ${inert}`;
  return { field, why, isSet: ({ spec }) => isActive(read(spec, name), inert) };
}

function containerRow(name: string, why: string): Row<Container> {
  return { field: name, why, isSet: (container) => isActive(read(container, name), undefined) };
}

function podContextRow(name: string): Row<Pod> {
  return {
    field: `spec.securityContext.${name}`,
    why: NO_SECURITY_MODULES,
    isSet: ({ spec }) => confines(read(spec.securityContext, name)),
  };
}

function contextRow(name: string): Row<Container> {
  return {
    field: `securityContext.${name}`,
    why: NO_SECURITY_MODULES,
    isSet: ({ securityContext }) => confines(read(securityContext, name)),
  };
}

/** A profile that confines nothing is kept to. */
function confines(value: unknown): boolean {
  return value !== undefined && readText(value, "type") !== "Unconfined";
}

function isActive(value: unknown, inert: unknown): boolean {
  if (inert !== undefined) return value === inert;
  return (
    value !== undefined && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

/** Fields that no other part of the runner reads have no type of their own. */
function read(object: unknown, name: string): unknown {
  return (object as Readonly<Record<string, unknown>> | undefined)?.[name];
}

function readText(object: unknown, name: string): string | undefined {
  const value = read(object, name);
  return typeof value === "string" ? value : undefined;
}

export function isTrusted({ image }: Container): boolean {
  return CONTROL_PLANE_COMPONENTS.some((name) => new RegExp(`(^|/)${name}[:@]`).test(image));
}

function hasReadOnlyMount({ volumeMounts }: Container): boolean {
  return volumeMounts?.some((mount) => mount.readOnly === true) === true;
}
