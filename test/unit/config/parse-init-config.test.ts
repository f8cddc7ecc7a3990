import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";
import type { InitFlags } from "../../../src/config/types.ts";
import { SlipwayError } from "../../../src/core/errors.ts";

const PRINTED_DEFAULTS = readFileSync(
  join(import.meta.dirname, "../../fixtures/config/kubeadm-init-defaults.yaml"),
  "utf8",
);

const INIT = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
const CLUSTER = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";

function parse(text: string | undefined, flags: InitFlags = {}) {
  return parseInitConfig({ text, path: "f.yaml", flags });
}

/** The error lines of a configuration that must not be accepted. */
function errorsOf(text: string | undefined, flags: InitFlags = {}): readonly string[] {
  try {
    parse(text, flags);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    expect(error.code).toBe("SLIPWAY_CONFIG_INVALID");
    return error.details;
  }
  throw new Error("the configuration was accepted");
}

test("no file and no flags give the defaults", () => {
  expect(parse(undefined)).toEqual({
    notes: [],
    config: {
      advertiseAddress: undefined,
      bindPort: 6443,
      nodeName: undefined,
      taints: undefined,
      skipPhases: [],
      ignorePreflightErrors: [],
      controlPlaneHealthTimeoutMs: 240_000,
      apiCallTimeoutMs: 60_000,
      kubelet: { port: 10250, healthzPort: 10248 },
      cluster: {
        kubernetesVersion: "v1.37.2",
        clusterName: "kubernetes",
        controlPlaneEndpoint: "",
        certificatesDir: "/etc/kubernetes/pki",
        imageRepository: "registry.k8s.io",
        dnsDomain: "cluster.local",
        serviceSubnet: "10.96.0.0/12",
        podSubnet: "",
        encryptionAlgorithm: "ECDSA-P256",
        certificateValidityMs: 31_536_000_000,
        caValidityMs: 315_360_000_000,
        apiServer: { extraArgs: [], extraEnvs: [], extraVolumes: [], certSANs: [] },
        controllerManager: { extraArgs: [], extraEnvs: [], extraVolumes: [] },
        scheduler: { extraArgs: [], extraEnvs: [], extraVolumes: [] },
        etcd: {
          imageRepository: undefined,
          imageTag: undefined,
          dataDir: "/var/lib/etcd",
          extraArgs: [],
          extraEnvs: [],
          serverCertSANs: [],
          peerCertSANs: [],
        },
      },
    },
  });
});

test("what kubeadm prints as its defaults is accepted, with notes on what has no effect", () => {
  const { config, notes } = parse(PRINTED_DEFAULTS);
  expect(config.advertiseAddress).toBe("1.2.3.4");
  expect(config.nodeName).toBe("node");
  expect(config.cluster.kubernetesVersion).toBe("v1.37.0");
  expect(config.cluster.encryptionAlgorithm).toBe("RSA-2048");
  expect(notes).toEqual([
    expect.stringContaining("no kube-proxy"),
    expect.stringContaining("bootstrapTokens"),
    expect.stringContaining("KubeletConfiguration"),
  ]);
});

