import { findComponent } from "../control/find-component.ts";
import { PORTS } from "../core/constants.ts";
import { formatHostPort } from "../core/host-port.ts";
import { lacksAddress } from "../preflight/check-addresses.ts";
import type { System } from "../system/system.ts";
import { type ContainerSubject, findFlag, findStatus, type OtherPods } from "./container-subject.ts";
import { type ContainerFailure, isAnswered } from "./explain-container.ts";

/** Those that reach the API server at the address that it announces. */
const CLIENTS: readonly string[] = ["kube-controller-manager", "kube-scheduler"];

/**
 * That this machine has lost the address that the API server announces, so that nobody reaches it there, its own probes
 * neither. Undefined where it has the address, or somebody answers at one that others lead here.
 */
export async function explainLostAddress(
  system: Pick<System, "host" | "net">,
  subject: ContainerSubject & OtherPods,
): Promise<ContainerFailure | undefined> {
  const { container, report, reports = [] } = subject;
  const isServer = container === "kube-apiserver";
  if (!isServer && !CLIENTS.includes(container)) return undefined;
  const server = isServer ? report : findComponent(reports, "kube-apiserver");
  if (server === undefined) return undefined;
  const ofServer = { report: server, container: "kube-apiserver" };
  if (findStatus(ofServer)?.state.running === undefined) return undefined;
  const address = findFlag(ofServer, "advertise-address");
  const port = Number(findFlag(ofServer, "secure-port") ?? PORTS.apiServer);
  if (address === undefined || !lacksAddress(system.host.addresses(), address)) return undefined;
  if (await isAnswered(system, formatHostPort(address, port))) return undefined;
  return {
    summary: "up, but out of reach",
    cause: `no interface of this machine has the address ${address} any more, at which the API server is reached (--advertise-address)`,
    fix: "give the machine that address again (ip addr); or run init with an --apiserver-advertise-address that it has",
    logLines: [],
    permanent: true,
    inManifest: false,
    restartCount: findStatus(subject)?.restartCount ?? 0,
  };
}
