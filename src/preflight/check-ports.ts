import { CONTROL_PLANE_COMPONENTS } from "../core/constants.ts";
import { escapeControls } from "../core/escape-controls.ts";
import { quoteShown } from "../core/quote-shell.ts";
import type { PortFact } from "../facts/types.ts";
import { errorFinding, type FindingText, type InitCheck, type InitCheckInput } from "./init-check.ts";
import type { Finding } from "./types.ts";

/** What listens in a control plane of ours. */
const OWN_COMMANDS: readonly string[] = [...CONTROL_PLANE_COMPONENTS, "slipway"];

/**
 * Every port that something of ours will listen on, one finding a port. An address that the machine does not have is
 * left to `AdvertiseAddress` when it is that one. Source: kubeadm app/preflight PortOpenCheck.
 */
export const checkPorts: InitCheck = (input) => {
  const findings = input.facts.ports.flatMap((port): readonly Finding[] => {
    const text = describeProblem(input, port);
    return text === undefined ? [] : [errorFinding(`Port-${port.port}`, text)];
  });
  return findings.filter(
    (finding, index) => findings.findIndex(({ name }) => name === finding.name) === index,
  );
};

function describeProblem(
  { config, resuming, runtime }: InitCheckInput,
  port: PortFact,
): FindingText | undefined {
  const { name, host, holder, problem } = port;
  if (problem === undefined) return undefined;
  if (runtime === "external" && holder?.command === "kubelet") return undefined;
  const isOurs = holder !== undefined && OWN_COMMANDS.includes(holder.command);
  if (resuming && isOurs && (holder.root ?? config.root) === config.root) return undefined;
  if (problem === "EADDRNOTAVAIL" && host === config.advertiseAddress) return undefined;
  const what = `${name} cannot listen on ${host.includes(":") ? `[${host}]` : host}:${port.port}`;
  if (problem === "EADDRINUSE") return { what, ...describeHeldPort(port) };
  if (problem === "EADDRNOTAVAIL") {
    return { what, why: "no interface of this machine has that address", fix: otherPort(port) };
  }
  if (problem === "EACCES") {
    return { what, why: "ports below 1024 need root", fix: `${otherPort(port)}, or run as root` };
  }
  return { what, why: problem, fix: otherPort(port) };
}

/** Who holds a port, and what to do. Another port is the first advice: what holds this one may be wanted. */
export function describeHeldPort(port: PortFact, what = "the port"): Pick<FindingText, "why" | "fix"> {
  const { holder } = port;
  if (holder === undefined) {
    return {
      why: `${what} is held by a process that cannot be seen from here`,
      fix: `${otherPort(port)}; or find it as root, outside any container (ss -ltnp), and stop it`,
    };
  }
  const { command, pid, root } = holder;
  const why = `${what} is held by ${command} (pid ${pid})`;
  if (root !== undefined) {
    const fix = `${otherPort(port)}; or undo that one: slipway reset --root ${quoteShown(root)}`;
    return { why: `${why} of the Slipway under ${escapeControls(root)}`, fix };
  }
  if (OWN_COMMANDS.includes(command)) {
    const fix = `${otherPort(port)}; or remove the control plane that it belongs to: kubeadm reset`;
    return { why, fix };
  }
  return { why, fix: `${otherPort(port)}; or stop it (kill ${pid})` };
}

/** How to move whoever it is to another port. */
function otherPort({ name, freePort }: PortFact): string {
  const free = freePort === undefined ? "" : `, ${freePort} is free`;
  return `choose another port${free}: ${PORT_SETTINGS[name] ?? `in the manifest of ${name}`}`;
}

/** Where each port is set. */
const PORT_SETTINGS: Readonly<Record<string, string>> = {
  etcd: "the URLs in etcd.local.extraArgs",
  "kube-apiserver": "--apiserver-bind-port",
  "kube-controller-manager": "secure-port in controllerManager.extraArgs",
  "kube-scheduler": "secure-port in scheduler.extraArgs",
  kubelet: "port or healthzPort in a KubeletConfiguration document",
};
