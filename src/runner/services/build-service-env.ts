import { formatHostPort } from "../../core/host-port.ts";
import type { Env } from "../container/expand-variables.ts";
import type { ServiceFacts } from "./known-services.ts";

/** Every pod is told of these of the namespace `default`. Source: kubelet_pods.go masterServices. */
const MASTER_SERVICES: readonly string[] = ["kubernetes"];

/**
 * The variables of Services for a pod of a namespace: the API server's, and with `links` those of the namespace.
 * Source: kubelet_pods.go getServiceEnvVarMap, pkg/kubelet/envvars/envvars.go FromServices.
 */
export function buildServiceEnv(
  services: readonly ServiceFacts[],
  pod: { readonly namespace: string; readonly links: boolean },
): Env {
  const reachable = services.filter(
    ({ clusterIP, ports }) => clusterIP !== "" && clusterIP !== "None" && ports.length > 0,
  );
  const masters = reachable.filter(
    ({ namespace, name }) => namespace === "default" && MASTER_SERVICES.includes(name),
  );
  const own = pod.links ? reachable.filter(({ namespace }) => namespace === pod.namespace) : [];
  // One of the pod's own namespace wins over a master's of the same name.
  const chosen = new Map([...masters, ...own].map((service) => [service.name, service]));
  return Object.fromEntries([...chosen.values()].flatMap(listVariables));
}

function listVariables(service: ServiceFacts): readonly (readonly [string, string])[] {
  const { clusterIP, ports } = service;
  const name = toVariableName(service.name);
  const [first] = ports;
  return [
    [`${name}_SERVICE_HOST`, clusterIP],
    [`${name}_SERVICE_PORT`, String(first?.port)],
    ...ports
      .filter((port) => port.name !== "")
      .map((port) => [`${name}_SERVICE_PORT_${toVariableName(port.name)}`, String(port.port)] as const),
    ...ports.flatMap((port, index) => listLinkVariables({ name, clusterIP, port, isFirst: index === 0 })),
  ];
}

/** As Docker once named them. Source: envvars.go makeLinkVariables. */
function listLinkVariables(link: {
  readonly name: string;
  readonly clusterIP: string;
  readonly port: ServiceFacts["ports"][number];
  readonly isFirst: boolean;
}): readonly (readonly [string, string])[] {
  const { name, clusterIP } = link;
  const { port, protocol } = link.port;
  const lower = protocol.toLowerCase();
  const url = `${lower}://${formatHostPort(clusterIP, port)}`;
  const prefix = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
  return [
    ...(link.isFirst ? [[`${name}_PORT`, url] as const] : []),
    [prefix, url],
    [`${prefix}_PROTO`, lower],
    [`${prefix}_PORT`, String(port)],
    [`${prefix}_ADDR`, clusterIP],
  ];
}

function toVariableName(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}
