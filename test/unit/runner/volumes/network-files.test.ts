import { expect, test } from "vitest";
import { buildHosts, buildResolvConf } from "../../../../src/runner/volumes/network-files.ts";
import { buildPod } from "../../../support/build-pod.ts";

const OWN = "domain old\nsearch a.example b.example\nnameserver 192.0.2.1\noptions ndots:2 rotate\n";
const DNS = { clusterDNS: ["10.96.0.10"], clusterDomain: "cluster.local" };

test("a hosts file is the machine's with the aliases after it", () => {
  const pod = buildPod({ spec: { hostAliases: [{ ip: "192.0.2.9", hostnames: ["one", "two"] }] } });
  expect(buildHosts(pod, "127.0.0.1 localhost\n")).toBe(
    "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n\n# Entries added by HostAliases.\n192.0.2.9\tone\ttwo\n",
  );
});

test("a pod's DNS settings are added to the machine's, and its options win", () => {
  const dnsConfig = {
    nameservers: ["192.0.2.2", "192.0.2.1"],
    searches: ["c.example"],
    options: [{ name: "ndots", value: "5" }, { name: "edns0" }],
  };
  expect(buildResolvConf(buildPod({ spec: { dnsConfig } }), OWN, DNS)).toBe(
    "search a.example b.example c.example\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:5 rotate edns0\n",
  );
});

test("with dnsPolicy None only the pod's own count", () => {
  const dnsConfig = { nameservers: ["192.0.2.2", "192.0.2.3", "192.0.2.4"] };
  expect(buildResolvConf(buildPod({ spec: { dnsConfig, dnsPolicy: "None" } }), OWN, DNS)).toBe(
    "nameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
  );
});

test("with ClusterFirstWithHostNet the cluster's servers are asked alone, for its own names first, where they are known", () => {
  const dnsConfig = { options: [{ name: "edns0" }] };
  const pod = buildPod({ spec: { dnsConfig, dnsPolicy: "ClusterFirstWithHostNet" } });
  expect(buildResolvConf(pod, OWN, DNS)).toBe(
    "search default.svc.cluster.local svc.cluster.local cluster.local a.example b.example\n" +
      "nameserver 10.96.0.10\noptions ndots:5 edns0\n",
  );
  expect(buildResolvConf(pod, OWN, { ...DNS, clusterDomain: "" })).toContain("search a.example b.example\n");
  expect(buildResolvConf(pod, OWN, { ...DNS, clusterDNS: [] })).toContain("nameserver 192.0.2.1\n");
});
