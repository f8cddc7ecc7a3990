import { expect, test } from "vitest";
import type { InitConfig } from "../../../src/config/types.ts";
import { buildClusterCertificates } from "../../../src/pki/certificate-list.ts";
import { CERTIFICATE_NAMES, type CertificateName, type CertificateSpec } from "../../../src/pki/types.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

function specOf(config: InitConfig, name: CertificateName): CertificateSpec {
  const found = buildClusterCertificates(config).find((certificate) => certificate.name === name);
  if (found === undefined) throw new Error(`no certificate ${name}`);
  return found.spec;
}

test("the certificates come in kubeadm's order, each CA before what it signs", () => {
  const certificates = buildClusterCertificates(sampleInitConfig());
  expect(certificates.map(({ name }) => name)).toEqual(CERTIFICATE_NAMES);
  certificates.forEach(({ signer }, index) => {
    if (signer === undefined) return;
    expect(certificates.slice(0, index).map(({ name }) => name)).toContain(signer);
  });
});

test("the API server is valid for its service, its node and its address", () => {
  const spec = specOf(sampleInitConfig(), "apiserver");
  expect(spec.dnsNames).toEqual([
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "node01",
  ]);
  expect(spec.ipAddresses).toEqual(["10.96.0.1", "10.77.0.1"]);
});

test("the endpoint's host and the user's names are added once, addresses in one spelling", () => {
  const config = sampleInitConfig({ cluster: { controlPlaneEndpoint: "[FD00::0001]:7443" } });
  const apiServer = {
    ...config.cluster.apiServer,
    certSANs: ["node01", "*.example.com", "fd00:0::1", "10.0.0.9"],
  };
  const spec = specOf({ ...config, cluster: { ...config.cluster, apiServer } }, "apiserver");
  expect(spec.dnsNames).toContain("*.example.com");
  expect(spec.dnsNames.filter((name) => name === "node01")).toHaveLength(1);
  expect(spec.ipAddresses).toEqual(["10.96.0.1", "10.77.0.1", "fd00::1", "10.0.0.9"]);
});

test("an endpoint that is a name is a DNS name", () => {
  const config = sampleInitConfig({ cluster: { controlPlaneEndpoint: "cp.example.com:7443" } });
  expect(specOf(config, "apiserver").dnsNames).toContain("cp.example.com");
});

test("with two service networks the first one's address counts", () => {
  const config = sampleInitConfig({ cluster: { serviceSubnet: "fd00:10:96::/112,10.96.0.0/16" } });
  expect(specOf(config, "apiserver").ipAddresses[0]).toBe("fd00:10:96::1");
});

test("etcd is valid for the loopback and the node, and its peers' names are not its clients'", () => {
  const config = sampleInitConfig();
  const etcd = { ...config.cluster.etcd, serverCertSANs: ["a.example.com"], peerCertSANs: ["b.example.com"] };
  const changed = { ...config, cluster: { ...config.cluster, etcd } };
  expect(specOf(changed, "etcd/server")).toMatchObject({
    subject: { commonName: "node01", organizations: [] },
    usages: ["serverAuth", "clientAuth"],
    dnsNames: ["a.example.com", "localhost", "node01"],
    ipAddresses: ["10.77.0.1", "127.0.0.1", "::1"],
  });
  expect(specOf(changed, "etcd/peer").dnsNames).toEqual(["b.example.com", "localhost", "node01"]);
});

test("a loopback advertise address is named once", () => {
  const config = sampleInitConfig({ advertiseAddress: "127.0.0.1" });
  expect(specOf(config, "etcd/server").ipAddresses).toEqual(["127.0.0.1", "::1"]);
});

test("CAs live for their own period and carry their name", () => {
  const config = sampleInitConfig({ cluster: { caValidityMs: 5000, certificateValidityMs: 3000 } });
  expect(specOf(config, "etcd/ca")).toMatchObject({ isCa: true, validityMs: 5000, dnsNames: ["etcd-ca"] });
  expect(specOf(config, "front-proxy-client")).toMatchObject({ isCa: false, validityMs: 3000, dnsNames: [] });
});

test.each([
  ["v1.34.4", ["kubeadm:cluster-admins"]],
  ["v1.35.4", ["kubeadm:cluster-admins"]],
  ["v1.36.3", []],
  ["v1.37.2", []],
])("the API server of %s comes to kubelets with the groups %j", (kubernetesVersion, groups) => {
  const spec = specOf(sampleInitConfig({ cluster: { kubernetesVersion } }), "apiserver-kubelet-client");
  expect(spec.subject.organizations).toEqual(groups);
});
