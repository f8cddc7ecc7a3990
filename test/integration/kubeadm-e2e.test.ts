import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { BUILD_TIMEOUT_MS, findKubeadmTests } from "../support/kubeadm/find-kubeadm.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";

/** The specs of Kubernetes' own test/e2e_kubeadm that a run does not pass, each with its reason. */
const SKIPPED_ON_ONE_STACK = {
  "networking [setup-networking] dual-stack podSubnet should be properly configured if specified in kubeadm-config":
    "it looks at a dual-stack cluster, as the second test here does",
};

/** What each spec came to, by its full name without the prefix that all have. */
type Outcomes = Readonly<Record<string, string>>;

interface SpecReport {
  readonly ContainerHierarchyTexts: readonly string[] | null;
  readonly LeafNodeType: string;
  readonly LeafNodeText: string;
  readonly State: string;
  readonly Failure?: { readonly Message: string };
}

let program: string;
let plane: TestPlane;
let reportDir: string;

beforeAll(async () => {
  program = await findKubeadmTests();
}, BUILD_TIMEOUT_MS);

beforeEach(async () => {
  plane = await preparePlane();
  reportDir = await mkdtemp(join(tmpdir(), "slipway-e2e-"));
});
afterEach(async () => {
  await plane.destroy();
  await rm(reportDir, { recursive: true });
});

/**
 * Brings the plane up, and waits for what the suite looks at and the controller-manager does soon after: its node's pod
 * network, cluster-info's signatures.
 */
async function startPlane(...args: readonly string[]): Promise<void> {
  succeed(await plane.init("--yes", ...args));
  const wait = ["wait", "--timeout=60s"];
  await plane.kubectl(...wait, "--for=jsonpath={.spec.podCIDR}", "node/node-a");
  const clusterInfo = ["get", "cm", "-n", "kube-public", "cluster-info", "-o", "jsonpath={.data}"];
  await expect.poll(() => plane.kubectl(...clusterInfo), { timeout: 60_000 }).toContain('"jws-kubeconfig-');
}

/** Runs the suite's specs whose names match; those that do not are not among the outcomes. */
async function runSpecs(focus: string): Promise<Outcomes> {
  const reportPath = join(reportDir, "report.json");
  const args = ["--provider=skeleton", `--kubeconfig=${plane.path("etc/kubernetes/admin.conf")}`];
  await execa(program, [...args, `--ginkgo.focus=${focus}`, `--ginkgo.json-report=${reportPath}`], {
    reject: false,
    cwd: reportDir,
  });
  const [{ SpecReports: reports } = { SpecReports: [] }] = JSON.parse(await readFile(reportPath, "utf8")) as {
    SpecReports: readonly SpecReport[];
  }[];
  const isRun = ({ LeafNodeType, LeafNodeText, ContainerHierarchyTexts, State, Failure }: SpecReport) =>
    LeafNodeType === "It" &&
    !(State === "skipped" && Failure === undefined) &&
    new RegExp(focus).test([...(ContainerHierarchyTexts ?? []), LeafNodeText].join(" "));
  return Object.fromEntries(
    reports.filter(isRun).map((report) => {
      const words = [...(report.ContainerHierarchyTexts ?? []), report.LeafNodeText].join(" ");
      const name = words.replace("[sig-cluster-lifecycle] [area-kubeadm] ", "");
      return [name, report.State === "failed" ? `failed: ${report.Failure?.Message}` : report.State];
    }),
  );
}

// Some 35 s: two of the specs wait for tokens to end.
test("every spec of Kubernetes' own suite for kubeadm passes on a control plane of Slipway's", async () => {
  await startPlane("--addons", "--upload-certs");
  const outcomes = await runSpecs("area-kubeadm");
  expect(Object.keys(outcomes).length).toBeGreaterThanOrEqual(36);
  const others = Object.entries(outcomes).filter(([, state]) => state !== "passed");
  expect(Object.fromEntries(others)).toEqual(
    Object.fromEntries(Object.keys(SKIPPED_ON_ONE_STACK).map((name) => [name, "skipped"])),
  );
});

test("the spec of a dual-stack cluster passes on one", async () => {
  await plane.editConfig((text) =>
    text.replace(
      "podSubnet: 10.244.0.0/16",
      "podSubnet: '10.244.0.0/16,fd00:244::/56', serviceSubnet: '10.96.0.0/16,fd00:96::/112'",
    ),
  );
  await startPlane();
  const [[name, state] = []] = Object.entries(await runSpecs("networking.*dual-stack podSubnet"));
  expect([name, state]).toEqual([Object.keys(SKIPPED_ON_ONE_STACK)[0], "passed"]);
});
