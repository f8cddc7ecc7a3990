import { expect, test } from "vitest";
import { checkPlane } from "../../../src/preflight/check-plane.ts";
import type { ComponentFact, FaultFact, PlaneFacts } from "../../../src/preflight/plane-facts.ts";

const GONE = { why: "it is gone", fix: "to start it: slipway runner start" };

const FACTS: PlaneFacts = {
  runnerProblem: undefined,
  ledgerProblem: undefined,
  damagedLedger: undefined,
  runnerConfigProblem: undefined,
  components: ["etcd", "kube-apiserver", "kube-scheduler"].map((name) => well(name)),
  refused: [],
  podFaults: [],
  missingManifests: [],
  missingDir: undefined,
  missingFiles: [],
  certificateFaults: [],
  ending: [],
  apiServer: { url: "https://127.0.0.1:6443/readyz", problem: undefined, failedChecks: [] },
  lostData: undefined,
  slowDisk: undefined,
  nodeProblem: undefined,
};

const REFUSED = {
  origin: "/m/x.yaml",
  code: "SLIPWAY_KIND_REFUSED",
  message: "/m/x.yaml: line 2: a Pood",
  keepsLastGood: false,
  isOwn: false,
};

const POD_FAULT = {
  pod: "web-n1",
  container: "web",
  summary: "ended with exit code 1",
  cause: "so",
  fix: "do",
  logLine: undefined,
};

function well(name: string): ComponentFact {
  return { name, ready: true, problem: undefined, outdatedFile: undefined };
}

function ill(name: string, summary = "ended with exit code 1"): ComponentFact {
  const problem = { summary, cause: "so", fix: "do", logLine: "the line" };
  return { name, ready: false, problem, outdatedFile: undefined };
}

function fault(name: string, code: string): FaultFact {
  return { name, code, what: `${name} is bad`, why: "it ended", fix: "mend it" };
}

function brief(change: Partial<PlaneFacts>): readonly string[] {
  return checkPlane({ ...FACTS, ...change }).map(({ name, severity }) => `${severity} ${name}`);
}

test("a component that runs with an older file is a warning that says how to restart it", () => {
  const components = [well("etcd"), { ...well("kube-apiserver"), outdatedFile: "/pki/ca.crt" }];
  expect(checkPlane({ ...FACTS, components })).toMatchObject([
    {
      name: "Outdated-kube-apiserver",
      severity: "warning",
      what: "kube-apiserver runs with an older /pki/ca.crt",
      fix: "slipway restart kube-apiserver",
    },
  ]);
});

test("files that are gone are one finding, and none while init has not come to its end", () => {
  const missingFiles = ["/kubelet.conf", "/kubelet.crt"];
  expect(brief({ missingFiles })).toEqual(["error Files"]);
  expect(checkPlane({ ...FACTS, missingFiles })[0]?.what).toContain("/kubelet.conf, /kubelet.crt");
  expect(brief({ missingFiles, cutOff: "init" })).toEqual(["error CutOff"]);
  const missingManifests = [{ component: "etcd", path: "/m/etcd.yaml" }];
  expect(brief({ missingManifests, cutOff: "init" })).toEqual(["error CutOff"]);
});

test("a plane that is well gives no finding", () => {
  expect(brief({})).toEqual([]);
});

test.each<readonly [string, Partial<PlaneFacts>]>([
  ["error Kubeconfig", { apiServer: { ...FACTS.apiServer, problem: "p", unasked: { what: "w", why: "y" } } }],
  ["error CutOff", { cutOff: "reset", runnerProblem: GONE }],
  ["error CutOff", { cutOff: "init", runnerProblem: GONE }],
  ["error Runner", { runnerProblem: GONE }],
  ["error RunnerConfig", { runnerConfigProblem: { what: "w", why: "y", fix: "f" } }],
  ["error Ledger", { ledgerProblem: { why: "/l does not exist", fix: "f" } }],
  ["warning Ledger", { damagedLedger: "/l" }],
  ["error Component-etcd", { components: [ill("etcd")] }],
  ["error Manifest", { missingDir: "/m" }],
  ["error Manifest", { missingManifests: [{ component: "etcd", path: "/m/etcd.yaml" }] }],
  ["error Manifest", { refused: [REFUSED] }],
  ["error Pod-web-n1", { podFaults: [POD_FAULT] }],
  ["error Certificate-apiserver", { certificateFaults: [fault("apiserver", "SLIPWAY_CERT_WRONG_CA")] }],
  ["warning CertificateAge", { ending: [{ path: "/pki/a.crt", daysLeft: 3 }] }],
  ["error ApiServer", { apiServer: { ...FACTS.apiServer, problem: "refused" } }],
  ["error EtcdData", { lostData: { what: "w", why: "y", fix: "f" } }],
  ["warning Node", { nodeProblem: "it is not known to be registered yet" }],
  ["warning EtcdDisk", { slowDisk: { what: "w", why: "y", fix: "f" } }],
])("%s", (expected, change) => {
  expect(brief(change)).toEqual([expected]);
});

