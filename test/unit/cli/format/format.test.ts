import { beforeEach, expect, test } from "vitest";
import { formatExpiration } from "../../../../src/cli/format/format-certs.ts";
import { formatEvents, formatPods } from "../../../../src/cli/format/format-pods.ts";
import { formatStatus } from "../../../../src/cli/format/format-status.ts";
import { formatTokens } from "../../../../src/cli/format/format-tokens.ts";
import type { PsAnswer } from "../../../../src/commands/view/ps.ts";
import type { StatusAnswer } from "../../../../src/commands/view/status.ts";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";
import { captureOutput } from "../../../support/capture-output.ts";
import { buildRunnerInfo } from "../../../support/fake-runner.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 17);

beforeEach(() => {
  captureOutput();
});

function ps(items: readonly PodReport[], refused: PsAnswer["refused"] = []): string {
  const kind = "PodReportList";
  return formatPods(
    { apiVersion: "slipway.dev/v1", kind, items, failures: [], refused, runnerProblem: undefined },
    { nowMs: NOW_MS },
  );
}

function status(change: Partial<StatusAnswer> = {}): string {
  return formatStatus(
    {
      apiVersion: "slipway.dev/v1",
      kind: "Status",
      cutOff: undefined,
      pods: undefined,
      root: "/",
      healthy: true,
      installed: true,
      otherRoots: [],
      kubernetesVersion: "v1.37.2",
      nodeName: "n1",
      runtime: "host",
      kubeletPid: undefined,
      runner: buildRunnerInfo("/"),
      runnerProblem: undefined,
      ledgerProblem: undefined,
      components: [
        {
          name: "etcd",
          ready: true,
          restarts: 0,
          startedAt: undefined,
          pid: 100,
          problem: undefined,
          outdatedFile: undefined,
        },
      ],
      lostData: undefined,
      slowDisk: undefined,
      otherRunners: [],
      unreadyPods: [],
      certificates: [],
      missingFiles: [],
      ...change,
    },
    { nowMs: Date.now() },
  );
}

test("files that are gone are named, with where to go on", () => {
  expect(status({ missingFiles: ["/pki/apiserver.crt"] })).toMatch(
    /\nmissing {7}\/pki\/apiserver\.crt\n {14}to see what to do: slipway doctor\n$/,
  );
});

test("other pods that are not ready are named, with where to see why", () => {
  expect(status({ unreadyPods: ["a-n1", "b-n1"] })).toContain(
    "\nother pods    a-n1, b-n1: not ready; to see why: slipway ps\n",
  );
  expect(status()).not.toContain("other pods");
});

test("a runner that may watch nothing is told with what helps", () => {
  const runner = buildRunnerInfo("/", { inotifyProblem: "ENOSPC" });
  expect(status({ runner })).toMatch(
    /^manifests {5}no file can be watched: fs\.inotify\.max_user_watches is used up .*; raise it, .*=524288$/m,
  );
  expect(status()).not.toContain("manifests ");
});

test("a slow disk of etcd and whoever else runs the pods are told, each in a line", () => {
  const text = { what: "w", why: "y", fix: "f" };
  expect(status({ slowDisk: text })).toContain("\netcd's disk   slow: y; f\n");
  expect(status({ otherRunners: [text] })).toContain("\nsecond runner w: y; f\n");
});

test("pods are listed as kubectl lists them", () => {
  expect(ps([buildComponentReport("etcd", { status: { restartCount: 2 } })])).toBe(
    "NAMESPACE    NAME     READY  STATUS   RESTARTS  AGE     PID\n" +
      "kube-system  etcd-n1  1/1    Running  2         1h 00m  100\n",
  );
});

