import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { SlipwayError } from "../../../src/core/errors.ts";
import { checkKubeconfig } from "../../../src/kubeconfig/check-kubeconfig.ts";
import { formatKubeconfig } from "../../../src/kubeconfig/format-kubeconfig.ts";
import { buildKubeconfigs } from "../../../src/kubeconfig/kubeconfig-list.ts";
import { listKubeconfigFiles, parseKubeconfig } from "../../../src/kubeconfig/parse-kubeconfig.ts";
import type { KubeconfigSpec } from "../../../src/kubeconfig/types.ts";
import { buildCaSpec } from "../../../src/pki/certificate-spec.ts";
import { issueCertificate } from "../../../src/pki/issue.ts";
import type { KeyPair } from "../../../src/pki/types.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const NOW_MS = Date.parse("2026-11-22T18:00:00Z");
const PATH = "/etc/kubernetes/kubelet.conf";
const CONFIG = sampleInitConfig();

let ca: KeyPair;
let otherCa: KeyPair;
let keyPair: KeyPair;
let spec: KubeconfigSpec;
let text: string;
beforeAll(async () => {
  const found = buildKubeconfigs(CONFIG).find(({ name }) => name === "kubelet");
  if (found === undefined) throw new Error("no kubelet.conf");
  spec = found;
  const caSpec = buildCaSpec({ cluster: CONFIG.cluster, commonName: "kubernetes" });
  [ca, otherCa] = await Promise.all([
    issueCertificate({ spec: caSpec, nowMs: NOW_MS }),
    issueCertificate({ spec: caSpec, nowMs: NOW_MS }),
  ]);
  keyPair = await issueCertificate({ spec: spec.certificate, signer: ca, nowMs: NOW_MS, notBefore: "ca" });
  text = formatKubeconfig({ spec, caPem: ca.certPem, keyPair });
});

function failureOf(action: () => unknown): SlipwayError {
  try {
    action();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("the text is kubeadm's, but for the data", () => {
  expect(text.replaceAll(/(-data: ).*/g, "$1<base64>")).toBe(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: <base64>
    server: https://10.77.0.1:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: system:node:node01
  name: system:node:node01@kubernetes
current-context: system:node:node01@kubernetes
kind: Config
users:
- name: system:node:node01
  user:
    client-certificate-data: <base64>
    client-key-data: <base64>
`);
});

test("what was written is read back", () => {
  expect(parseKubeconfig({ text, path: PATH })).toEqual({
    server: "https://10.77.0.1:6443",
    ca: ca.certPem,
    cert: keyPair.certPem,
    key: keyPair.keyPem,
  });
  expect(listKubeconfigFiles({ text, path: PATH })).toEqual([]);
});

test("of a CA file only the first certificate is embedded", () => {
  const bundle = formatKubeconfig({ spec, caPem: `# ours\n${ca.certPem}${otherCa.certPem}`, keyPair });
  expect(bundle).toBe(text);
});

test("credentials in files are listed and then taken from what was read", () => {
  const linked = text
    .replace(/client-certificate-data: .*/, "client-certificate: /var/lib/kubelet/pki/current.pem")
    .replace(/client-key-data: .*/, "client-key: pki/current.key");
  const paths = ["/var/lib/kubelet/pki/current.pem", "/etc/kubernetes/pki/current.key"];
  expect(listKubeconfigFiles({ text: linked, path: PATH })).toEqual(paths);
  const files = new Map([
    ["/var/lib/kubelet/pki/current.pem", keyPair.certPem],
    ["/etc/kubernetes/pki/current.key", keyPair.keyPem],
  ]);
  expect(parseKubeconfig({ text: linked, path: PATH, files })).toMatchObject(keyPairAsCredentials());
  const failure = failureOf(() => parseKubeconfig({ text: linked, path: PATH }));
  expect(failure.why).toContain("/var/lib/kubelet/pki/current.pem");
});

function keyPairAsCredentials() {
  return { cert: keyPair.certPem, key: keyPair.keyPem };
}

test.each([
  ["broken YAML", () => "a: [", "is not YAML"],
  ["an empty file", () => "", "not a YAML mapping"],
  ["no current context", () => text.replace(/^current-context:.*\n/m, ""), "no current-context"],
  [
    "a context that is not there",
    () => text.replace(/^current-context:.*/m, "current-context: x"),
    'the context "x"',
  ],
  ["a cluster that is not there", () => text.replace("cluster: kubernetes", "cluster: x"), 'the cluster "x"'],
  ["no server", () => text.replace(/ +server: .*\n/, ""), "no server"],
  ["no key", () => text.replace(/ +client-key-data: .*\n/, ""), "no client-key-data"],
  ["data that is not PEM", () => text.replace(/(client-key-data: ).*/, "$1AAAA"), "client-key is not PEM"],
])("%s is refused", (_name, make, why) => {
  const failure = failureOf(() => parseKubeconfig({ text: make(), path: PATH }));
  expect(failure.code).toBe("SLIPWAY_KUBECONFIG_INVALID");
  expect(failure.why).toContain(why);
  expect(failure.what).toContain(PATH);
});

test("any text is read or refused, never a crash", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (any) => {
      expect(failureOf(() => parseKubeconfig({ text: any, path: PATH })).code).toBe(
        "SLIPWAY_KUBECONFIG_INVALID",
      );
    }),
  );
});

describe("an existing kubeconfig", () => {
  const existing = (changes: Partial<Parameters<typeof checkKubeconfig>[0]> = {}) => ({
    text,
    path: PATH,
    spec,
    caPem: ca.certPem,
    nowMs: NOW_MS,
    ...changes,
  });

  test("that fits is kept", () => {
    checkKubeconfig(existing());
  });

  test.each([
    [
      "for another server",
      () => ({ spec: { ...spec, server: "https://10.0.0.9:6443" } }),
      "SLIPWAY_KUBECONFIG_INVALID",
      "its server is https://10.77.0.1:6443",
    ],
    ["of another CA", () => ({ caPem: otherCa.certPem }), "SLIPWAY_KUBECONFIG_INVALID", "another CA"],
    ["of a cluster without a CA", () => ({ caPem: undefined }), "SLIPWAY_KUBECONFIG_INVALID", "another CA"],
    [
      "that trusts the new CA but was signed by the old",
      () => ({ text: formatKubeconfig({ spec, caPem: otherCa.certPem, keyPair }), caPem: otherCa.certPem }),
      "SLIPWAY_CERT_WRONG_CA",
      "not signed",
    ],
    [
      "that expired",
      () => ({ nowMs: NOW_MS + 366 * 86_400_000 }),
      "SLIPWAY_CERT_EXPIRED",
      "expired on 2027-11-22",
    ],
    [
      "of another user",
      () => ({ spec: buildKubeconfigs(CONFIG)[4] ?? spec }),
      "SLIPWAY_CERT_WRONG_PURPOSE",
      "CN=system:kube-scheduler",
    ],
  ] as const)("%s is refused", (_name, changes, code, why) => {
    const failure = failureOf(() => checkKubeconfig(existing(changes())));
    expect(failure.code).toBe(code);
    expect(failure.why).toContain(why);
    expect(failure.fix).toContain(`mv ${PATH} ${PATH}.old; slipway init`);
  });
});
