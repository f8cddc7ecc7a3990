import { expect, test } from "vitest";
import { formatDoctor } from "../../../../src/cli/format/format-doctor.ts";
import { type DiagnosisAnswer, runDoctor } from "../../../../src/commands/doctor/doctor.ts";
import { parseFlags } from "../../../../src/manifests/flags.ts";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";
import { buildRunnerInfo, createRunnerNet } from "../../../support/fake-runner.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree, type TreeEntry } from "../../../support/temp-tree.ts";

function diagnose(entries: Readonly<Record<string, TreeEntry>>, configPath?: string) {
  const rootDir = createTempTree({ "/proc/1/cmdline": "init\0", ...entries });
  const system = createFakeSystem({ rootDir });
  return runDoctor(system, { root: "/", configPath });
}

function names({ findings }: DiagnosisAnswer): readonly string[] {
  return findings.map(({ name, severity }) => `${severity} ${name}`);
}

test("a machine before init is judged as its preflight would, and lacking programs are told", async () => {
  const answer = await diagnose({
    "/etc/kubernetes/manifests/etcd.yaml": "kind: Pod\n",
    "/proc/self/limits": "Max open files            64                  64                files\n",
  });
  expect(answer).toMatchObject({ kind: "Diagnosis", installed: false, healthy: false, nodeName: "node-1" });
  expect(names(answer)).toEqual(
    expect.arrayContaining([
      "error FileAvailable--etc-kubernetes-manifests-etcd.yaml",
      "error OpenFiles",
      "warning Components",
    ]),
  );
  const severities = answer.findings.map(({ severity }) => severity);
  expect(severities).toEqual(severities.toSorted());
});

test("a configuration that cannot be used is a finding with all its errors", async () => {
  const text =
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: { podSubnett: x }\n";
  const answer = await diagnose({ "/c.yaml": text }, "/c.yaml");
  expect(names(answer)).toEqual(["error Configuration"]);
  expect(answer.findings[0]?.why).toContain("podSubnett");
});

test("before init every file that init would refuse is told, and one that is not there is not", async () => {
  const answer = await diagnose({
    "/etc/kubernetes/pki/apiserver.crt": "no certificate\n",
    "/etc/kubernetes/pki/sa.pub": "no key\n",
    "/etc/kubernetes/admin.conf": "kind: Config\n",
  });
  expect(names(answer).filter((name) => name.includes("File-"))).toEqual([
    "error File-certs-apiserver",
    "error File-certs-sa",
    "error File-kubeconfig-admin",
  ]);
});

function ledgerOf({ hasRunner }: { readonly hasRunner: boolean }): Readonly<Record<string, string>> {
  const ledger = {
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root: "/",
    kubernetesVersion: "v1.37.2",
    nodeName: "n1",
    entries: [
      "/etc/kubernetes/manifests/etcd.yaml",
      "/etc/kubernetes/manifests/kube-apiserver.yaml",
      ...(hasRunner ? ["/var/lib/slipway/runner.yaml"] : []),
    ].map((path) => ({ kind: "file", path, existedBefore: false })),
  };
  return { "/var/lib/slipway/ledger.json": JSON.stringify(ledger) };
}

test("a plane of which only the ledger is left is told with all that it lacks", async () => {
  const answer = await diagnose(ledgerOf({ hasRunner: true }));
  expect(answer).toMatchObject({
    installed: true,
    healthy: false,
    kubernetesVersion: "v1.37.2",
    nodeName: "n1",
  });
  expect(names(answer)).toEqual(
    expect.arrayContaining(["error CutOff", "error RunnerConfig", "error Manifest", "error Certificates"]),
  );
});

test("of a plane that a kubelet runs no runner is missed", async () => {
  const found = names(await diagnose(ledgerOf({ hasRunner: false })));
  expect(found.filter((name) => name.startsWith("error Runner"))).toEqual([]);
  expect(found).toEqual(expect.arrayContaining(["error Manifest", "error Certificates"]));
});

