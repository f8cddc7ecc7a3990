import type { InitConfig } from "../config/types.ts";
import { parseIpAddress } from "../core/cidr.ts";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent, PORTS } from "../core/constants.ts";
import { formatHostPort } from "../core/host-port.ts";
import { findArg } from "./flags.ts";

/** Where a component answers its probes. */
export interface ComponentEndpoint {
  readonly host: string;
  readonly port: number;
  readonly scheme: "HTTP" | "HTTPS";
}

/** A port that will be listened on. */
export interface ListenPort {
  /** Who listens; etcd has three. */
  readonly name: ControlPlaneComponent | "kubelet";
  readonly host: string;
  readonly port: number;
}

/** The URL at which a component says that it is ready. */
export type HealthUrls = Readonly<Record<ControlPlaneComponent, string>>;

/**
 * Where each component answers its probes. Unlike kubeadm's, the port follows an extraArg `secure-port`.
 *
 * A second control plane on the same machine needs, besides its own root and `localAPIEndpoint.bindPort`:
 * - `secure-port` in the extraArgs of controllerManager and scheduler;
 * - in those of etcd.local `listen-client-urls` and `advertise-client-urls` (kube-apiserver's `--etcd-servers` follows
 *   the latter), `listen-peer-urls`, `initial-advertise-peer-urls` and `initial-cluster` (`NODE=PEER-URL`, the same URL
 *   in all three), and `listen-metrics-urls`;
 * - `port` and `healthzPort` in a KubeletConfiguration document.
 *
 * Source: kubeadm app/util/staticpod GetAPIServerProbeAddress and its siblings.
 */
export function componentEndpoints(
  config: InitConfig,
): Readonly<Record<ControlPlaneComponent, ComponentEndpoint>> {
  const { apiServer, controllerManager, scheduler } = config.cluster;
  const local = (args: typeof scheduler.extraArgs, port: number): ComponentEndpoint => ({
    host: findArg(args, "bind-address") ?? "127.0.0.1",
    port: readPort(findArg(args, "secure-port")) ?? port,
    scheme: "HTTPS",
  });
  return {
    etcd: etcdMetricsEndpoint(config),
    "kube-apiserver": {
      host: config.advertiseAddress,
      port: readPort(findArg(apiServer.extraArgs, "secure-port")) ?? config.bindPort,
      scheme: "HTTPS",
    },
    "kube-controller-manager": local(controllerManager.extraArgs, PORTS.controllerManager),
    "kube-scheduler": local(scheduler.extraArgs, PORTS.scheduler),
  };
}

const READY_PATHS = {
  etcd: "/readyz",
  "kube-apiserver": "/readyz",
  "kube-controller-manager": "/healthz",
  "kube-scheduler": "/readyz",
} as const satisfies Record<ControlPlaneComponent, string>;

/** The URL at which each component says that it is ready; one that listens everywhere is asked over loopback. */
export function healthUrls(config: InitConfig): HealthUrls {
  const endpoints = componentEndpoints(config);
  const url = (component: ControlPlaneComponent): string => {
    const { scheme, host, port } = endpoints[component];
    const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
    return `${scheme.toLowerCase()}://${formatHostPort(reachable, port)}${READY_PATHS[component]}`;
  };
  const [etcd, apiServer, controllerManager, scheduler] = CONTROL_PLANE_COMPONENTS;
  return {
    etcd: url(etcd),
    "kube-apiserver": url(apiServer),
    "kube-controller-manager": url(controllerManager),
    "kube-scheduler": url(scheduler),
  };
}

/**
 * The URL at which the API server says that it is ready but for the priority classes, roles and bindings that it makes
 * at its first start. It begins with them a second after it has begun to serve, and has nothing else to do until then;
 * who is of system:masters needs none of them.
 * Source: apiserver pkg/server/healthz (exclude), kubernetes pkg/registry/rbac/rest and pkg/registry/scheduling/rest
 * PostStartHookName and PostStartHook (wait.Poll).
 */