test("every supported field reaches the configuration", () => {
  const { config } = parse(`${INIT}localAPIEndpoint: {advertiseAddress: 10.0.0.5, bindPort: 7443}
nodeRegistration: {name: " Node01 ", taints: [], ignorePreflightErrors: [Swap]}
skipPhases: [addon]
timeouts: {controlPlaneComponentHealthCheck: 90s, kubernetesAPICall: 2m}
---
${CLUSTER}kubernetesVersion: 1.36.1
clusterName: dev
controlPlaneEndpoint: api.example.com:443
certificatesDir: /srv/pki
imageRepository: example.com:5000/k8s
encryptionAlgorithm: RSA-4096
certificateValidityPeriod: 24h
caCertificateValidityPeriod: 48h
networking: {serviceSubnet: "10.0.0.0/16,fd00::/108", podSubnet: 10.1.0.0/16, dnsDomain: dev.local}
apiServer:
  certSANs: [API.example.com, "*.example.com", 10.9.9.9]
  extraArgs: [{name: v, value: "2"}]
  extraEnvs: [{name: A, value: b}]
  extraVolumes: [{name: x, hostPath: /x, mountPath: /y, readOnly: true, pathType: File}]
etcd: {local: {imageTag: 3.7.3-0, dataDir: /srv/etcd, extraArgs: [{name: q, value: ""}], serverCertSANs: [a.b]}}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: 11250
healthzPort: 0
`);
  expect(config).toMatchObject({
    advertiseAddress: "10.0.0.5",
    bindPort: 7443,
    nodeName: "node01",
    taints: [],
    skipPhases: ["addon"],
    ignorePreflightErrors: ["Swap"],
    controlPlaneHealthTimeoutMs: 90_000,
    apiCallTimeoutMs: 120_000,
    kubelet: { port: 11250, healthzPort: 0 },
    cluster: {
      kubernetesVersion: "v1.36.1",
      clusterName: "dev",
      controlPlaneEndpoint: "api.example.com:443",
      certificatesDir: "/srv/pki",
      imageRepository: "example.com:5000/k8s",
      encryptionAlgorithm: "RSA-4096",
      certificateValidityMs: 86_400_000,
      caValidityMs: 172_800_000,
      serviceSubnet: "10.0.0.0/16,fd00::/108",
      podSubnet: "10.1.0.0/16",
      dnsDomain: "dev.local",
      apiServer: {
        certSANs: ["api.example.com", "*.example.com", "10.9.9.9"],
        extraArgs: [{ name: "v", value: "2" }],
        extraEnvs: [{ name: "A", value: "b" }],
        extraVolumes: [{ name: "x", hostPath: "/x", mountPath: "/y", readOnly: true, pathType: "File" }],
      },
      etcd: {
        imageTag: "3.7.3-0",
        dataDir: "/srv/etcd",
        extraArgs: [{ name: "q", value: "" }],
        serverCertSANs: ["a.b"],
      },
    },
  });
});

test("a flag wins over the file, and preflight errors to ignore add up", () => {
  const text = `${INIT}localAPIEndpoint: {bindPort: 7443}\nnodeRegistration: {ignorePreflightErrors: [Swap]}\n---\n${CLUSTER}networking: {podSubnet: 10.1.0.0/16}\n`;
  const { config } = parse(text, {
    apiserverBindPort: 8443,
    podNetworkCidr: "10.2.0.0/16",
    apiserverCertExtraSans: ["a.b"],
    ignorePreflightErrors: ["Mem"],
  });
  expect(config.bindPort).toBe(8443);
  expect(config.cluster.podSubnet).toBe("10.2.0.0/16");
  expect(config.cluster.apiServer.certSANs).toEqual(["a.b"]);
  expect(config.ignorePreflightErrors).toEqual(["Swap", "Mem"]);
});

test("an unspecified advertise address means not set", () => {
  expect(parse(undefined, { apiserverAdvertiseAddress: "0.0.0.0" }).config.advertiseAddress).toBeUndefined();
});

test("every error is told at once, each with its place", () => {
  expect(
    errorsOf(`${INIT}localAPIEndpoint:
  bindPort: 70000
nodeRegistraton: {}
---
${CLUSTER}kubernetesVersion: v1.30.0
networking:
  podSubnet: 10.96.0.0/16
  dnsDomain: 5
apiServer:
  extraArgs:
  - name: --v
    value: 2
`),
  ).toEqual([
    "f.yaml:5:1: nodeRegistraton: there is no such field; did you mean nodeRegistration?",
    "f.yaml:12:3: networking.dnsDomain: must be a text, not this number; put it in quotes",
    "f.yaml:16:5: apiServer.extraArgs[0].value: must be a text, not this number; put it in quotes",
    "f.yaml:4:3: localAPIEndpoint.bindPort: 70000 is not a port; ports are 1 to 65535",
    'f.yaml:9:1: kubernetesVersion: "v1.30.0" is not supported; supported are 1.34 to 1.37',
    `f.yaml:15:5: apiServer.extraArgs[0].name: "--v" is not a flag's name; write it without leading dashes, and its value in "value"`,
    "f.yaml:11:3: networking.podSubnet: 10.96.0.0/16 overlaps with the service network 10.96.0.0/12",
  ]);
});

