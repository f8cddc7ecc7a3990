import { CONTROL_PLANE_COMPONENTS } from "../core/constants.ts";
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
  if (resuming && holder !== undefined && OWN_COMMANDS.includes(holder.command)) return undefined;
  if (problem === "EADDRNOTAVAIL" && host === config.advertiseAddress) return undefined;
  const what = `${name} cannot listen on ${host.includes(":") ? `[${host}]` : host}:${port.port}`;
  if (problem === "EADDRINUSE") return describeHolder(what, port);
  if (problem === "EADDRNOTAVAIL") {
    return { what, why: "no interface of this machine has that address", fix: otherPort(name) };
  }
  if (problem === "EACCES") {
    return { what, why: "ports below 1024 need root", fix: `${otherPort(name)}, or run as root` };
  }
  return { what, why: problem, fix: otherPort(name) };
}

function describeHolder(what: string, { name, holder }: PortFact): FindingText {
  if (holder === undefined) {
    return {
      what,
      why: "the port is held by a process that cannot be seen from here",
      fix: `find it as root, outside any container (ss -ltnp), and stop it, or ${otherPort(name)}`,
    };
  }
  const why = `the port is held by ${holder.command} (pid ${holder.pid})`;
  if (holder.command === "slipway") {
    return {
      what,
      why,
      fix: `a runner of Slipway's runs here: slipway runner stop --root DIR ends it, slipway reset --root DIR all that it runs, too; or ${otherPort(name)}`,
    };
  }
  if (OWN_COMMANDS.includes(holder.command)) {
    return {
      what,
      why,
      fix: `another control plane runs here: slipway reset --root DIR (or kubeadm reset) removes it; or ${otherPort(name)}`,
    };
  }
  return { what, why, fix: `stop it (kill ${holder.pid}), or ${otherPort(name)}` };
}

/** How to move whoever it is to another port. */
function otherPort(name: string): string {
  return OTHER_PORT[name] ?? "choose another port";
}

const OTHER_PORT: Readonly<Record<string, string>> = {
  etcd: "choose other URLs in etcd.local.extraArgs (listen-client-urls, listen-peer-urls)",
  "kube-apiserver": "choose another port: --apiserver-bind-port",
  "kube-controller-manager": "choose another port: secure-port in controllerManager.extraArgs",
  "kube-scheduler": "choose another port: secure-port in scheduler.extraArgs",
  kubelet: "choose another port in a KubeletConfiguration document (port, healthzPort)",
};
