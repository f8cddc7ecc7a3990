import { expect, test } from "vitest";
import { runRunnerStatus, runRunnerStop } from "../../../../src/commands/runner/manage-runner.ts";
import { runEvents } from "../../../../src/commands/view/events.ts";
import { runPs, runRestart, selectPod } from "../../../../src/commands/view/ps.ts";
import { runStatus } from "../../../../src/commands/view/status.ts";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../../../src/core/constants.ts";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";
import { buildRunnerInfo, createRunnerNet } from "../../../support/fake-runner.ts";
import { createFakeSystem, type FakeSystem } from "../../../support/fake-system.ts";
import { createFakeUi } from "../../../support/fake-ui.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

function systemWith(root: string, pods: readonly PodReport[] = [], posts: string[] = []): FakeSystem {
  const net = createRunnerNet({ info: buildRunnerInfo(root), pods: () => pods, posts });
  return createFakeSystem({ net });
}

const PODS = [buildComponentReport("etcd"), buildComponentReport("kube-apiserver")];

test.each(["etcd", "etcd-n1", "kube-system/etcd", "kube-system/etcd-n1"])(
  "a pod is found as %s",
  (wanted) => {
    expect(selectPod(PODS, wanted)).toBe(PODS[0]);
  },
);

test("a pod that is not there is told with those that are", () => {
  expect(() => selectPod(PODS, "default/etcd")).toThrow(
    expect.objectContaining({
      code: "SLIPWAY_POD_NOT_FOUND",
      fix: "name one of: kube-system/etcd-n1, kube-system/kube-apiserver-n1",
    }),
  );
  expect(() => selectPod([], "etcd")).toThrow(
    expect.objectContaining({ fix: "to see what runs: slipway ps" }),
  );
});

test("of two pods with one name none is guessed", () => {
  const pods = [buildComponentReport("web"), buildComponentReport("web", { namespace: "default" })];
  expect(() => selectPod(pods, "web")).toThrow(
    expect.objectContaining({
      why: "several pods have that name",
      fix: "name one of: kube-system/web-n1, default/web-n1",
    }),
  );
  expect(selectPod(pods, "default/web")).toBe(pods[1]);
});

test("pods, refused manifests and events are what the runner says", async () => {
  const answer = await runPs(systemWith("/", PODS), { root: "/" });
  expect(answer.items.map(({ pod }) => pod.metadata.name)).toEqual(["etcd-n1", "kube-apiserver-n1"]);
  expect(await runEvents(systemWith("/"), { root: "/" })).toMatchObject({
    kind: "RunnerEventList",
    items: [],
  });
});

test("pods are listed by namespace and name, and one that is rejected is told with what helps", async () => {
  const report = buildComponentReport("also");
  const status = { phase: "Failed" as const, reason: "NodePorts", message: "Pod was rejected: no free port" };
  const rejected = { ...report, pod: { ...report.pod, status }, containers: [] };
  const pods = [buildComponentReport("web"), rejected, buildComponentReport("one", { namespace: "default" })];
  const { items, failures } = await runPs(systemWith("/", pods), { root: "/" });
  expect(items.map(({ pod }) => pod.metadata.name)).toEqual(["one-n1", "also-n1", "web-n1"]);
  expect(failures).toEqual([
    {
      pod: "also-n1",
      container: undefined,
      summary: "NodePorts",
      cause: "Pod was rejected: no free port",
      fix: "give one of the two another port; it then starts by itself",
      logLine: undefined,
    },
  ]);
});

test("nothing of a pod that has ended well is a failure, not the sidecar that was told to end either", async () => {
  const report = buildComponentReport("web", {
    status: { state: buildEnd({ exitCode: 143 }), ready: false },
  });
  const failuresIn = async (phase: "Running" | "Succeeded") => {
    const pod = { ...report.pod, status: { ...report.pod.status, phase } };
    return (await runPs(systemWith("/", [{ ...report, pod }]), { root: "/" })).failures.length;
  };
  expect([await failuresIn("Running"), await failuresIn("Succeeded")]).toEqual([1, 0]);
});

