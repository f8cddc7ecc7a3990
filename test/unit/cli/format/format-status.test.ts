import { beforeEach, expect, test } from "vitest";
import { formatStatus } from "../../../../src/cli/format/format-status.ts";
import type { StatusAnswer } from "../../../../src/commands/view/status.ts";
import { captureOutput } from "../../../support/capture-output.ts";
import { buildRunnerInfo } from "../../../support/fake-runner.ts";

beforeEach(() => {
  captureOutput();
});

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
