import { expect, test } from "vitest";
import { buildKubeconfigs } from "../../../src/kubeconfig/kubeconfig-list.ts";
import { KUBECONFIG_NAMES } from "../../../src/kubeconfig/types.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

function serversOf(changes: Parameters<typeof sampleInitConfig>[0]): Record<string, string> {
  return Object.fromEntries(
    buildKubeconfigs(sampleInitConfig(changes)).map(({ name, server }) => [name, server]),
  );
}

test("each file has kubeadm's user and group", () => {
  const specs = buildKubeconfigs(sampleInitConfig());
  expect(specs.map(({ name }) => name)).toEqual(KUBECONFIG_NAMES);
  expect(specs.map(({ userName, certificate }) => [userName, certificate.subject.organizations])).toEqual([
    ["kubernetes-admin", ["kubeadm:cluster-admins"]],
    ["kubernetes-super-admin", ["system:masters"]],
    ["system:node:node01", ["system:nodes"]],
    ["system:kube-controller-manager", []],
    ["system:kube-scheduler", []],
  ]);
  for (const { userName, certificate } of specs) {
    expect(certificate).toMatchObject({ isCa: false, usages: ["clientAuth"], dnsNames: [], ipAddresses: [] });
    expect(certificate.subject.commonName).toBe(userName);
  }
});

test("without an endpoint all go to the advertised address", () => {
  expect(new Set(Object.values(serversOf({})))).toEqual(new Set(["https://10.77.0.1:6443"]));
});

test("with an endpoint only the administrators go through it", () => {
  expect(serversOf({ cluster: { controlPlaneEndpoint: "cp.example.com:7443" } })).toEqual({
    admin: "https://cp.example.com:7443",
    "super-admin": "https://cp.example.com:7443",
    kubelet: "https://10.77.0.1:6443",
    "controller-manager": "https://10.77.0.1:6443",
    scheduler: "https://10.77.0.1:6443",
  });
});

test("an endpoint without a port takes the API server's", () => {
  const servers = serversOf({ bindPort: 7000, cluster: { controlPlaneEndpoint: "cp.example.com" } });
  expect(servers["admin"]).toBe("https://cp.example.com:7000");
});

test("IPv6 addresses stand in brackets", () => {
  const servers = serversOf({ advertiseAddress: "fd00::1", cluster: { controlPlaneEndpoint: "fd00::2" } });
  expect(servers["scheduler"]).toBe("https://[fd00::1]:6443");
  expect(servers["admin"]).toBe("https://[fd00::2]:6443");
});