test("of a pod that was ended as a whole its containers' ends are no failures beside it", async () => {
  const report = buildComponentReport("web", { status: { state: buildEnd({ exitCode: 137, signal: 9 }) } });
  const ended = { phase: "Failed" as const, reason: "DeadlineExceeded", message: "it was out of time" };
  const pod = { ...report.pod, status: { ...report.pod.status, ...ended } };
  const { failures } = await runPs(systemWith("/", [{ ...report, pod }]), { root: "/" });
  expect(failures.filter(({ container }) => container !== undefined)).toEqual([]);
});

test("without a runner every look says so", async () => {
  const root = createTempTree({ "var/lib/slipway/ledger.json": "{}" });
  const system = createFakeSystem();
  for (const look of [runEvents, runRunnerStatus]) {
    await expect(look(system, { root })).rejects.toMatchObject({
      code: "SLIPWAY_RUNNER_UNREACHABLE",
      fix: expect.stringContaining("slipway runner start"),
    });
  }
  expect(await runRunnerStop(system, { root, pods: false, onWait: () => undefined })).toBe(false);
});

test("a pod is restarted by any of its names, and what is waited for and how long at most is told", async () => {
  const before = buildComponentReport("etcd");
  const looks = [
    before,
    buildComponentReport("etcd", { container: { stopping: true } }),
    buildComponentReport("etcd", { status: { restartCount: 1 } }),
  ];
  const restart = restarting(() => [looks.length > 1 ? (looks.shift() ?? before) : (looks[0] ?? before)]);
  await restart.system.clock.advance(500);
  expect(await restart.text).toBe("kube-system/etcd-n1 restarted");
  expect(restart.posts).toEqual(["/v1/pods/kube-system/etcd-n1/restart"]);
  expect(restart.ui.notes).toEqual([
    "a pod is told to end first, and killed where that takes longer than 30 s",
  ]);
  expect(restart.ui.progress).toEqual([
    "begin etcd-n1",
    "etcd-n1 waits: etcd-n1 has been told to end; it is killed after 30 s at most",
    "etcd-n1 done",
    "end",
  ]);
});

test("a pod that does not come back is not waited for longer than its grace and a start", async () => {
  const restart = restarting(() => PODS);
  const told = expect(restart.text).rejects.toMatchObject({
    code: "SLIPWAY_CONTAINER_START",
    what: "kube-system/etcd-n1 does not run again yet",
    fix: "to see how it goes on: slipway ps",
  });
  await restart.system.clock.advance(41_000);
  await told;
  expect(restart.ui.progress).not.toContain("etcd-n1 done");
});

test("a pod that was ready is waited for until it is so again, and one that ends again is not", async () => {
  const unready = buildComponentReport("etcd", {
    status: { ready: false, restartCount: 1 },
    container: { lastProbeFailure: "readiness: 503" },
  });
  const ready = buildComponentReport("etcd", { status: { restartCount: 1 } });
  const looks = [buildComponentReport("etcd"), unready, unready];
  const slow = restarting(() => [looks.shift() ?? ready]);
  await slow.system.clock.advance(750);
  expect(await slow.text).toBe("kube-system/etcd-n1 restarted");
  expect(slow.ui.progress).toContain("etcd-n1 waits: etcd-n1 is not ready yet");

  for (const [after, waitMs] of [
    [unready, 61_000],
    [buildComponentReport("etcd", { status: { ready: false, restartCount: 2 } }), 0],
  ] as const) {
    const first = [buildComponentReport("etcd")];
    const never = restarting(() => [first.shift() ?? after]);
    const told = expect(never.text).rejects.toMatchObject({
      code: "SLIPWAY_CONTAINER_START",
      what: "kube-system/etcd-n1 was restarted, but is not ready",
    });
    await never.system.clock.advance(waitMs);
    await told;
  }
});

const IDLE = { container: { pid: undefined } };

test("a pod of which nothing ran has restarted when it runs or has run, and is not waited for as if it ended", async () => {
  for (const after of [
    buildComponentReport("etcd"),
    buildComponentReport("etcd", { ...IDLE, status: { restartCount: 1 } }),
  ]) {
    const looks = [buildComponentReport("etcd", IDLE), buildComponentReport("etcd", IDLE)];
    const restart = restarting(() => [looks.shift() ?? after]);
    await restart.system.clock.advance(500);
    expect(await restart.text).toBe("kube-system/etcd-n1 restarted");
    expect(restart.ui.notes).toEqual([]);
  }
  const waiting = { ready: false, state: { waiting: { reason: "ErrImagePull", message: "no etcd:1" } } };
  const never = restarting(() => [buildComponentReport("etcd", { ...IDLE, status: waiting })]);
  const told = expect(never.text).rejects.toMatchObject({ why: expect.stringContaining("no etcd:1") });
  await never.system.clock.advance(11_000);
  await told;
});