test("a status is what a container waits for or ended with, and a pod that is stopped is Terminating", () => {
  const waiting = { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } };
  expect(ps([buildComponentReport("etcd", { status: { state: waiting, ready: false } })])).toMatch(
    /0\/1 +CrashLoopBackOff[\s\S]*etcd-n1\/etcd: back-off 10s\n$/,
  );
  const ended = buildEnd({ reason: "OOMKilled" });
  expect(ps([buildComponentReport("etcd", { status: { state: ended } })])).toContain("OOMKilled");
  expect(ps([buildComponentReport("etcd", { report: { terminating: true } })])).toContain("Terminating");
});

test.each([
  [
    "the first runs",
    [{ running: { startedAt: "" } }, { waiting: { reason: "PodInitializing" } }],
    "Init:0/2",
  ],
  ["the first is done", [{ terminated: { exitCode: 0 } }, { running: { startedAt: "" } }], "Init:1/2"],
  ["one fails again and again", [{ waiting: { reason: "CrashLoopBackOff" } }, {}], "Init:CrashLoopBackOff"],
  ["one has failed", [{ terminated: { exitCode: 1, reason: "Error" } }, {}], "Init:Error"],
])("a pod says which init container it waits for: %s", (_, states, shown) => {
  const report = buildComponentReport("etcd", {
    status: { state: { waiting: { reason: "PodInitializing" } } },
  });
  const initContainerStatuses = states.map((state, index) => ({
    name: `i${index}`,
    image: "i",
    imageID: "",
    ready: false,
    restartCount: 3,
    state,
    lastState: {},
  }));
  const pod = {
    ...report.pod,
    status: { ...report.pod.status, phase: "Pending" as const, initContainerStatuses },
  };
  expect(ps([{ ...report, pod }])).toMatch(new RegExp(`0/1 +${shown} +6 `));
});

test("what keeps pods from running is told below them", () => {
  const text = ps(
    [
      buildComponentReport("etcd", {
        container: { lastProbeFailure: "readiness: 503", pid: undefined },
        report: { mirrorProblem: "forbidden" },
      }),
    ],
    [{ origin: "/m/x.yaml", code: "SLIPWAY_KIND_REFUSED", message: "no Pod", keepsLastGood: true }],
  );
  expect(text).toContain("etcd-n1/etcd: readiness: 503\n");
  expect(text).toContain("etcd-n1 has no mirror pod: forbidden\n");
  expect(text).toContain("/m/x.yaml is refused: no Pod; its pod goes on as it was before\n");
});

const EVENTS = { apiVersion: "slipway.dev/v1", kind: "RunnerEventList", runnerProblem: undefined } as const;

test("no pods and no events are told in words", () => {
  expect(ps([])).toBe("The runner runs no pods.\n");
  expect(formatEvents({ ...EVENTS, items: [] })).toBe("Nothing has happened yet.\n");
});

test("an event that came several times is one line", () => {
  const event = { at: "2026-11-22T16:00:00Z", type: "Warning", reason: "BackOff", message: "m" } as const;
  const of = { pod: "etcd-n1", namespace: "kube-system", container: "etcd", count: 3 };
  const items = [{ ...event, ...of }];
  expect(formatEvents({ ...EVENTS, items })).toMatch(/etcd-n1\/etcd +m \(3 times\)\n$/);
});

test("a healthy plane has its version, node, components and runner", () => {
  const text = status();
  expect(text).toMatch(/^Kubernetes v1\.37\.2 on n1: healthy\n/);
  expect(text).toMatch(/etcd +ready +0 +100/);
  expect(text).toMatch(/runner +pid 4711/);
  expect(text).toMatch(/node +n1 registered/);
});

test("a problem has its cause and what to do", () => {
  const problem = { summary: "not ready", cause: "readiness: 503", fix: "slipway logs etcd" };
  const component = {
    name: "etcd",
    ready: false,
    restarts: 0,
    startedAt: undefined,
    pid: 100,
    problem,
    outdatedFile: undefined,
  } as const;
  const text = status({ healthy: false, components: [component] });
  expect(text).toContain("not healthy");
  expect(text).toContain("etcd: readiness: 503\n  fix: slipway logs etcd\n");
});