test("a runner without a control plane is judged by its pods and files, not as a machine for init", async () => {
  const waiting = { reason: "ErrImagePull", message: "no program for nginx" };
  const pods = [
    buildComponentReport("web", { status: { ready: false, state: buildEnd() } }),
    buildComponentReport("image", { status: { ready: false, state: { waiting } } }),
    buildComponentReport("fine"),
    rejected("ports", { reason: "NodePorts", message: "Pod was rejected: so" }),
  ];
  const refused = [{ origin: "/m/x.yaml", code: "", message: "/m/x.yaml: line 1: no", keepsLastGood: true }];
  const files = {
    "/var/lib/slipway/runner-flags.json": '["--pod-manifest-path=/m"]',
    "/proc/1/cmdline": "init\0",
  };
  const rootDir = createTempTree({ ...files, "/etc/kubernetes/manifests": "dir/" });
  const net = createRunnerNet({ info: buildRunnerInfo("/", { refused }), pods: () => pods });
  const system = createFakeSystem({ rootDir, net });
  const answer = await runDoctor(system, { root: "/", configPath: undefined });
  expect(answer).toMatchObject({ installed: false, standalone: true, healthy: false });
  expect(answer.findings.map(({ name, what }) => [name, what])).toEqual([
    ["Manifest", "/m/x.yaml is refused"],
    ["Pod-ports-n1", "ports-n1: NodePorts"],
    ["Pod-image-n1", "image-n1/image: it waits: ErrImagePull"],
    ["Pod-web-n1", "web-n1/web: ended with exit code 1"],
  ]);
  expect(formatDoctor(answer)).toMatch(/its runner runs pods of its own: 4 errors, no warnings\.\n$/);
  const without = createFakeSystem({ rootDir: createTempTree(files), net });
  expect(names(await runDoctor(without, { root: "/", configPath: undefined }))[0]).toBe("error Manifest");
  const dead = await runDoctor(createFakeSystem({ rootDir }), { root: "/", configPath: undefined });
  expect(names(dead)).toEqual(["error Runner"]);
});

function rejected(name: string, status: { readonly reason: string; readonly message: string }) {
  const report = buildComponentReport(name);
  return {
    ...report,
    pod: { ...report.pod, status: { phase: "Failed" as const, ...status } },
    containers: [],
  };
}

test("a plane that this user may not look into is no bug but a matter of rights", async () => {
  const system = createFakeSystem({ fs: { stat: () => Promise.reject(systemError("EACCES")) } });
  await expect(runDoctor(system, { root: "/", configPath: undefined })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    fix: expect.stringContaining("run it as root"),
  });
});

test("the flags of a manifest are read back, whatever else stands in it", () => {
  const flags = "spec:\n  containers:\n  - command: [etcd, --data-dir=/d, -x=a=b, --on, 5]\n";
  expect(parseFlags(flags)).toEqual([
    { name: "data-dir", value: "/d" },
    { name: "x", value: "a=b" },
  ]);
  for (const text of [undefined, "", "]", "spec: 1\n", "spec: { containers: [{ command: x }] }\n"])
    expect(parseFlags(text)).toEqual([]);
});

const ANSWER: DiagnosisAnswer = {
  apiVersion: "slipway.dev/v1",
  kind: "Diagnosis",
  root: "/",
  installed: true,
  otherRoots: [],
  standalone: false,
  healthy: false,
  kubernetesVersion: "v1.37.2",
  nodeName: "n1",
  findings: [
    { name: "Port-1", severity: "error", what: "no port", why: "held", fix: "free it", logLine: "in use" },
  ],
  unknown: [{ fact: "routes", reason: "ENOENT" }],
};

test("findings are told with what, why, log and fix, and summed up", () => {
  expect(formatDoctor(ANSWER)).toBe(
    `error    no port [Port-1]
    why: held
    log: in use
    fix: free it

unknown  routes: ENOENT

Kubernetes v1.37.2 on n1 under /: 1 error, no warnings.
`,
  );
});

test("on a terminal no line is wider than it", () => {
  const [finding] = ANSWER.findings;
  const long = {
    ...ANSWER,
    findings: finding === undefined ? [] : [{ ...finding, why: "word ".repeat(40) }],
  };
  const lines = formatDoctor(long, { columns: 60 }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});

test("a machine that is fit is told what comes next", () => {
  const fit = { ...ANSWER, installed: false, healthy: true, findings: [], unknown: [] };
  expect(formatDoctor(fit)).toBe(
    "No control plane under / yet: no errors, no warnings. slipway init can go on.\n",
  );
  expect(formatDoctor({ ...fit, otherRoots: ["/p"] })).toContain(
    "\nBut a runner runs under another root: slipway doctor --root /p\n",
  );
});
