import { findComponent } from "../control/find-component.ts";
import type { System } from "../system/system.ts";
import { type ContainerSubject, findFlag, findStatus, type OtherPods } from "./container-subject.ts";
import { type ContainerFailure, isAnswered } from "./explain-container.ts";
import { explainIdle } from "./explain-idle.ts";

/**
 * That kube-apiserver cannot get ready because of an etcd whose own probes call it ready: one that takes no writes, or
 * that is elsewhere than the API server is sent. No wait mends it. Undefined of other containers, and where one of the
 * `--etcd-servers` answers.
 */
export async function explainByEtcd(
  system: System,
  subject: ContainerSubject & OtherPods,
): Promise<ContainerFailure | undefined> {
  const etcd = findComponent(subject.reports ?? [], "etcd");
  if (subject.container !== "kube-apiserver" || etcd === undefined) return undefined;
  const ofEtcd = { report: etcd, container: "etcd" };
  if (findStatus(ofEtcd)?.ready !== true) return undefined;
  return (await explainIdle(system, ofEtcd)) ?? explainStray(system, { subject, ofEtcd });
}

async function explainStray(
  system: Pick<System, "net">,
  { subject, ofEtcd }: { readonly subject: ContainerSubject; readonly ofEtcd: ContainerSubject },
): Promise<ContainerFailure | undefined> {
  const servers = readUrls(subject, "etcd-servers");
  const own = [...readUrls(ofEtcd, "advertise-client-urls"), ...readUrls(ofEtcd, "listen-client-urls")];
  // Where etcd itself is told to listen it may just be starting anew.
  if (servers.length === 0 || own.length === 0 || servers.some((url) => own.includes(url))) return undefined;
  const addresses = servers.map((url) => url.replace(/^\w+:\/\//, ""));
  const answers = await Promise.all(addresses.map((address) => isAnswered(system, address)));
  if (answers.includes(true)) return undefined;
  return {
    summary: "not ready",
    cause: `nothing answers at --etcd-servers=${servers.join(",")}; etcd is ready, at ${own[0]}`,
    fix: "correct etcd-servers in apiServer.extraArgs of the configuration, then: slipway init",
    logLines: [],
    permanent: true,
    inManifest: true,
    otherManifest: ofEtcd.report.origin,
    restartCount: 0,
  };
}

/** The URLs of a flag; none where it is not set. */
function readUrls(subject: ContainerSubject, flag: string): readonly string[] {
  return findFlag(subject, flag)?.split(",").filter(Boolean) ?? [];
}