test("certificates that end soon or have ended are named", () => {
  const valid = { notBefore: "2026-01-01T00:00:00.000Z", notAfter: "", notYetValid: false };
  const certificates = [
    { ...valid, path: "/pki/old.crt", daysLeft: -3 },
    { ...valid, path: "/pki/soon.crt", daysLeft: 5 },
    { ...valid, path: "/pki/fine.crt", daysLeft: 300 },
  ];
  const text = status({ certificates });
  expect(text).toContain("/pki/old.crt: ended 3 days ago");
  expect(text).toContain("/pki/soon.crt: 5 days left");
  expect(text).not.toContain("fine.crt");
  expect(text).not.toContain("in -3 days");
  expect(status({ certificates: certificates.slice(2) })).toContain("the first ends in 300 days");
});

test("a plane whose runner is gone says so, and one that is standalone has no node", () => {
  expect(status({ runner: undefined, runnerProblem: { why: "it is gone", fix: "start it" } })).toContain(
    "it is gone; start it",
  );
  const unseen = { mode: "cluster", nodeRegistered: false, lastError: undefined } as const;
  expect(status({ runner: buildRunnerInfo("/", { cluster: unseen }) })).toMatch(
    /^node .* not known to be registered$/m,
  );
  const cluster = { mode: "standalone", nodeRegistered: false, lastError: undefined } as const;
  expect(status({ runner: buildRunnerInfo("/", { cluster }) })).not.toMatch(/^node /m);
});

test("on a narrow terminal nothing is wider than it, and in a pipe nothing is broken", () => {
  const reports = ["etcd", "kube-controller-manager"].map((name) => buildComponentReport(name));
  const pods = {
    apiVersion: "slipway.dev/v1",
    kind: "PodReportList",
    failures: [],
    refused: [],
    items: reports,
  } as const;
  const answer = { ...pods, runnerProblem: { why: "a word or ".repeat(20), fix: "two" } };
  const narrow = formatPods(answer, { nowMs: NOW_MS, columns: 70 });
  expect(narrow).toMatch(/^NAME +READY/);
  expect(narrow).toMatch(/^\S+ +- +\S/m);
  expect(narrow).toContain("kube-controller-manager-n1 ");
  const narrower = formatPods(answer, { nowMs: NOW_MS, columns: 60 });
  expect(narrower).toMatch(/^etcd +-.*\nkube-controller-manager +-/m);
  const report = buildComponentReport("etcd");
  const metadata = { ...report.pod.metadata, name: "web-n1", namespace: "default" };
  const mixed = {
    ...pods,
    runnerProblem: undefined,
    items: [...reports, { ...report, pod: { ...report.pod, metadata } }],
  };
  expect(formatPods(mixed, { nowMs: NOW_MS, columns: 76 })).toMatch(
    /^kube-system +etcd +.*\n.*\ndefault +web +/m,
  );
  expect(formatPods({ ...pods, runnerProblem: undefined }, { nowMs: NOW_MS })).toMatch(/ \d\/\d /);
  expect(formatPods(answer, { nowMs: NOW_MS })).toMatch(/^NAMESPACE +NAME/);
  const event = { at: "2026-11-22T16:00:00Z", type: "Warning", reason: "Unhealthy", count: 1 } as const;
  const pod = { pod: "kube-controller-manager-n1", namespace: "x", container: "kube-controller-manager" };
  const items = [{ ...event, ...pod, message: "a long message ".repeat(10) }];
  const events = { ...EVENTS, items };
  const lines = [narrow, formatEvents(events, { columns: 80 })].join("").split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toContain("2026-11-22T16:00:00Z  Warning  Unhealthy  kube-controller-manager-n1");
  expect(formatEvents(events).split("\n")).toHaveLength(3);
});

