import { createDecipheriv, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { buildCoreDns } from "../../../../src/api/objects/coredns.ts";
import { buildKubeProxy } from "../../../../src/api/objects/kube-proxy.ts";
import { buildPublishedCa } from "../../../../src/api/objects/published-ca.ts";
import { buildCertsSecret, encryptFile } from "../../../../src/api/objects/uploaded-certs.ts";
import { buildKubeadmConfig, buildKubeletConfig } from "../../../../src/api/objects/uploaded-config.ts";
import type { KubeObject } from "../../../../src/api/types.ts";
import { parseYamlDocuments } from "../../../../src/core/yaml.ts";
import { sampleInitConfig } from "../../../support/init-config.ts";

const HASH = "kubeadm.kubernetes.io/component-config.hash";
const STATIC_PODS = { staticPodPath: "/etc/kubernetes/manifests" };

function readData(object: KubeObject | undefined, key: string): unknown {
  const data = object?.["data"] as Readonly<Record<string, string>>;
  return parseYamlDocuments(data[key] ?? "")[0]?.value;
}

test("the stored configuration says the encryption algorithm, so that kubeadm goes on with it", () => {
  const [map] = buildKubeadmConfig(sampleInitConfig());
  expect(readData(map, "ClusterConfiguration")).toMatchObject({
    kind: "ClusterConfiguration",
    encryptionAlgorithm: "ECDSA-P256",
    kubernetesVersion: "v1.37.2",
    dns: {},
  });
});

test("a kubelet's configuration is marked with its hash unless a user wrote it", () => {
  const config = sampleInitConfig();
  const [own] = buildKubeletConfig(config, STATIC_PODS);
  expect(own?.metadata.annotations?.[HASH]).toMatch(/^sha256:[0-9a-f]{64}$/);
  const kubelet = { ...config.kubelet, document: { maxPods: 5 } };
  const [users] = buildKubeletConfig({ ...config, kubelet }, STATIC_PODS);
  expect(users?.metadata.annotations).toBeUndefined();
  expect(readData(users, "kubelet")).toMatchObject({ maxPods: 5, rotateCertificates: true });
});

test("cluster-info holds the CA and the server and no user", () => {
  const info = buildPublishedCa({ kind: "cluster-info", server: "https://10.0.0.1:6443" }, "PEM");
  expect(readData(info, "kubeconfig")).toEqual({
    apiVersion: "v1",
    clusters: [
      { cluster: { "certificate-authority-data": "UEVN", server: "https://10.0.0.1:6443" }, name: "" },
    ],
    contexts: null,
    "current-context": "",
    kind: "Config",
    users: null,
  });
});

test("an uploaded file is a nonce, the text under AES-256-GCM and the tag", () => {
  const key = randomBytes(32).toString("hex");
  const data = encryptFile("secret text", { key, random: { bytes: randomBytes } });
  const decipher = createDecipheriv("aes-256-gcm", Buffer.from(key, "hex"), data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(-16));
  expect(Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]).toString()).toBe(
    "secret text",
  );
});

test("a file that is not there is uploaded empty, and the Secret ends with its owner", () => {
  const secret = buildCertsSecret({ "ca.key": undefined }, { name: "bootstrap-token-abcdef", uid: "u" });
  expect(secret).toMatchObject({
    metadata: { ownerReferences: [{ name: "bootstrap-token-abcdef", uid: "u", controller: true }] },
    data: { "ca.key": "" },
  });
});

test("the DNS service has the tenth address of the services, also of IPv6", () => {
  const addressOf = (serviceSubnet: string): unknown =>
    buildCoreDns(sampleInitConfig({ cluster: { serviceSubnet } }).cluster).find(
      ({ kind }) => kind === "Service",
    )?.["spec"];
  expect(addressOf("10.96.0.0/12")).toMatchObject({ clusterIP: "10.96.0.10" });
  expect(addressOf("fd00::/108,10.96.0.0/12")).toMatchObject({ clusterIP: "fd00::a" });
});

test.each([
  ["registry.k8s.io", "registry.k8s.io/coredns/coredns:v1.14.6"],
  ["example.com:5000/k8s", "example.com:5000/k8s/coredns:v1.14.6"],
])("the image of CoreDNS in %s is %s", (imageRepository, image) => {
  expect(JSON.stringify(buildCoreDns(sampleInitConfig({ cluster: { imageRepository } }).cluster))).toContain(
    `"${image}"`,
  );
});

test("kube-proxy reaches the API server at the control plane's endpoint", () => {
  const map = buildKubeProxy(sampleInitConfig(), { server: "https://api.example:6443" }).find(
    ({ kind }) => kind === "ConfigMap",
  );
  expect(readData(map, "kubeconfig.conf")).toMatchObject({
    clusters: [{ cluster: { server: "https://api.example:6443" } }],
  });
  expect(readData(map, "config.conf")).toMatchObject({ clusterCIDR: "10.244.0.0/16", mode: "iptables" });
});
