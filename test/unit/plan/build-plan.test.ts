import { dirname } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { InitConfig } from "../../../src/config/types.ts";
import { buildPlan, INIT_PHASES } from "../../../src/plan/build-plan.ts";
import type { PlanInput } from "../../../src/plan/phase.ts";
import type { Plan, Step } from "../../../src/plan/types.ts";
import { samplePlanInput } from "../../support/plan-input.ts";

const PHASE_NAMES = INIT_PHASES.map(({ name }) => name);

/** What the command does itself, and what is done only when it is asked for. */
const WITHOUT_STEPS = ["preflight", "upload-certs", "kubelet-finalize", "addon", "show-join-command"];

let input: PlanInput;

beforeAll(async () => {
  input = await samplePlanInput();
});

function planWith(changes: Partial<InitConfig>, others: Partial<PlanInput> = {}): Plan {
  return buildPlan({ ...input, ...others, config: { ...input.config, ...changes } });
}

function stepOf(plan: Plan, id: string): Step {
  const step = plan.steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
}

test("a directory for etcd's data is ours only where an etcd of ours is planned", () => {
  const certificates = "/var/lib/kubelet/pki";
  const { dataDir } = input.config.cluster.etcd;
  const externalEtcd = { endpoints: [], httpEndpoints: [], caFile: "", certFile: "", keyFile: "" };
  expect(buildPlan(input).sharedTrees).toEqual([dataDir, certificates]);
  expect(planWith({ cluster: { ...input.config.cluster, externalEtcd } }).sharedTrees).toEqual([
    certificates,
  ]);
  expect(buildPlan(input, { only: ["certs"] }).sharedTrees).toEqual([]);
});

/** Everything that is done before a step, however far back. */
function allNeeds(plan: Plan, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (step: Step): void => {
    const urgent =
      step.after?.filter((other) => plan.steps.some((candidate) => candidate.id === other)) ?? [];
    for (const need of [...step.needs, ...urgent]) {
      if (found.has(need)) continue;
      found.add(need);
      visit(stepOf(plan, need));
    }
  };
  visit(stepOf(plan, id));
  return found;
}

const anyInput = fc.record({
  skipPhases: fc.subarray(PHASE_NAMES),
  runtime: fc.constantFrom("host" as const, "external" as const),
  kubeconfigFor: fc.constantFrom(undefined, { uid: 1000, gid: 1000, homeDir: "/home/me" }),
});

test("whatever is skipped, ids are unique, needs are there and no step waits for itself", () => {
  fc.assert(
    fc.property(anyInput, ({ skipPhases, ...others }) => {
      const plan = planWith({ skipPhases }, others);
      const ids = plan.steps.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { id, needs } of plan.steps) {
        expect(needs.filter((need) => !ids.includes(need))).toEqual([]);
        expect(allNeeds(plan, id).has(id)).toBe(false);
      }
    }),
  );
});

test("whatever is skipped, phases are those that have steps, in the order in which they are shown", () => {
  fc.assert(
    fc.property(anyInput, ({ skipPhases, ...others }) => {
      const plan = planWith({ skipPhases }, others);
      const shown = plan.phases.map(({ name }) => name);
      expect(shown).toEqual(PHASE_NAMES.filter((name) => plan.steps.some(({ phase }) => phase === name)));
      expect(shown.filter((name) => skipPhases.includes(name))).toEqual([]);
      expect(plan.steps.filter(({ phase }) => !shown.includes(phase))).toEqual([]);
    }),
  );
});

test("whatever is skipped, no two steps make the same path", () => {
  fc.assert(
    fc.property(anyInput, ({ skipPhases, ...others }) => {
      const paths = planWith({ skipPhases }, others).steps.flatMap((step) =>
        "path" in step && step.kind !== "wait-object" ? [step.path] : [],
      );
      expect(new Set(paths).size).toBe(paths.length);
    }),
  );
});

test("a plan is plain data and holds no secret", () => {
  const plan = planWith({}, { kubeconfigFor: { uid: 1000, gid: 1000, homeDir: "/home/me" } });
  const text = JSON.stringify(plan);
  expect(JSON.parse(text)).toEqual(plan);
  expect(text).not.toMatch(/PRIVATE KEY|BEGIN CERTIFICATE|client-key-data|"token"/);
});

test("the same input gives the same plan", () => {
  expect(planWith({})).toEqual(planWith({}));
});

test("every other phase of init has steps on the host runtime", () => {
  expect(planWith({}).phases.map(({ name }) => name)).toEqual(
    PHASE_NAMES.filter((name) => !WITHOUT_STEPS.includes(name)),
  );
});

test("etcd is started before the other certificates are there", () => {
  const needs = [...allNeeds(planWith({}), "manifest/etcd")].filter((id) => !id.startsWith("dir:"));
  expect(needs.toSorted()).toEqual([
    "certs/etcd/ca",
    "certs/etcd/healthcheck-client",
    "certs/etcd/peer",
    "certs/etcd/server",
  ]);
});

test("the API server is started after etcd, and the others when the API server answers", () => {
  const plan = planWith({});
  expect(stepOf(plan, "manifest/kube-apiserver").needs).toEqual(
    expect.arrayContaining(["manifest/etcd", "certs/sa", "certs/apiserver", "certs/front-proxy-client"]),
  );
  expect(allNeeds(plan, "manifest/kube-apiserver")).not.toContain("wait/kube-apiserver");
  for (const name of ["controller-manager", "scheduler"]) {
    expect(stepOf(plan, `manifest/kube-${name}`).needs).toEqual(
      expect.arrayContaining(["wait/kube-apiserver", `kubeconfig/${name}`]),
    );
  }
});