test("a component is told with its end, cause, fix and the line of its log", () => {
  expect(checkPlane({ ...FACTS, components: [ill("etcd")] })[0]).toMatchObject({
    what: "etcd: ended with exit code 1",
    why: "so",
    fix: "do",
    logLine: "the line",
  });
});

test.each([
  [{}, "line 2: a Pood", /mv \/m\/x\.yaml \/m\/x\.yaml\.bak$/],
  [{ keepsLastGood: true }, "line 2: a Pood; its pod goes on as it was before", /^mend it there;/],
  [
    { keepsLastGood: true, isOwn: true },
    "its pod goes on as it was before",
    /^mend it, or run slipway init,/,
  ],
  [{ origin: "https://x/y" }, "a Pood", /^mend it there;/],
  [
    { code: "SLIPWAY_FILE_ACCESS", message: "cannot read /m/x.yaml: permission denied", isOwn: true },
    "it cannot be read: permission denied",
    /^check its owner and mode \(ls -ld \/m\/x\.yaml\)/,
  ],
  [
    {
      code: "SLIPWAY_FILE_ACCESS",
      origin: "/m/\uFFFD.yaml",
      message: "/m/\uFFFD.yaml: its name is not UTF-8",
    },
    "its name is not UTF-8",
    /^rename it; .*: ls -b \/m$/,
  ],
])("a file that is refused is told with what helps and harms nothing: %j", (change, why, fix) => {
  const [finding] = checkPlane({ ...FACTS, refused: [{ ...REFUSED, ...change }] });
  expect(finding?.what).toMatch(/is refused$/);
  expect(finding?.why).toContain(why);
  expect(finding?.fix).toMatch(fix);
});

test("manifests that init never came to are not missed, one that was there is", () => {
  const components = [well("etcd"), ill("kube-apiserver"), ill("kube-scheduler", "not running")];
  const path = (component: string) => ({ component, path: `/m/${component}.yaml` });
  expect(brief({ components, missingManifests: [path("kube-scheduler")] })).toEqual([
    "error Component-kube-apiserver",
  ]);
  const gone = [ill("etcd", "being stopped"), well("kube-apiserver"), well("kube-scheduler")];
  expect(brief({ components: gone, missingManifests: [path("etcd")] })).toEqual([
    "error Component-etcd",
    "error Manifest",
  ]);
});

test("without a runner its components are not told one by one", () => {
  expect(brief({ runnerProblem: GONE, components: [ill("etcd")] })).toEqual(["error Runner"]);
});

test("certificates that have all ended are one finding that names them", () => {
  const certificateFaults = [
    fault("apiserver", "SLIPWAY_CERT_EXPIRED"),
    fault("etcd-server", "SLIPWAY_CERT_EXPIRED"),
    fault("sa", "SLIPWAY_CERT_KEY_MISMATCH"),
  ];
  const findings = checkPlane({ ...FACTS, certificateFaults });
  expect(findings.map(({ name }) => name)).toEqual(["Certificates", "Certificate-sa"]);
  expect(findings[0]?.what).toBe("2 certificates are outside their validity: apiserver, etcd-server");
  expect(findings[0]?.fix).toContain("slipway certs renew all");
});

test("the checks of readyz that fail are listed, and those of etcd point at etcd", () => {
  const apiServer = { ...FACTS.apiServer, problem: "500", failedChecks: ["etcd", "poststarthook/x"] };
  const components = [well("etcd"), ill("kube-apiserver", "not ready")];
  const findings = checkPlane({ ...FACTS, components, apiServer });
  expect(findings.map(({ name }) => name)).toEqual(["Component-kube-apiserver", "ApiServer"]);
  expect(findings[1]).toMatchObject({
    why: "these checks of /readyz fail: etcd, poststarthook/x",
    fix: expect.stringContaining("slipway logs etcd"),
  });
  expect(brief({ components, apiServer: { ...apiServer, failedChecks: [] } })).toEqual([
    "error Component-kube-apiserver",
  ]);
});
