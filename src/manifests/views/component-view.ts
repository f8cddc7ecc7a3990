import type { Account, EnvVariable, HostPathMount, InitConfig } from "../../config/types.ts";
import type { ComponentEndpoint } from "../component-ports.ts";

/** What the four templates fill in. */
export interface ComponentView {
  /** Undefined: the user that starts it. */
  readonly runAs?: Account | undefined;
  readonly annotation?: string | undefined;
  readonly flags: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value: string;
    readonly valueFrom: EnvVariable["valueFrom"];
  }[];
  readonly image: string;
  readonly probe: ProbeView;
  readonly mounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly: boolean;
  }[];
  readonly volumes: readonly { readonly name: string; readonly path: string; readonly type: string }[];
}

/** What the machine adds to a view. */
export interface ViewOptions {
  /** The machine's directories of CA certificates beside /etc/ssl/certs. */
  readonly caDirs: readonly string[];
  /** Proxy variables that the components inherit. */
  readonly proxyEnv: readonly EnvVariable[];
}

export interface ProbeView {
  /** Undefined: the pod's own address. */
  readonly host: string | undefined;
  readonly port: number;
  readonly scheme: "HTTP" | "HTTPS";
  readonly startupFailures: number;
}

/** Source: kubeadm app/util/staticpod StartupProbe: failures of one probe each ten seconds fill the time allowed. */
const STARTUP_PERIOD_MS = 10_000;

/** The probes of a component. A component that listens everywhere is probed at the pod's address. */
export function buildProbe(config: InitConfig, endpoint: ComponentEndpoint): ProbeView {
  return {
    host: ["0.0.0.0", "::"].includes(endpoint.host) ? undefined : endpoint.host,
    port: endpoint.port,
    scheme: endpoint.scheme,
    startupFailures: Math.ceil(config.controlPlaneHealthTimeoutMs / STARTUP_PERIOD_MS),
  };
}

/**
 * Environment variables in the order of their names; of two with one name the later counts. Source: kubeadm
 * app/util/env.go.
 */
export function mergeEnv(variables: readonly EnvVariable[]): ComponentView["env"] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  return [...byName.values()]
    .sort(byNameOrder)
    .map(({ name, value, valueFrom }) => ({ name, value, valueFrom }));
}

/**
 * Volumes and mounts in the order of their names; the user's own replace ours of the same name.
 * Source: kubeadm phases/controlplane/volumes.go AddExtraHostPathMounts.
 */
export function buildVolumes(mounts: readonly HostPathMount[]): Pick<ComponentView, "mounts" | "volumes"> {
  const sorted = [...new Map(mounts.map((mount) => [mount.name, mount])).values()].sort(byNameOrder);
  return {
    mounts: sorted.map(({ name, mountPath, readOnly }) => ({ name, mountPath, readOnly })),
    volumes: sorted.map(({ name, hostPath, pathType }) => ({ name, path: hostPath, type: pathType })),
  };
}

/** A path of the host that stands at the same path in the container. */
export function mountInPlace(mount: {
  readonly name: string;
  readonly path: string;
  readonly pathType: "DirectoryOrCreate" | "FileOrCreate";
  readonly readOnly: boolean;
}): HostPathMount {
  const { name, path, pathType, readOnly } = mount;
  return { name, hostPath: path, mountPath: path, pathType, readOnly };
}

/**
 * The certificates of the cluster and those of the machine, which clouds and webhooks may need.
 * Source: kubeadm phases/controlplane/volumes.go getHostPathVolumesForTheControlPlane.
 */
export function mountCertificates(config: InitConfig, options: ViewOptions): readonly HostPathMount[] {
  const at = (name: string, path: string): HostPathMount =>
    mountInPlace({ name, path, pathType: "DirectoryOrCreate", readOnly: true });
  return [
    at("ca-certs", "/etc/ssl/certs"),
    at("k8s-certs", config.cluster.certificatesDir),
    ...options.caDirs.map((dir) => at(dir.replaceAll("/", "-").slice(1), dir)),
  ];
}

function byNameOrder(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}