test("a flag's error names the flag", () => {
  expect(errorsOf(`${CLUSTER}networking: {podSubnet: 10.1.0.0/16}\n`, { podNetworkCidr: "x" })).toEqual([
    '--pod-network-cidr: "x" is not a network; write it like 10.244.0.0/16',
  ]);
  expect(errorsOf(undefined, { apiserverCertExtraSans: ["a b"], nodeName: "_" })).toHaveLength(2);
});

describe("a file is refused", () => {
  test.each<readonly [string, string, RegExp]>([
    ["that is empty", "", /no InitConfiguration and no ClusterConfiguration/],
    ["that is no YAML", `${CLUSTER}a: [`, /^f\.yaml:3:5: /],
    ["with a key twice", `${CLUSTER}clusterName: a\nclusterName: b\n`, /^f\.yaml:4:1: .*unique/],
    ["with a kind twice", `${CLUSTER}---\n${CLUSTER}`, /^f\.yaml:4:1: a second ClusterConfiguration/],
    [
      "of an old version",
      CLUSTER.replace("v1beta4", "v1beta3"),
      /1:1: .*"kubeadm.k8s.io\/v1beta3".*migrate of v1\.36/,
    ],
    ["of an experimental version", CLUSTER.replace("v1beta4", "v1"), /write kubeadm\.k8s\.io\/v1beta4$/],
    ["of an unknown kind", CLUSTER.replace("kind: Cl", "kind: C"), /did you mean ClusterConfiguration/],
    ["without apiVersion", "kind: InitConfiguration\n", /apiVersion is missing/],
    ["that is a list", "- a\n", /not a Kubernetes object/],
    ["whose anchor contains itself", `${CLUSTER}apiServer: &a {certSANs: *a}\n`, /contains itself/],
    ["that only joins", INIT.replace("Init", "Join"), /no InitConfiguration/],
  ])("%s", (_name, text, message) => {
    expect(errorsOf(text).join("\n")).toMatch(message);
  });
});

test("documents that say nothing about init are named in a note", () => {
  const { notes } = parse(`${CLUSTER}---\n${INIT.replace("Init", "Join")}---\n# empty\n`);
  expect(notes).toEqual([
    "the document of kind JoinConfiguration (kubeadm.k8s.io/v1beta4) says nothing about init and was not read",
  ]);
});

describe("a field that has no effect here is refused by name", () => {
  test.each([
    [INIT, "certificateKey: abc", "certificateKey"],
    [INIT, "dryRun: true", "dryRun"],
    [INIT, "patches: {directory: /p}", "patches.directory"],
    [INIT, "nodeRegistration: {criSocket: unix:///run/crio.sock}", "nodeRegistration.criSocket"],
    [INIT, "nodeRegistration: {imagePullPolicy: Never}", "nodeRegistration.imagePullPolicy"],
    [INIT, "nodeRegistration: {imagePullSerial: false}", "nodeRegistration.imagePullSerial"],
    [INIT, "nodeRegistration: {kubeletExtraArgs: [{name: v}]}", "nodeRegistration.kubeletExtraArgs"],
    [INIT, "bootstrapTokens: [{token: 123456.abcdefabcdef1234}]", "bootstrapTokens[0]"],
    [CLUSTER, "etcd: {external: {endpoints: []}}", "etcd.external"],
    [CLUSTER, "dns: {imageTag: v1}", "dns.imageTag"],
    [CLUSTER, "featureGates: {RootlessControlPlane: true}", "featureGates.RootlessControlPlane"],
    [CLUSTER, "scheduler: {extraEnvs: [{name: A, valueFrom: {}}]}", "scheduler.extraEnvs[0].valueFrom"],
  ])("in a document %s%s", (head, line, field) => {
    expect(errorsOf(`${head}${line}\n`)).toEqual([
      expect.stringMatching(
        new RegExp(`^f.yaml:3:\\d+: ${field.replace(/[[\].]/g, "\\$&")}: not .*supported`),
      ),
    ]);
  });
});

test("no token is shown in a message", () => {
  expect(errorsOf(`${INIT}bootstrapTokens: [{token: 123456.abcdefabcdef1234}]\n`).join()).not.toContain(
    "abcdef",
  );
});