function restarting(pods: () => readonly PodReport[]) {
  const posts: string[] = [];
  const ui = createFakeUi();
  const nothing = async (): Promise<undefined> => undefined;
  const system = createFakeSystem({
    // Files of the machine would take real time to look at.
    fs: { stat: nothing, lstat: nothing },
    net: createRunnerNet({ info: buildRunnerInfo("/"), pods, posts }),
  });
  const { signal } = new AbortController();
  return { system, posts, ui, text: runRestart(system, { root: "/", pod: "etcd", ui, signal }) };
}

test("a plane whose four components are ready is healthy", async () => {
  const root = createTempTree({});
  const pods = CONTROL_PLANE_COMPONENTS.map((name) => buildComponentReport(name));
  const status = await runStatus(systemWith(root, pods), { root });
  expect(status).toMatchObject({ healthy: true, installed: false, runnerProblem: undefined });
  expect(status.components.map(({ name, ready, pid, problem }) => [name, ready, pid, problem])).toEqual(
    CONTROL_PLANE_COMPONENTS.map((name) => [name, true, 100, undefined]),
  );
});

test("other pods that are not ready are named, and leave the control plane healthy", async () => {
  const root = createTempTree({});
  const own = (name: string, ready: boolean) =>
    buildComponentReport(name, { namespace: "default", status: { ready } });
  const done = own("done", false);
  const pods = [
    ...CONTROL_PLANE_COMPONENTS.map((name) => buildComponentReport(name)),
    own("web", true),
    own("broken", false),
    { ...done, pod: { ...done.pod, status: { ...done.pod.status, phase: "Succeeded" as const } } },
  ];
  const { healthy, unreadyPods } = await runStatus(systemWith(root, pods), { root });
  expect({ healthy, unreadyPods }).toEqual({ healthy: true, unreadyPods: ["broken-n1"] });
});

test("a component that fails, one that is not ready and one that is missing each have a problem and a fix", async () => {
  const root = createTempTree({});
  const pods = [
    buildComponentReport("etcd", { status: { ready: false, restartCount: 3, state: buildEnd() } }),
    buildComponentReport("kube-apiserver", {
      status: { ready: false },
      container: { lastProbeFailure: "readiness: 503" },
    }),
    buildComponentReport("kube-scheduler", { status: { ready: false } }),
  ];
  const { healthy, components } = await runStatus(systemWith(root, pods), { root });
  expect(healthy).toBe(false);
  expect(components).toMatchObject([
    { problem: { summary: "ended with exit code 1, 3 restarts", fix: "slipway logs etcd" } },
    { problem: { summary: "not ready", cause: "readiness: 503" } },
    { problem: { summary: "not running", fix: "move it back, or have it written again: slipway init" } },
    { problem: { summary: "not ready", cause: "it has not answered yet" } },
  ]);
});

test("one that is told to end because its manifest is gone is told so", async () => {
  const root = createTempTree({ "etc/kubernetes/manifests/etcd.yaml": "" });
  const pods = (["etcd", "kube-apiserver"] as const).map((name) =>
    buildComponentReport(name, { report: { terminating: true }, status: { ready: false } }),
  );
  const { components } = await runStatus(systemWith(root, pods), { root });
  expect(components.slice(0, 2).map(({ problem }) => problem?.cause)).toEqual([
    "it has been told to end: its manifest was changed, or its runner ends",
    `it has been told to end: ${root}/etc/kubernetes/manifests/kube-apiserver.yaml is not there`,
  ]);
});

test("a plane without a runner is not healthy, and the reason is told", async () => {
  const root = createTempTree({ "var/lib/slipway/containers/": "dir/" });
  const status = await runStatus(createFakeSystem(), { root });
  expect(status).toMatchObject({ healthy: false, runner: undefined });
  expect(status.runnerProblem?.fix).toContain("slipway runner start");
});
