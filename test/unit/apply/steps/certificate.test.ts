import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { StepOf } from "../../../../src/apply/step-handler.ts";
import { certificateHandler } from "../../../../src/apply/steps/certificate.ts";
import { kubeconfigHandler } from "../../../../src/apply/steps/kubeconfig.ts";
import { serviceAccountKeysHandler } from "../../../../src/apply/steps/service-account-keys.ts";
import type { CertificateSpec } from "../../../../src/pki/types.ts";
import { sampleApplyContext } from "../../../support/apply-context.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const HOUR_MS = 3_600_000;
const system = createFakeSystem();
const foreign = sampleApplyContext("/");
const ours = sampleApplyContext("/", { isOurs: () => true });
let dir: string;

beforeEach(() => {
  dir = createTempTree({});
});

const CA_SPEC: CertificateSpec = {
  subject: { commonName: "kubernetes", organizations: [] },
  isCa: true,
  usages: [],
  dnsNames: ["kubernetes"],
  ipAddresses: [],
  algorithm: "ECDSA-P256",
  validityMs: 10 * HOUR_MS,
};

const LEAF_SPEC: CertificateSpec = {
  ...CA_SPEC,
  subject: { commonName: "kube-apiserver", organizations: [] },
  isCa: false,
  usages: ["serverAuth"],
  dnsNames: ["node01"],
  validityMs: HOUR_MS,
};

function pathsOf(name: string) {
  return { certPath: join(dir, `${name}.crt`), keyPath: join(dir, `${name}.key`) };
}

function caStep(name = "ca"): StepOf<"certificate"> {
  const base = { kind: "certificate", id: name, phase: "certs", title: "", needs: [] } as const;
  return { ...base, ...pathsOf(name), signer: undefined, spec: CA_SPEC, external: false };
}

function leafStep(change: Partial<StepOf<"certificate">> = {}): StepOf<"certificate"> {
  return { ...caStep("leaf"), signer: pathsOf("ca"), spec: LEAF_SPEC, ...change };
}

function kubeconfigStep(server = "https://10.0.0.1:6443"): StepOf<"kubeconfig"> {
  const certificate: CertificateSpec = {
    ...LEAF_SPEC,
    subject: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] },
    usages: ["clientAuth"],
    dnsNames: [],
  };
  return {
    kind: "kubeconfig",
    id: "kubeconfig/admin",
    phase: "kubeconfig",
    title: "",
    needs: [],
    path: join(dir, "admin.conf"),
    spec: { name: "admin", server, clusterName: "kubernetes", userName: "kubernetes-admin", certificate },
    caCertPath: pathsOf("ca").certPath,
    caKeyPath: pathsOf("ca").keyPath,
    external: false,
  };
}

function keysStep(): StepOf<"service-account-keys"> {
  return {
    kind: "service-account-keys",
    id: "certs/sa",
    phase: "certs",
    title: "",
    needs: [],
    keyPath: join(dir, "sa.key"),
    pubPath: join(dir, "sa.pub"),
    algorithm: "ECDSA-P256",
  };
}

async function makePair(): Promise<void> {
  await certificateHandler.apply(system, { step: caStep(), context: foreign });
  await certificateHandler.apply(system, { step: leafStep(), context: foreign });
}

test("a certificate that was made is kept, whoever made it", async () => {
  expect(await certificateHandler.observe(system, { step: caStep(), context: foreign })).toEqual({
    kind: "absent",
  });
  await makePair();
  for (const context of [foreign, ours]) {
    for (const step of [caStep(), leafStep()]) {
      expect(await certificateHandler.observe(system, { step, context })).toEqual({ kind: "done" });
    }
  }
});

test("keys are for their owner alone, certificates for all", async () => {
  await makePair();
  expect(statSync(pathsOf("leaf").keyPath).mode & 0o777).toBe(0o600);
  expect(statSync(pathsOf("leaf").certPath).mode & 0o777).toBe(0o644);
});

test("a leaf that lacks a name is refused when it is foreign and signed anew when it is ours", async () => {
  await makePair();
  const step = leafStep({ spec: { ...LEAF_SPEC, dnsNames: ["node01", "other"] } });
  await expect(certificateHandler.observe(system, { step, context: foreign })).rejects.toMatchObject({
    code: "SLIPWAY_CERT_SAN_MISSING",
  });
  expect(await certificateHandler.observe(system, { step, context: ours })).toMatchObject({
    kind: "differs",
    what: expect.stringContaining("other"),
  });
  await certificateHandler.apply(system, { step, context: ours });
  expect(await certificateHandler.observe(system, { step, context: ours })).toEqual({ kind: "done" });
});

test("a CA that has expired is never replaced, not even our own", async () => {
  await makePair();
  const later = createFakeSystem();
  await later.clock.advance(11 * HOUR_MS);
  await expect(certificateHandler.observe(later, { step: caStep(), context: ours })).rejects.toMatchObject({
    code: "SLIPWAY_CERT_EXPIRED",
  });
});

test("a leaf of another CA is refused", async () => {
  await makePair();
  await certificateHandler.apply(system, { step: caStep("ca2"), context: foreign });
  const step = leafStep({ signer: pathsOf("ca2") });
  await expect(certificateHandler.observe(system, { step, context: foreign })).rejects.toMatchObject({
    code: "SLIPWAY_CERT_WRONG_CA",
  });
});

