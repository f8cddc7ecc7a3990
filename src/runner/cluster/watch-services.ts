import { readField } from "../../api/read-field.ts";
import type { KubeObject } from "../../api/types.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import type { KnownServices, ServiceFacts } from "../services/known-services.ts";
import type { ApiLink } from "./api-link.ts";
import { type ObjectWatch, watchObjects } from "./watch-objects.ts";

/** Follows the cluster's Services and tells what is known of them. Source: kubelet.go NewMainKubelet (serviceLister). */
export function watchServices(
  system: Pick<System, "clock" | "log">,
  options: { readonly link: ApiLink; readonly services: KnownServices },
): ObjectWatch {
  const onChange = (): void => options.services.replace((watch.list() ?? []).map(toFacts));
  const { link } = options;
  const watch = watchObjects(system, {
    ...{ name: "service watch", link, path: "/api/v1/services", onChange },
    keep: trim,
  });
  return watch;
}

function trim(service: KubeObject): KubeObject {
  const { name, namespace = "", uid = "", resourceVersion = "0" } = service.metadata;
  const { clusterIP, ports } = toFacts(service);
  const metadata = { name, namespace, uid, resourceVersion };
  return { apiVersion: "v1", kind: "Service", metadata, spec: { clusterIP, ports } };
}

function toFacts({ metadata, ["spec"]: spec }: KubeObject): ServiceFacts {
  const ports = readField(spec, "ports");
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? "",
    clusterIP: String(readField(spec, "clusterIP") ?? ""),
    ports: (Array.isArray(ports) ? ports : []).filter(isObject).map((port) => ({
      name: String(port["name"] ?? ""),
      protocol: String(port["protocol"] ?? "TCP"),
      port: Number(port["port"]),
    })),
  };
}
