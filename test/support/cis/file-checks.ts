import { ETCD_UID } from "../accounts.ts";
import type { CisCheck } from "./cis-check.ts";
import type { ObservedPlane } from "./observe-plane.ts";

const ROOT = "0:0";
const MANIFESTS = "etc/kubernetes/manifests";
const CA = "etc/kubernetes/pki/ca.crt";

function atMost(plane: ObservedPlane, path: string, mode: number): boolean {
  return (plane.file(path).mode & ~mode) === 0;
}

function fileChecks(
  first: number,
  file: {
    readonly name: string;
    readonly path: string;
    readonly section?: string;
    readonly byDefault?: CisCheck["byDefault"];
  },
): readonly CisCheck[] {
  const { name, path, section = "1.1", byDefault = "passes" } = file;
  return [
    {
      id: `${section}.${first}`,
      asks: `${name}: nobody else may read or write it`,
      byDefault,
      passes: (plane) => atMost(plane, path, 0o600),
    },
    {
      id: `${section}.${first + 1}`,
      asks: `${name}: it is root's`,
      byDefault: "passes",
      passes: (plane) => plane.file(path).owner === ROOT,
    },
  ];
}

/** 1.1: files, and 4.1: those for the kubelet of this machine. */
export const CIS_FILE_CHECKS: readonly CisCheck[] = [
  ...fileChecks(1, { name: "manifest of kube-apiserver", path: `${MANIFESTS}/kube-apiserver.yaml` }),
  ...fileChecks(3, {
    name: "manifest of kube-controller-manager",
    path: `${MANIFESTS}/kube-controller-manager.yaml`,
  }),
  ...fileChecks(5, { name: "manifest of kube-scheduler", path: `${MANIFESTS}/kube-scheduler.yaml` }),
  ...fileChecks(7, { name: "manifest of etcd", path: `${MANIFESTS}/etcd.yaml` }),
  {
    id: "1.1.11",
    asks: "only its owner gets into etcd's data directory",
    byDefault: "passes",
    passes: (plane) => atMost(plane, "var/lib/etcd", 0o700),
  },
  {
    id: "1.1.12",
    asks: "etcd's data belong to the user etcd, and it runs as that",
    byDefault: "fails",
    passes: (plane) =>
      plane.file("var/lib/etcd").owner === `${ETCD_UID}:${ETCD_UID}` &&
      plane.etcdUids.length === 4 &&
      plane.etcdUids.every((uid) => uid === ETCD_UID),
  },
  ...["admin", "super-admin"].flatMap((name) =>
    fileChecks(13, { name: `${name}.conf`, path: `etc/kubernetes/${name}.conf` }),
  ),
  ...fileChecks(15, { name: "scheduler.conf", path: "etc/kubernetes/scheduler.conf" }),
  ...fileChecks(17, { name: "controller-manager.conf", path: "etc/kubernetes/controller-manager.conf" }),
  {
    id: "1.1.19",
    asks: "the PKI directory and all in it are root's",
    byDefault: "passes",
    passes: (plane) => plane.pki.length > 20 && plane.pki.every((path) => plane.file(path).owner === ROOT),
  },
  {
    id: "1.1.20",
    asks: "certificates are written by root alone",
    byDefault: "passes",
    passes: (plane) =>
      plane.pki.filter((path) => path.endsWith(".crt")).every((path) => atMost(plane, path, 0o644)),
  },
  {
    id: "1.1.21",
    asks: "keys are read by root alone",
    byDefault: "passes",
    passes: (plane) =>
      plane.pki.filter((path) => path.endsWith(".key")).every((path) => atMost(plane, path, 0o600)),
  },
  ...fileChecks(5, { name: "kubelet.conf", path: "etc/kubernetes/kubelet.conf", section: "4.1" }),
  {
    id: "4.1.7",
    asks: "the CA that the kubelet's clients are checked with is written by root alone",
    byDefault: "passes",
    passes: (plane) => atMost(plane, CA, 0o644),
  },
  {
    id: "4.1.8",
    asks: "it is root's",
    byDefault: "passes",
    passes: (plane) => plane.file(CA).owner === ROOT,
  },
  ...fileChecks(9, {
    name: "configuration of the kubelet",
    path: "var/lib/kubelet/config.yaml",
    section: "4.1",
    byDefault: "fails",
  }),
];