test("a component is waited for when its manifest is there and the runner answers", () => {
  const plan = planWith({});
  for (const component of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
    const needs = stepOf(plan, `wait/${component}`).needs;
    expect(needs).toEqual(expect.arrayContaining(["runner", `manifest/${component}`]));
  }
});

test("the API server starts beside etcd, and is waited for when etcd is ready", () => {
  const plan = planWith({});
  expect([...allNeeds(plan, "manifest/kube-apiserver")]).not.toContain("wait/etcd");
  expect(stepOf(plan, "answers/kube-apiserver").needs).toContain("wait/etcd");
  expect(stepOf(plan, "wait/kube-apiserver").needs).toContain("answers/kube-apiserver");
});

test("the API server gets its first objects while it makes its own roles", () => {
  const plan = planWith({});
  expect(stepOf(plan, "answers/kube-apiserver")).toMatchObject({
    url: expect.stringMatching(
      /readyz\?exclude=.*rbac.bootstrap-roles&exclude=.*bootstrap-system-priority-classes$/,
    ),
    kubeconfigPath: "/etc/kubernetes/super-admin.conf",
    needs: expect.arrayContaining(["wait/etcd", "kubeconfig/super-admin"]),
  });
  const steps = plan.steps.filter(({ kind }) => kind === "api-object");
  expect(steps.length).toBeGreaterThan(10);
  for (const { id } of steps) expect(allNeeds(plan, id)).not.toContain("wait/kube-apiserver");
});

test("each certificate that a CA signs needs that CA first", () => {
  const plan = planWith({});
  const signed = plan.steps.filter((step) => step.kind === "certificate" && step.signer !== undefined);
  expect(signed.length).toBeGreaterThan(0);
  for (const { id } of signed)
    expect(stepOf(plan, id).needs.join()).toMatch(/certs\/(?:front-proxy-|etcd\/)?ca/);
});

test("every file is made after the directory it is in", () => {
  const plan = planWith({});
  const dirs = plan.steps.filter((step) => step.kind === "directory");
  for (const step of plan.steps) {
    if (step.kind !== "file" && step.kind !== "kubeconfig" && step.kind !== "certificate") continue;
    const parent = dirname("path" in step ? step.path : step.certPath);
    const needed = dirs.filter(({ id }) => allNeeds(plan, step.id).has(id));
    expect(needed.some(({ path }) => `${path}/`.startsWith(`${parent}/`))).toBe(true);
  }
});

test("skipping a phase leaves out its steps, and what needed them goes on without", () => {
  const plan = planWith({ skipPhases: ["kubelet-start", "wait-control-plane"] });
  expect(plan.steps.some(({ id }) => id === "runner" || id.startsWith("wait/"))).toBe(false);
  expect(allNeeds(plan, "manifest/kube-apiserver")).not.toContain("wait/etcd");
});

test("where the manifests are left as they are, whatever they say is waited for", () => {
  const plan = planWith({ skipPhases: ["control-plane"] });
  expect(stepOf(plan, "wait/kube-apiserver")).toMatchObject({ podUid: undefined });
  expect(stepOf(plan, "wait/etcd")).toMatchObject({ podUid: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

test("preflight may be skipped by name although it has no steps", () => {
  expect(planWith({ skipPhases: ["preflight"] })).toEqual(planWith({}));
});

test("an unknown phase is refused and the nearest one is named", () => {
  expect(() => planWith({ skipPhases: ["cert"] })).toThrow(
    expect.objectContaining({ code: "SLIPWAY_USAGE", fix: 'did you mean "certs"?' }),
  );
  expect(() => planWith({ skipPhases: ["zzzzzzzzzzzz"] })).toThrow(
    expect.objectContaining({ code: "SLIPWAY_USAGE", fix: expect.stringContaining("certs") }),
  );
});

test("with an external runtime nothing is started, waited for or asked of the API server", () => {
  const plan = planWith({}, { runtime: "external" });
  const kinds = new Set(plan.steps.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual([
    "certificate",
    "directory",
    "file",
    "kubeconfig",
    "service-account-keys",
  ]);
  expect(plan.steps.filter(({ id }) => id.startsWith("manifest/"))).toHaveLength(4);
  expect(JSON.stringify(plan.steps)).not.toContain(input.paths.runnerConfigPath);
});

test("an external runtime's state directory is a tree of ours all the same: the ledger lies there", () => {
  expect(planWith({}, { runtime: "external" }).trees).toContain(input.paths.stateDir);
});

test("manifests, kubeconfigs and the runner's configuration are for their owner alone", () => {
  const files = planWith({}).steps.filter(
    (step) => step.kind === "file" && !step.path.startsWith(input.paths.kubeletDir),
  );
  expect(files).toHaveLength(5);
  expect(files.filter((step) => step.kind === "file" && step.mode !== 0o600)).toEqual([]);
});

test("a copy of the administrator's kubeconfig is made only for a user who wants one", () => {
  expect(planWith({}).steps.some(({ kind }) => kind === "copy-kubeconfig")).toBe(false);
  const plan = planWith({}, { kubeconfigFor: { uid: 1000, gid: 100, homeDir: "/home/me" } });
  expect(stepOf(plan, "kubeconfig/user")).toMatchObject({
    path: "/home/me/.kube/config",
    uid: 1000,
    gid: 100,
    needs: ["kubeconfig/admin"],
  });
});

test("a step that phases share stands where the first of them has it", () => {
  const ids = planWith({}).steps.map(({ id }) => id);
  const dir = `dir:${input.config.cluster.certificatesDir}/etcd`;
  expect(ids.indexOf(dir)).toBeGreaterThanOrEqual(0);
  expect(ids.indexOf(dir)).toBeLessThan(ids.indexOf("certs/etcd/ca"));
});
