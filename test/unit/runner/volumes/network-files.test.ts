import { expect, test } from "vitest";
import { buildHosts, buildResolvConf } from "../../../../src/runner/volumes/network-files.ts";
import { buildPod } from "../../../support/build-pod.ts";

const OWN = "domain old\nsearch a.example b.example\nnameserver 192.0.2.1\noptions ndots:2 rotate\n";

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
  expect(buildResolvConf(buildPod({ spec: { dnsConfig } }), OWN)).toBe(
    "search a.example b.example c.example\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:5 rotate edns0\n",
  );
});

test("with dnsPolicy None only the pod's own count", () => {
  const dnsConfig = { nameservers: ["192.0.2.2", "192.0.2.3", "192.0.2.4"] };
  expect(buildResolvConf(buildPod({ spec: { dnsConfig, dnsPolicy: "None" } }), OWN)).toBe(
    "nameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
  );
});
