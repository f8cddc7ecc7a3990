import type { Pod } from "../../pod/types.ts";
import { isSidecar } from "../pod/restart-policy.ts";
import { perPod } from "./per-pod.ts";

const ANY = "0.0.0.0";

interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

const listHostPorts = perPod(({ spec }: Pod): readonly HostPort[] => {
  const containers = [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
  const ports = containers.flatMap((container) => container.ports ?? []);
  return ports.flatMap(({ protocol, hostIP, hostPort, containerPort }) => {
    const ip = hostIP === undefined || hostIP === "" ? ANY : hostIP;
    const numbers = spec.hostNetwork === true ? [hostPort] : [hostPort, containerPort];
    return [...new Set(numbers)].flatMap((port) =>
      port === undefined || port === 0 ? [] : [{ protocol, ip, port }],
    );
  });
});

/** A port that one pod wants and another has. */
export interface PortClash {
  readonly protocol: string;
  readonly port: number;
  readonly holder: Pod;
}

/**
 * The ports of this machine that a pod wants and others have. A pod without hostNetwork is on the machine's own
 * network here, so that what its containers listen on counts for it.
 * Source: scheduler nodeports/node_ports.go Fits; kube-scheduler framework HostPortInfo CheckConflict.
 */
export function findPortClashes(pod: Pod, others: readonly Pod[]): readonly PortClash[] {
  const wanted = listHostPorts(pod);
  if (wanted.length === 0) return [];
  return wanted.flatMap(({ protocol, port, ip }) => {
    const holder = others.find((other) =>
      listHostPorts(other).some((taken) => clash({ protocol, port, ip }, taken)),
    );
    return holder === undefined ? [] : [{ protocol, port, holder }];
  });
}

function clash(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.ip === right.ip || left.ip === ANY || right.ip === ANY;
}
