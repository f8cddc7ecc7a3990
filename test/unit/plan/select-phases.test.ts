import { beforeAll, expect, test } from "vitest";
import { buildPlan, INIT_PHASES, skipsPhase } from "../../../src/plan/build-plan.ts";
import type { PlanInput } from "../../../src/plan/phase.ts";
import { listLeaves, selectLeaves } from "../../../src/plan/select-phases.ts";
import { samplePlanInput } from "../../support/plan-input.ts";

let input: PlanInput;

beforeAll(async () => {
  input = await samplePlanInput();
});

function idsOf(only: readonly string[], changes: Partial<PlanInput> = {}): readonly string[] {
  return buildPlan({ ...input, ...changes }, { only })
    .steps.map(({ id }) => id)
    .filter((id) => !id.startsWith("dir:"));
}

test("the tree has kubeadm's phases and parts", () => {
  const paths = listLeaves(INIT_PHASES).map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["preflight", "certs/etcd-ca", "certs/sa", "etcd/local"]));
  expect(paths).toEqual(
    expect.arrayContaining([
      "control-plane/apiserver",
      "kubeconfig/super-admin",
      "upload-config/kubelet",
      "kubelet-finalize/enable-client-cert-rotation",
      "addon/kube-proxy",
      "show-join-command",
    ]),
  );
});

test.each([
  ["certs", 11],
  ["certs/all", 11],
  ["Certs/SA", 1],
  ["uploadconfig", 2],
  ["uploadconfig/kubelet", 1],
  ["bootstraptoken", 1],
])("%s selects %i", (name, count) => {
  expect(selectLeaves(INIT_PHASES, [name])).toHaveLength(count);
});

test("an unknown part is refused with the nearest", () => {
  expect(() => selectLeaves(INIT_PHASES, ["certs/apisever"])).toThrow(
    expect.objectContaining({ code: "SLIPWAY_USAGE", fix: 'did you mean "certs/apiserver"?' }),
  );
});

test("a part alone has its own steps and no needs outside", () => {
  expect(idsOf(["certs/apiserver"])).toEqual(["certs/apiserver"]);
  expect(idsOf(["control-plane/scheduler"])).toEqual(["manifest/kube-scheduler"]);
  expect(idsOf(["kubeconfig/admin"])).toEqual(["kubeconfig/admin"]);
  expect(idsOf(["addon/coredns"])).toContain("object/Deployment/kube-system/coredns");
  expect(idsOf(["addon/coredns"])).not.toContain("object/DaemonSet/kube-system/kube-proxy");
});

test("a part that is skipped stays out when its phase is asked for", () => {
  const config = { ...input.config, skipPhases: ["certs/sa", "addon/kube-proxy"] };
  expect(idsOf(["certs/all"], { config })).not.toContain("certs/sa");
  expect(idsOf(["addon/all"], { config }).join()).not.toContain("DaemonSet");
  expect(skipsPhase(config.skipPhases, "certs/sa")).toBe(true);
  expect(skipsPhase(config.skipPhases, "preflight")).toBe(false);
});

test("a skipped add-on is stored as disabled", () => {
  const config = { ...input.config, skipPhases: ["addon"] };
  const plan = buildPlan({ ...input, config }, { only: ["upload-config/kubeadm"] });
  const map = plan.steps.find(({ id }) => id === "object/ConfigMap/kube-system/kubeadm-config");
  expect(JSON.stringify(map)).toContain("dns:\\n  disabled: true");
  expect(JSON.stringify(map)).toContain("proxy:\\n  disabled: true");
});

test("certificates of a CA whose key is elsewhere are not uploaded", () => {
  const config = { ...input.config, externalAuthorities: ["front-proxy-ca" as const] };
  expect(() => buildPlan({ ...input, config, uploadCerts: true })).toThrowError(
    expect.objectContaining({ code: "SLIPWAY_EXTERNAL_CA", why: expect.stringContaining("front-proxy-ca") }),
  );
});

test("certificates are uploaded and add-ons installed only when asked for", () => {
  const all = (changes: Partial<PlanInput>) => buildPlan({ ...input, ...changes }).steps.map(({ id }) => id);
  expect(all({}).join()).not.toMatch(/upload-certs|coredns/);
  expect(all({ uploadCerts: true, addons: true })).toEqual(
    expect.arrayContaining(["upload-certs", "object/Deployment/kube-system/coredns"]),
  );
});

test("with a kubelet as the runtime, phases alone ask the API server, and no runner", () => {
  const plan = buildPlan({ ...input, runtime: "external" }, { only: ["wait-control-plane"] });
  expect(plan.steps.some(({ kind }) => kind === "wait-ready")).toBe(false);
  expect(plan.steps.filter((step) => step.kind === "wait-component" && step.runtime !== "external")).toEqual(
    [],
  );
});

test("the values of tokens and keys are no part of a plan", () => {
  const config = {
    ...input.config,
    certificateKey: "ab".repeat(32),
    bootstrapTokens: input.config.bootstrapTokens.map((token) => ({
      ...token,
      token: "abcdef.0123456789abcdeg",
    })),
  };
  const text = JSON.stringify(buildPlan({ ...input, config, uploadCerts: true }));
  expect(text).not.toContain("0123456789abcdeg");
  expect(text).not.toContain(config.certificateKey);
});