describe("networks", () => {
  test.each([
    ["10.0.0.0/29", "", /too small/],
    ["10.0.0.0/11", "", /too large for services/],
    ["10.0.0.0/16,10.1.0.0/16", "", /one of IPv4 and one of IPv6/],
    ["10.0.0.0/16", "10.1.0.0/28", /smaller than one node's share/],
    ["10.0.0.0/16", "11.0.0.0/7", /too large for shares of \/24/],
    ["10.0.0.0/16", "fd00::/40", /too large for shares of \/64/],
    ["fd00::/108", "10.1.0.0/29", /too small/],
    ["10.0.0.0/16", "10.0.5.0/24", /overlaps/],
  ])("services %s and pods %s are refused", (serviceCidr, podNetworkCidr, message) => {
    expect(errorsOf(undefined, { serviceCidr, podNetworkCidr }).join("\n")).toMatch(message);
  });

  test("of two families are accepted", () => {
    const flags = { serviceCidr: "10.0.0.0/16,fd00::/108", podNetworkCidr: "10.1.0.0/16,fd01::/48" };
    expect(parse(undefined, flags).config.cluster.podSubnet).toBe(flags.podNetworkCidr);
  });

  test("follow the controller manager's own share of a node", () => {
    const args = "controllerManager: {extraArgs: [{name: node-cidr-mask-size-ipv4, value: '26'}]}\n";
    expect(parse(`${CLUSTER}${args}`, { podNetworkCidr: "10.1.0.0/25" }).config.cluster.podSubnet).toBe(
      "10.1.0.0/25",
    );
  });

  test("of services must be of the advertise address's family", () => {
    expect(errorsOf(undefined, { apiserverAdvertiseAddress: "fd00::1" }).join()).toMatch(/family, IPv6/);
  });
});

test.each(["10.0.0", "224.0.0.1", "fe80::1", "169.254.1.1", "255.255.255.255"])(
  "%s cannot be advertised",
  (apiserverAdvertiseAddress) => {
    expect(errorsOf(undefined, { apiserverAdvertiseAddress })[0]).toMatch(/^--apiserver-advertise-address: /);
  },
);

test("a taint may be there once", () => {
  const taint = "{key: a, effect: NoSchedule}";
  expect(errorsOf(`${INIT}nodeRegistration: {taints: [${taint}, ${taint}]}\n`).join()).toMatch(
    /taints\[1\].*twice/,
  );
});

test("items of lists have what they need", () => {
  expect(
    errorsOf(`${CLUSTER}apiServer: {extraArgs: [{value: x}], extraVolumes: [{name: a, hostPath: /a}]}\n`),
  ).toEqual([
    "f.yaml:3:25: apiServer.extraArgs[0].name: this is needed",
    "f.yaml:3:53: apiServer.extraVolumes[0].mountPath: this is needed",
  ]);
});

test("any text as configuration gives a value or a SlipwayError", () => {
  const fragments = fc.constantFrom(
    "apiVersion: kubeadm.k8s.io/v1beta4\n",
    "kind: ClusterConfiguration\n",
    "kind: InitConfiguration\n",
    "---\n",
    "apiServer: ",
    "extraArgs: ",
    "etcd: {local: ",
    "networking: {podSubnet: ",
    "timeouts: {discovery: ",
    "featureGates: ",
    "nodeRegistration: {taints: ",
    "[",
    "]",
    "{",
    "}",
    "- ",
    ": ",
    "&a ",
    "*a ",
    "<<: ",
    "null",
    "~",
    "5",
    "1.5",
    "'",
    '"',
    "\n",
    "  ",
    "!!binary ",
    "__proto__: ",
    "toString: ",
  );
  const texts = fc.oneof(
    fc
      .array(fc.oneof({ weight: 8, arbitrary: fragments }, fc.string()), { maxLength: 20 })
      .map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("utf8")),
    fc.json().map((json) => `${CLUSTER}apiServer: ${json}\n`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SlipwayError);
      }
    }),
    { numRuns: 500 },
  );
});

test("a deep nest of lists is refused, not a crash", () => {
  expect(errorsOf(`${CLUSTER}apiServer: ${"[".repeat(50_000)}`)).not.toEqual([]);
  expect(errorsOf(`${CLUSTER}apiServer: ${"[".repeat(5_000)}${"]".repeat(5_000)}`)).not.toEqual([]);
});
