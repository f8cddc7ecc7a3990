import { expect, test } from "vitest";
import { describeGateProblem } from "../../../src/config/feature-gates.ts";
import { parseInitConfig } from "../../../src/config/parse-init-config.ts";

const on = (name: string, version: string) => describeGateProblem({ name, on: true }, version);
const off = (name: string, version: string) => describeGateProblem({ name, on: false }, version);

test("a gate counts for the minors whose kubeadm knows it", () => {
  const minors = ["v1.34.4", "v1.35.4", "v1.36.3", "v1.37.2"];
  const known = (name: string) => minors.filter((version) => on(name, version) === undefined);
  expect(known("PublicKeysECDSA")).toEqual(minors.slice(0, 3));
  expect(known("NodeLocalCRISocket")).toEqual(minors.slice(0, 3));
  expect(known("ControlPlaneKubeletLocalMode")).toEqual(minors.slice(0, 2));
  expect(known("WaitForAllControlPlaneComponents")).toEqual(minors.slice(0, 1));
});

test("what is always on here cannot be turned off, and what is not to be had not on", () => {
  expect(off("NodeLocalCRISocket", "v1.35.4")).toContain("always on here");
  expect(on("RootlessControlPlane", "v1.37.2")).toContain("not to be had");
  expect(off("RootlessControlPlane", "v1.37.2")).toBeUndefined();
});

test("an unknown gate is told with those that are known, a misspelt one with its name", () => {
  expect(on("Whatever", "v1.34.4")).toBe(
    'kubeadm 1.34 has no feature gate "Whatever"; known: RootlessControlPlane, PublicKeysECDSA, NodeLocalCRISocket, ControlPlaneKubeletLocalMode, WaitForAllControlPlaneComponents',
  );
  expect(on("RootlesControlPlane", "v1.37.2")).toContain("did you mean RootlessControlPlane?");
  expect(on("PublicKeysECDSA", "v1.37.2")).toContain("write encryptionAlgorithm: ECDSA-P256 instead");
});

test.each([
  [true, "ECDSA-P256"],
  [false, "RSA-2048"],
])("PublicKeysECDSA=%s of an older minor chooses %s", (value, algorithm) => {
  const flags = { kubernetesVersion: "v1.36.3", featureGates: { PublicKeysECDSA: value } };
  const { config } = parseInitConfig({ text: undefined, flags });
  expect(config.cluster.encryptionAlgorithm).toBe(algorithm);
});

test("a problem of the flag names the flag", () => {
  const flags = { featureGates: { Whatever: true } };
  expect(() => parseInitConfig({ text: undefined, flags })).toThrowError(
    expect.objectContaining({
      details: [expect.stringMatching(/^--feature-gates: kubeadm 1\.37 has no feature gate/)],
    }),
  );
});
