import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SlipwayError } from "../../../src/core/errors.ts";
import { CLUSTER, errorsOf, INIT, KUBELET, parse } from "../../support/parse-config.ts";

test("errors stand in the order of the file, those of flags last", () => {
  const text = `${CLUSTER}networking: { podSubnet: 10.9 }\nclusterNme: a\n---\n${INIT}localAPIEndpoint: { bindPort: 70000 }\n`;
  const errors = errorsOf(text, { serviceCidr: "10.8" });
  const lines = errors.slice(0, -1).map((line) => Number(line.split(":")[1]));
  expect(new Set(lines)).toEqual(new Set([3, 4, 8]));
  expect(lines).toEqual(lines.toSorted((left, right) => left - right));
  expect(errors.at(-1)).toContain("--service-cidr");
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
    "f.yaml:4:3: localAPIEndpoint.bindPort: 70000 is not a port; ports are 1 to 65535",
    "f.yaml:5:1: nodeRegistraton: there is no such field; did you mean nodeRegistration?",
    'f.yaml:9:1: kubernetesVersion: "v1.30.0" is not supported; supported are 1.34 to 1.37',
    "f.yaml:11:3: networking.podSubnet: 10.96.0.0/16 overlaps with the service network 10.96.0.0/12",
    "f.yaml:12:3: networking.dnsDomain: must be a text, not this number; put it in quotes",
    `f.yaml:15:5: apiServer.extraArgs[0].name: "--v" is not a flag's name; write it without leading dashes, and its value in "value"`,
    "f.yaml:16:5: apiServer.extraArgs[0].value: must be a text, not this number; put it in quotes",
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
    ["with a key twice", `${CLUSTER}clusterName: a\nclusterName: b\n`, /^f\.yaml:4:1: .*twice/],
    ["with a kind twice", `${CLUSTER}---\n${CLUSTER}`, /^f\.yaml:4:1: a second ClusterConfiguration/],
    [
      "of an old version",
      CLUSTER.replace("v1beta4", "v1beta2"),
      /1:1: .*"kubeadm.k8s.io\/v1beta2".*migrate of v1\.22/,
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

describe("a field is refused by name", () => {
  test.each<readonly [string, string, RegExp]>([
    [INIT, "certificateKey: abc", /: certificateKey: .*64 hexadecimal/],
    [INIT, "nodeRegistration: {criSocket: http://x}", /criSocket: .*not a socket/],
    [INIT, "nodeRegistration: {imagePullPolicy: Sometimes}", /imagePullPolicy: .*not one of Always/],
    [
      INIT,
      "nodeRegistration: {kubeletExtraArgs: [{value: v}]}",
      /kubeletExtraArgs\[0\]\.name: this is needed/,
    ],
    [INIT, "bootstrapTokens: [{token: 123456.ABC}]", /bootstrapTokens\[0\]\.token: this is no token/],
    [INIT, "bootstrapTokens: [{usages: [reading]}]", /usages: "reading" is not one of signing/],
    [INIT, "bootstrapTokens: [{groups: [admins]}]", /groups: "admins" does not begin/],
    [INIT, "bootstrapTokens: [{groups: ['system:bootstrappers:a'], usages: [signing]}]", /need the usage/],
    [INIT, "bootstrapTokens: [{ttl: 1h, expires: '2030-01-01T00:00:00Z'}]", /only one of them/],
    [INIT, "bootstrapTokens: [{expires: tomorrow}]", /is not a time/],
    [CLUSTER, "etcd: {external: {endpoints: []}}", /endpoints: at least one/],
    [CLUSTER, "etcd: {external: {endpoints: ['http://a:1'], caFile: /a}}", /must begin with https/],
    [CLUSTER, "etcd: {external: {endpoints: ['https://a:1'], certFile: /a}}", /belong together/],
    [CLUSTER, "etcd: {external: {endpoints: ['https://a:1']}, local: {}}", /exclude each other/],
    [
      CLUSTER,
      "featureGates: {RootlessControlPlane: true}",
      /featureGates\.RootlessControlPlane: .*not to be had/,
    ],
    [CLUSTER, "featureGates: {PublicKeysECDSA: true}", /write encryptionAlgorithm: ECDSA-P256/],
    [CLUSTER, "featureGates: {RootlesControlPlane: true}", /did you mean RootlessControlPlane/],
    [CLUSTER, "scheduler: {extraEnvs: [{name: A, valueFrom: {fielRef: {}}}]}", /did you mean fieldRef/],
    [`${CLUSTER}---\n${KUBELET}`, "maxPodz: 3", /^f\.yaml:6:1: maxPodz: .*did you mean maxPods/],
    [`${CLUSTER}---\n${KUBELET}`, "staticPodPath: /x", /staticPodPath: .*nowhere else/],
  ])("in a document %s%s", (head, line, message) => {
    expect(errorsOf(`${head}${line}\n`).join("\n")).toMatch(message);
  });
});

test("no token is shown in a message", () => {
  expect(errorsOf(`${INIT}bootstrapTokens: [{token: 123456.ABCdefabcdef1234}]\n`).join()).not.toContain(
    "defabcdef",
  );
});

test("v1beta3 is judged by its own fields, at their place", () => {
  expect(
    errorsOf(
      `${CLUSTER.replace("v1beta4", "v1beta3")}encryptionAlgorithm: RSA-2048\napiServer:\n  extraArgs:\n    v: 2\n`,
    ),
  ).toEqual([
    expect.stringMatching(/^f\.yaml:3:1: encryptionAlgorithm: there is no such field/),
    "f.yaml:6:5: apiServer.extraArgs.v: must be a text, not this number; put it in quotes",
  ]);
});

describe("networks", () => {
  test.each([
    ["10.0.0.0/29", "", /too small/],
    ["10.0.0.0/11", "", /too large for services/],
    ["10.0.0.0/16,10.1.0.0/16", "", /one of IPv4 and one of IPv6/],
    ["10.0.0.0/16", "10.1.0.0/28", /smaller than one node's share/],
    [
      "10.0.0.0/16",
      "11.0.0.0/7",
      /11\.0\.0\.0\/7 \(that is 10\.0\.0\.0\/7\) is too large for shares of \/24/,
    ],
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