export function apiAnswersUrl(urls: HealthUrls): string {
  const late = ["rbac/bootstrap-roles", "scheduling/bootstrap-system-priority-classes"];
  return `${urls["kube-apiserver"]}?${late.map((hook) => `exclude=poststarthook/${hook}`).join("&")}`;
}

/** Every port that the control plane and the runner listen on, for a look at who else has it. */
export function listenPorts(config: InitConfig): readonly ListenPort[] {
  const endpoints = componentEndpoints(config);
  const everywhere = etcdLoopback(config) === "::1" ? "::" : "0.0.0.0";
  const { port, healthzPort } = config.kubelet;
  return [
    ...(config.cluster.externalEtcd === undefined ? listEtcdPorts(config) : []),
    {
      name: "kube-apiserver",
      host: findArg(config.cluster.apiServer.extraArgs, "bind-address") ?? everywhere,
      port: endpoints["kube-apiserver"].port,
    },
    ...(["kube-controller-manager", "kube-scheduler"] as const).map(
      (name): ListenPort => ({ name, host: endpoints[name].host, port: endpoints[name].port }),
    ),
    { name: "kubelet", host: everywhere, port },
    ...(healthzPort === 0 ? [] : [{ name: "kubelet" as const, host: "127.0.0.1", port: healthzPort }]),
  ];
}

function listEtcdPorts(config: InitConfig): readonly ListenPort[] {
  const own = etcdUrls(config);
  const urls = ["listen-client-urls", "listen-peer-urls", "listen-metrics-urls"].flatMap((name) =>
    (findArg(config.cluster.etcd.extraArgs, name) ?? own[name] ?? "").split(","),
  );
  return [...new Set(urls)].flatMap(parseUrl).flatMap((url) => {
    const port = readPort(url.port);
    return port === undefined ? [] : [{ name: "etcd", host: bareHost(url), port }];
  });
}

/** The flags of etcd that hold URLs. Source: kubeadm phases/etcd/local.go getEtcdCommand. */
export function etcdUrls(config: InitConfig): Readonly<Record<string, string>> {
  const { advertiseAddress } = config;
  const loopback = etcdLoopback(config);
  const client = `https://${formatHostPort(advertiseAddress, PORTS.etcdClient)}`;
  const peer = `https://${formatHostPort(advertiseAddress, PORTS.etcdPeer)}`;
  return {
    "advertise-client-urls": client,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `${config.nodeName}=${peer}`,
    "listen-client-urls": `https://${formatHostPort(loopback, PORTS.etcdClient)},${client}`,
    "listen-metrics-urls": `http://${formatHostPort(loopback, PORTS.etcdMetrics)}`,
    "listen-peer-urls": peer,
  };
}

/** Loopback of the advertise address's family. */
export function etcdLoopback(config: InitConfig): "127.0.0.1" | "::1" {
  return parseIpAddress(config.advertiseAddress)?.family === "IPv6" ? "::1" : "127.0.0.1";
}

/** Source: kubeadm app/util/staticpod GetEtcdProbeEndpoint: of several URLs the first. */
function etcdMetricsEndpoint(config: InitConfig): ComponentEndpoint {
  const fallback = { host: etcdLoopback(config), port: PORTS.etcdMetrics, scheme: "HTTP" } as const;
  const [url] = (findArg(config.cluster.etcd.extraArgs, "listen-metrics-urls") ?? "")
    .split(",")
    .flatMap(parseUrl);
  if (url === undefined) return fallback;
  return {
    host: bareHost(url) || fallback.host,
    port: readPort(url.port) ?? fallback.port,
    scheme: url.protocol === "https:" ? "HTTPS" : "HTTP",
  };
}

function parseUrl(text: string): readonly URL[] {
  return URL.canParse(text) ? [new URL(text)] : [];
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function readPort(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