test("a certificate from another clock is named", () => {
  const certificate = {
    ...{ path: "/pki/new.crt", notBefore: "2027-01-01T00:00:00.000Z", notAfter: "", daysLeft: 400 },
    notYetValid: true,
  };
  const text = status({ healthy: false, certificates: [certificate] });
  expect(text).toContain("the first ends in 400 days, some are not valid yet\n");
  expect(text).toContain(
    "/pki/new.crt: not valid before 2027-01-01T00:00:00Z; is the clock right? (date -u)\n",
  );
});

test("ps says of a container that does not run how it ended, why, and what to do", () => {
  const failure = {
    pod: "etcd-n1",
    container: "etcd",
    summary: "ended with exit code 1, 1 restart",
    cause: "the disk is full",
    fix: "free some space",
    logLine: "no space left on device",
  };
  const kind = "PodReportList" as const;
  const text = formatPods(
    {
      apiVersion: "slipway.dev/v1",
      kind,
      items: [],
      failures: [failure],
      refused: [],
      runnerProblem: undefined,
    },
    { nowMs: NOW_MS },
  );
  expect(text).toContain(
    "etcd-n1/etcd: ended with exit code 1, 1 restart: the disk is full\n    log: no space left on device\n    fix: free some space\n",
  );
});

test("status names runners under other roots where nothing is, the first few of them", () => {
  const bare = { installed: false, runner: undefined, root: "/" };
  expect(status(bare)).toBe("There is no control plane under /. To set one up: slipway init\n");
  expect(status({ ...bare, otherRoots: ["/a", "/b c", "/d", "/e"] })).toBe(
    "There is no control plane under /. To set one up: slipway init\n" +
      "But a runner runs under another root: slipway status --root /a, slipway status --root '/b c', slipway status --root /d, …\n",
  );
});

test("status names the kubelet that runs the pods, and says when none does", () => {
  const external = { runtime: "external", runner: undefined } as const;
  expect(status({ ...external, kubeletPid: 71 })).toContain("kubelet       pid 71 runs the pods");
  expect(status({ ...external, healthy: false })).toContain(
    "kubelet       none runs: systemctl start kubelet",
  );
});

const TOKEN = {
  id: "abcdef",
  token: "abcdef.0123456789abcdef",
  description: "The default bootstrap token generated by 'kubeadm init'.",
  expires: "2026-11-30T00:00:00Z",
  usages: ["authentication", "signing"],
  groups: ["system:bootstrappers:kubeadm:default-node-token"],
};

test("tokens on a terminal that is too narrow have fewer columns and their description below", () => {
  const nowMs = Date.parse("2026-11-29T22:00:00Z");
  expect(formatTokens([TOKEN], { nowMs })).toMatch(/EXTRA GROUPS\n/);
  expect(formatTokens([TOKEN], { nowMs, columns: 80 })).toBe(
    "TOKEN                    TTL     USAGES\n" +
      "abcdef.0123456789abcdef  2h 00m  authentication,signing\n" +
      "    The default bootstrap token generated by 'kubeadm init'.\n",
  );
});

const CERTIFICATE = {
  name: "apiserver-kubelet-client",
  expirationDate: "2027-11-29T16:47:52Z",
  residualTime: 31_500_000,
  externallyManaged: false,
  caName: "front-proxy-ca",
};

test("certificates fit 80 columns where no CA is external", () => {
  const answer = {
    apiVersion: "output.kubeadm.k8s.io/v1alpha3",
    kind: "CertificateExpirationInfo",
    certificates: [CERTIFICATE],
    certificateAuthorities: [{ ...CERTIFICATE, name: "ca" }],
  } as const;
  const lines = formatExpiration(answer, { columns: 80 }).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(formatExpiration(answer)).toContain("EXTERNALLY MANAGED");
  const external = { ...answer, certificates: [{ ...CERTIFICATE, externallyManaged: true }] };
  expect(formatExpiration(external, { columns: 80 })).toContain("EXTERNALLY MANAGED");
});
