import { createHash, X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { formatJoinCommand, listJoinWords } from "../../../src/kubeconfig/format-join-command.ts";
import { formatKubeconfig } from "../../../src/kubeconfig/format-kubeconfig.ts";
import { nameKubeletCertificate } from "../../../src/kubeconfig/name-kubelet-certificate.ts";
import { parseKubeconfig } from "../../../src/kubeconfig/parse-kubeconfig.ts";
import { renewKubeconfig } from "../../../src/kubeconfig/renew-kubeconfig.ts";
import { buildClusterCertificates } from "../../../src/pki/certificate-list.ts";
import { issueCertificate } from "../../../src/pki/issue.ts";
import type { KeyPair } from "../../../src/pki/types.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const SERVER = "https://10.0.0.1:6443";
const TOKEN = "abcdef.0123456789abcdeg";
let ca: KeyPair;
let other: KeyPair;

beforeAll(async () => {
  const spec = buildClusterCertificates(sampleInitConfig())[0]?.spec;
  if (spec === undefined) throw new Error("no CA");
  ca = await issueCertificate({ spec, nowMs: Date.now() });
  other = await issueCertificate({ spec, nowMs: Date.now() });
});

function pinOf(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(spki).digest("hex")}`;
}

test("a worker's command names the server, the token and each CA's pin", () => {
  const words = listJoinWords({ server: SERVER, caPem: ca.certPem + other.certPem, token: TOKEN });
  expect(words).toEqual([
    `kubeadm join 10.0.0.1:6443 --token ${TOKEN}`,
    `--discovery-token-ca-cert-hash ${pinOf(ca.certPem)} --discovery-token-ca-cert-hash ${pinOf(other.certPem)}`,
  ]);
});

test("a control plane's command has the key of the uploaded certificates, or none", () => {
  const parts = { server: SERVER, caPem: ca.certPem, token: TOKEN };
  expect(formatJoinCommand({ ...parts, controlPlane: { key: "00ff" } })).toMatch(
    / \\\n\t--control-plane --certificate-key 00ff$/,
  );
  expect(formatJoinCommand({ ...parts, controlPlane: "certificates-copied" })).toMatch(/--control-plane$/);
});

test("what is withheld is not shown", () => {
  const text = formatJoinCommand({
    server: SERVER,
    caPem: ca.certPem,
    token: undefined,
    controlPlane: { key: undefined },
  });
  expect(text).toContain("--token <value withheld>");
  expect(text).toContain("--certificate-key <value withheld>");
});

test("a renewed kubeconfig has the new pair and CA, and all else as before", () => {
  const spec = { server: SERVER, clusterName: "dev", userName: "anna" };
  const before = formatKubeconfig({ spec, caPem: ca.certPem, keyPair: ca });
  const after = renewKubeconfig(before, { caPem: other.certPem, keyPair: other });
  expect(parseKubeconfig({ text: after, path: "f" })).toEqual({
    server: SERVER,
    ca: other.certPem,
    cert: other.certPem,
    key: other.keyPem,
  });
  expect(after.replace(/-data: .*/g, "")).toBe(before.replace(/-data: .*/g, ""));
});

test("a kubelet's kubeconfig can name the kubelet's own certificate, and holds no key then", () => {
  const spec = { server: SERVER, clusterName: "dev", userName: "node" };
  const text = formatKubeconfig({ spec, caPem: ca.certPem, keyPair: ca });
  const certPath = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  const named = nameKubeletCertificate({ text, path: "kubelet.conf", certPath });
  expect(named).toContain(`client-key: ${certPath}\n`);
  expect(named).not.toContain("client-key-data");
  expect(nameKubeletCertificate({ text: named, path: "kubelet.conf", certPath })).toBe(named);
  expect(() => nameKubeletCertificate({ text: "a: 1", path: "kubelet.conf", certPath })).toThrow(
    expect.objectContaining({ code: "SLIPWAY_KUBECONFIG_INVALID" }),
  );
});
