import { expect, test } from "vitest";
import { checkEarlier, EARLIER_CHECKS, type PlaneTraits } from "../../../src/preflight/check-earlier.ts";
import type { InitCheckInput } from "../../../src/preflight/init-check.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const config = sampleInitConfig();
const SAME: PlaneTraits = {
  kubernetesVersion: config.cluster.kubernetesVersion,
  nodeName: config.nodeName,
  serviceSubnet: config.cluster.serviceSubnet,
  podSubnet: config.cluster.podSubnet,
  dnsDomain: config.cluster.dnsDomain,
};

function find(input: Partial<InitCheckInput>) {
  // These checks ask for no fact of the machine.
  const facts = {} as InitCheckInput["facts"];
  return checkEarlier({ config, facts, resuming: true, ...input });
}

function names(before: Partial<PlaneTraits>, cluster: Partial<InitCheckInput["config"]["cluster"]> = {}) {
  return find({
    before: { ...SAME, ...before },
    config: { ...config, cluster: { ...config.cluster, ...cluster } },
  }).map(({ name, severity }) => `${severity} ${name}`);
}

test("nothing speaks against the first init, nor against one that changes none of this", () => {
  expect(find({})).toEqual([]);
  expect(names({})).toEqual([]);
  expect(names({ serviceSubnet: undefined, podSubnet: undefined, dnsDomain: undefined })).toEqual([]);
});

test("each change that a control plane would not survive is an error, and what keeps the old value is told", () => {
  expect(names({ nodeName: "other" })).toEqual(["error NodeNameChange"]);
  expect(names({ serviceSubnet: "10.97.0.0/16" })).toEqual(["error ServiceCIDRChange"]);
  expect(find({ before: { ...SAME, serviceSubnet: "10.97.0.0/16" } })[0]?.fix).toContain(
    "--service-cidr 10.97.0.0/16",
  );
  expect(names({ dnsDomain: "old.local" })).toEqual(["warning DNSDomainChange"]);
});

test("a flag of the user's own counts for what it sets", () => {
  const extraArgs = [{ name: "service-cluster-ip-range", value: "10.97.0.0/16" }];
  const apiServer = { ...config.cluster.apiServer, extraArgs };
  expect(names({ serviceSubnet: "10.97.0.0/16" }, { apiServer })).toEqual([]);
  expect(names({}, { apiServer })).toEqual(["error ServiceCIDRChange"]);
});

test("Kubernetes goes up one minor at a time, and never down", () => {
  const go = (was: string, is: string) => names({ kubernetesVersion: was }, { kubernetesVersion: is });
  expect(go("v1.36.1", "v1.36.0")).toEqual([]);
  expect(go("v1.36.1", "v1.37.2")).toEqual([]);
  expect(go("v1.37.2", "v1.36.3")).toEqual(["error KubernetesVersionChange"]);
  expect(go("v1.35.0", "v1.37.2")).toEqual(["error KubernetesVersionChange"]);
});

test("the pod network may come, go and grow, but not leave out what Nodes were given", () => {
  const go = (was: string, is: string) => names({ podSubnet: was }, { podSubnet: is });
  expect(go("", "10.244.0.0/16")).toEqual([]);
  expect(go("10.244.0.0/16", "")).toEqual([]);
  expect(go("10.244.0.0/16", "10.240.0.0/12")).toEqual([]);
  expect(go("10.244.0.0/16", "10.244.0.0/16,fd00::/56")).toEqual([]);
  expect(go("10.244.0.0/16", "10.245.0.0/16")).toEqual(["error PodCIDRChange"]);
  expect(go("10.244.0.0/16", "10.244.0.0/17")).toEqual(["error PodCIDRChange"]);
});

test("a CA's key that is lost is named, and each check is one that phases make", () => {
  const [finding] = find({ lostKeys: ["/pki/ca.key"] });
  expect(finding).toMatchObject({ name: "CAKey", severity: "error", what: "/pki/ca.key is not there" });
  const before = {
    kubernetesVersion: "v1.99.0",
    nodeName: "x",
    serviceSubnet: "192.0.2.0/24",
    podSubnet: "198.51.100.0/24",
    dnsDomain: "x",
  };
  const cluster = { ...config.cluster, podSubnet: "10.244.0.0/16" };
  const all = find({ lostKeys: ["/pki/ca.key"], before, config: { ...config, cluster } });
  expect(all.map(({ name }) => name)).toEqual([...EARLIER_CHECKS]);
});