test("nothing is signed with a key that is not the CA's", async () => {
  await makePair();
  const before = readFileSync(pathsOf("leaf").certPath, "utf8");
  await certificateHandler.apply(system, { step: caStep("ca2"), context: foreign });
  writeFileSync(pathsOf("ca").keyPath, readFileSync(pathsOf("ca2").keyPath));
  const refusal = { code: "SLIPWAY_CERT_KEY_MISMATCH", why: expect.stringContaining(pathsOf("ca").keyPath) };
  await expect(certificateHandler.apply(system, { step: leafStep(), context: ours })).rejects.toMatchObject(
    refusal,
  );
  await expect(
    kubeconfigHandler.apply(system, { step: kubeconfigStep(), context: ours }),
  ).rejects.toMatchObject(refusal);
  expect(readFileSync(pathsOf("leaf").certPath, "utf8")).toBe(before);
  expect(existsSync(kubeconfigStep().path)).toBe(false);
});

test("a directory in the place of a key is named, and not the certificate", async () => {
  await makePair();
  rmSync(pathsOf("ca").keyPath);
  mkdirSync(pathsOf("ca").keyPath);
  await expect(certificateHandler.observe(system, { step: caStep(), context: ours })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    what: `cannot read ${pathsOf("ca").keyPath}`,
  });
});

test("a key without its certificate is made anew when it is ours, and refused otherwise", async () => {
  await makePair();
  rmSync(pathsOf("leaf").certPath);
  expect(await certificateHandler.observe(system, { step: leafStep(), context: ours })).toEqual({
    kind: "absent",
  });
  await expect(
    certificateHandler.observe(system, { step: leafStep(), context: foreign }),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^SLIPWAY_CERT_/) });
});

test("an apply that was killed between key and certificate is mended by the next", async () => {
  await makePair();
  const oldCert = readFileSync(pathsOf("leaf").certPath);
  await certificateHandler.apply(system, { step: leafStep(), context: ours });
  writeFileSync(pathsOf("leaf").certPath, oldCert);
  expect(await certificateHandler.observe(system, { step: leafStep(), context: ours })).toMatchObject({
    kind: "differs",
  });
});

test("of a CA whose key is elsewhere what is there is kept and what is missing is refused", async () => {
  await makePair();
  rmSync(pathsOf("ca").keyPath);
  const steps = [
    { ...caStep(), external: true },
    { ...leafStep(), external: true },
  ];
  for (const step of steps) {
    expect(await certificateHandler.observe(system, { step, context: foreign })).toEqual({ kind: "done" });
  }
  rmSync(pathsOf("leaf").certPath);
  const missing = { ...leafStep(), external: true };
  await expect(certificateHandler.observe(system, { step: missing, context: ours })).rejects.toMatchObject({
    code: "SLIPWAY_EXTERNAL_CA",
  });
  const kubeconfig = { ...kubeconfigStep(), external: true };
  await expect(kubeconfigHandler.observe(system, { step: kubeconfig, context: ours })).rejects.toMatchObject({
    code: "SLIPWAY_EXTERNAL_CA",
  });
});

test("a kubeconfig that fits is kept and is for its owner alone", async () => {
  await makePair();
  const step = kubeconfigStep();
  expect(await kubeconfigHandler.observe(system, { step, context: foreign })).toEqual({ kind: "absent" });
  await kubeconfigHandler.apply(system, { step, context: foreign });
  expect(await kubeconfigHandler.observe(system, { step, context: foreign })).toEqual({ kind: "done" });
  expect(statSync(step.path).mode & 0o777).toBe(0o600);
});

test("a kubeconfig for another server is refused when it is foreign and written anew when it is ours", async () => {
  await makePair();
  await kubeconfigHandler.apply(system, { step: kubeconfigStep(), context: foreign });
  const step = kubeconfigStep("https://10.0.0.2:6443");
  await expect(kubeconfigHandler.observe(system, { step, context: foreign })).rejects.toMatchObject({
    code: "SLIPWAY_KUBECONFIG_INVALID",
  });
  expect(await kubeconfigHandler.observe(system, { step, context: ours })).toMatchObject({ kind: "differs" });
  await kubeconfigHandler.apply(system, { step, context: ours });
  expect(await kubeconfigHandler.observe(system, { step, context: foreign })).toEqual({ kind: "done" });
});

test("what differs is told without any part of a key", async () => {
  await makePair();
  await kubeconfigHandler.apply(system, { step: kubeconfigStep(), context: ours });
  const step = kubeconfigStep("https://10.0.0.2:6443");
  const seen = JSON.stringify(await kubeconfigHandler.observe(system, { step, context: ours }));
  expect(seen).not.toMatch(/PRIVATE|client-key-data|LS0tLS1/);
});

test("service account keys that fit each other are kept", async () => {
  const step = keysStep();
  expect(await serviceAccountKeysHandler.observe(system, { step, context: foreign })).toEqual({
    kind: "absent",
  });
  await serviceAccountKeysHandler.apply(system, { step, context: foreign });
  expect(await serviceAccountKeysHandler.observe(system, { step, context: foreign })).toEqual({
    kind: "done",
  });
});

test("an apply that was killed after the public key is gone on with when that key is ours", async () => {
  const step = keysStep();
  await serviceAccountKeysHandler.apply(system, { step, context: ours });
  rmSync(step.keyPath);
  expect(existsSync(step.pubPath)).toBe(true);
  expect(await serviceAccountKeysHandler.observe(system, { step, context: ours })).toEqual({
    kind: "absent",
  });
  await expect(serviceAccountKeysHandler.observe(system, { step, context: foreign })).rejects.toMatchObject({
    code: "SLIPWAY_CERT_KEY_MISSING",
  });
});
