import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ApiClient } from "../../../../src/api/types.ts";
import type { StepOf } from "../../../../src/apply/step-handler.ts";
import { waitComponentHandler } from "../../../../src/apply/steps/wait-component.ts";
import type { PodReport } from "../../../../src/control/protocol.ts";
import type { ControlPlaneComponent } from "../../../../src/core/constants.ts";
import { API_ANSWERS_ID } from "../../../../src/plan/manifest-step.ts";
import { createNet, type TlsOptions } from "../../../../src/system/net.ts";
import { sampleApplyContext } from "../../../support/apply-context.ts";
import { buildComponentReport, buildEnd } from "../../../support/build-report.ts";
import { advanceUntilDone } from "../../../support/fake-clock.ts";
import { buildRunnerInfo, createRunnerNet } from "../../../support/fake-runner.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const WANTED_UID = "0123456789abcdef0123456789abcdef";

const STEP: StepOf<"wait-component"> = {
  kind: "wait-component",
  id: "wait/etcd",
  phase: "wait-control-plane",
  title: "",
  needs: [],
  component: "etcd",
  podUid: WANTED_UID,
  url: "http://127.0.0.1:2381/readyz",
  kubeconfigPath: undefined,
  loads: [],
  runtime: "host",
  timeoutMs: 60_000,
};

const PEM = "-----BEGIN X-----\n";
const PEM_DATA = Buffer.from(PEM).toString("base64");
const KUBECONFIG = JSON.stringify({
  "current-context": "x",
  contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
  clusters: [{ name: "x", cluster: { server: "https://h:1", "certificate-authority-data": PEM_DATA } }],
  users: [{ name: "x", user: { "client-certificate-data": PEM_DATA, "client-key-data": PEM_DATA } }],
});

const LEDGER = {
  apiVersion: "slipway.dev/v1",
  kind: "Ledger",
  kubernetesVersion: "v1.37.2",
  nodeName: "n1",
  entries: [],
};

/** A report of the pod that is waited for. */
function reportWanted(options: Parameters<typeof buildComponentReport>[1] = {}): PodReport {
  const report = buildComponentReport("etcd", options);
  return { ...report, pod: { ...report.pod, metadata: { ...report.pod.metadata, uid: WANTED_UID } } };
}

/** Waits with a runner that shows `pods` and a component that gives the next of `answers` each time, then the last. */
function wait(options: {
  readonly loads?: readonly string[];
  readonly step?: Partial<typeof STEP>;
  readonly body?: string;
  /** What etcd counts. */
  readonly metrics?: string;
  readonly onAgent?: (tls: TlsOptions) => void;
  readonly posts?: string[];
  readonly pods: () => readonly PodReport[];
  readonly answers: readonly (number | "refused")[];
  readonly signal?: AbortSignal;
  /** What the API server answers through a kubeconfig. */
  readonly request?: ApiClient["request"];
  /** What the ledger says beside what every one does. */
  readonly ledger?: object;
  readonly isNewCluster?: boolean;
}) {
  const root = createTempTree({ "sa.key": "" });
  if (options.ledger !== undefined) {
    mkdirSync(join(root, "var/lib/slipway"), { recursive: true });
    const ledger = { ...LEDGER, root, ...options.ledger };
    writeFileSync(join(root, "var/lib/slipway/ledger.json"), JSON.stringify(ledger));
  }
  const { posts = [], request } = options;
  const runner = createRunnerNet({ info: buildRunnerInfo(root), pods: options.pods, posts });
  const asked: string[] = [];
  const system = createFakeSystem({
    net: {
      request: async (request) => {
        if (request.socketPath !== undefined) return runner.request(request);
        if (request.url.endsWith("/metrics"))
          return { status: 200, headers: {}, body: Buffer.from(options.metrics ?? "") };
        asked.push(request.url);
        const answer = options.answers[asked.length - 1] ?? options.answers.at(-1) ?? "refused";
        if (answer === "refused") throw systemError("ECONNREFUSED");
        return { status: answer, headers: {}, body: Buffer.from(options.body ?? "") };
      },
      createAgent: (agent) => {
        if (agent?.tls !== undefined) options.onAgent?.(agent.tls);
        return createNet().createAgent();
      },
    },
  });
  const waits: string[] = [];
  const context = sampleApplyContext(root, {
    onWait: (_step, detail) => waits.push(detail),
    isNewCluster: options.isNewCluster ?? false,
    ...(request === undefined ? {} : { apiClient: async () => clientOf(request) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const loads = (options.loads ?? []).map((name) => join(root, name));
  const outcome = waitComponentHandler.apply(system, { step: { ...STEP, ...options.step, loads }, context });
  outcome.catch(() => undefined);
  const readKept = (): unknown =>
    JSON.parse(readFileSync(join(root, "var/lib/slipway/ledger.json"), "utf8")).clusterUid;
  return { system, outcome, asked, waits, readKept };
}

test("a component that answers 200 is not waited for any longer", async () => {
  const { outcome, asked } = wait({ pods: () => [reportWanted()], answers: [200] });
  await outcome;
  expect(asked).toEqual([STEP.url]);
});

test("one that refuses, then answers 503, then 200 is waited for", async () => {
  const { system, outcome, asked } = wait({
    pods: () => [reportWanted()],
    answers: ["refused", 503, 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(asked).toHaveLength(3);
});

test("who knows the API server's checks asks it, and tells those that fail", async () => {
  const path = join(createTempTree({ "admin.conf": KUBECONFIG }), "admin.conf");
  const asked: TlsOptions[] = [];
  const checks = "[+]ping ok\n[-]poststarthook/rbac/bootstrap-roles failed: not finished\n";
  const { system, outcome, waits } = wait({
    step: { kubeconfigPath: path },
    pods: () => [reportWanted()],
    answers: [...Array<number>(20).fill(500), 200],
    body: checks,
    onAgent: (tls) => asked.push(tls),
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(asked).toEqual([{ cert: PEM, key: PEM, insecure: true }]);
  expect(waits[0]).toBe("etcd: not ready yet: poststarthook/rbac/bootstrap-roles");
});

/** A client that only asks. */
function clientOf(request: ApiClient["request"]): ApiClient {
  const watch = (): never => {
    throw new Error("nothing is watched here");
  };
  return { server: "", watch, close: () => undefined, request };
}

test("an API server that remembers what its etcd has not ends the wait", async () => {
  const kubeconfigPath = join(createTempTree({ "admin.conf": KUBECONFIG }), "admin.conf");
  const { outcome } = wait({
    step: { component: "kube-apiserver", runtime: "external", kubeconfigPath },
    pods: () => [],
    answers: [200],
    request: async ({ path }) => ({ status: path.endsWith("=0") ? 200 : 404, body: {}, text: "" }),
  });
  await expect(outcome).rejects.toMatchObject({ code: "SLIPWAY_DATA_LOST" });
});

test.each([
  ["another cluster's", 200, "a"],
  ["new", 404, "b"],
])(
  "before init makes its objects etcd's data that are %s are told from its own",
  async (_name, made, kept) => {
    const kubeconfigPath = join(createTempTree({ "admin.conf": KUBECONFIG }), "admin.conf");
    const { outcome, readKept } = wait({
      ledger: { clusterUid: "a" },
      step: { id: API_ANSWERS_ID, component: "kube-apiserver", runtime: "external", kubeconfigPath },
      pods: () => [],
      answers: [200],
      request: async ({ path }) => {
        const status = path.endsWith("/kubeadm-config") ? made : 200;
        return { status, body: { metadata: { uid: "b" } }, text: "" };
      },
    });
    const code = await outcome.then(
      () => undefined,
      (error) => error.code,
    );
    expect([code, readKept()]).toEqual([made === 200 ? "SLIPWAY_DATA_LOST" : undefined, kept]);
  },
);

test("an earlier version of the pod does not count, whatever it answers", async () => {
  let looks = 0;
  const { system, outcome } = wait({
    pods: () => {
      looks += 1;
      return looks > 5 ? [reportWanted()] : [buildComponentReport("etcd")];
    },
    answers: [200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(looks).toBe(6);
});

test("what the version before it has answered does not count either", async () => {
  let looks = 0;
  const { system, outcome, asked } = wait({
    pods: () => {
      looks += 1;
      return looks > 1 ? [reportWanted()] : [buildComponentReport("etcd")];
    },
    answers: [200, 503, 503, 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(asked).toHaveLength(4);
});

test("one that runs with older files is restarted once, and how it ends for that is no failure", async () => {
  const posts: string[] = [];
  const runs = [
    { restartCount: 3, state: { running: { startedAt: "2001-01-01T00:00:00Z" } } },
    { restartCount: 3, ready: false, state: buildEnd() },
    { restartCount: 4, state: { running: { startedAt: "2999-01-01T00:00:00Z" } }, lastState: buildEnd() },
  ];
  let looks = 0;
  const { system, outcome } = wait({
    loads: ["sa.key"],
    posts,
    pods: () => {
      const status = runs[Math.min(2, Math.floor(looks / 20))] ?? {};
      looks += 1;
      return [reportWanted({ status })];
    },
    answers: ["refused", "refused", 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(posts).toEqual(["/v1/pods/kube-system/etcd-n1/restart"]);
  expect(looks).toBeGreaterThan(40);
});

test("failures from before the wait say nothing of what runs now", async () => {
  const status = { ready: false, restartCount: 31, lastState: buildEnd() };
  const { system, outcome } = wait({
    pods: () => [reportWanted({ status })],
    answers: [...Array<"refused">(50).fill("refused"), 200],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
});

test("a failure that cannot heal ends the wait at once", async () => {
  const status = {
    ready: false,
    state: { waiting: { reason: "ErrImageNeverPull", message: "no program for etcd:1" } },
  };
  const { system, outcome } = wait({
    pods: () => [reportWanted({ status })],
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: "etcd does not run: it waits: ErrImageNeverPull",
    why: "no program for etcd:1",
  });
});

test("a start that failed before the wait is asked for again, and judged by how that goes", async () => {
  const posts: string[] = [];
  const inPause = (nextStartAt: string | undefined, message = "the disk is read-only") =>
    reportWanted({
      status: { ready: false, state: { waiting: { reason: "RunContainerError", message } } },
      container: { pid: undefined, nextStartAt },
    });
  // As it was found, while it is tried again, and after that has failed, too.
  const seen = [
    inPause("2999-01-01T00:00:00Z"),
    inPause(undefined),
    inPause("2999-01-01T00:00:05Z", "no program"),
  ];
  let looks = 0;
  const { system, outcome, waits } = wait({
    posts,
    pods: () => {
      looks += 1;
      return [seen[Math.min(2, Math.floor(looks / 4))] ?? reportWanted()];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({ code: "SLIPWAY_COMPONENT_FAILED", why: "no program" });
  expect(posts).toEqual(["/v1/pods/kube-system/etcd-n1/restart"]);
  expect(waits.slice(0, -1).join()).not.toContain("RunContainerError");
});

test("a component that had ended before the wait and cannot be started now ends it", async () => {
  const before = { ready: false, restartCount: 2, lastState: buildEnd() };
  const waitsFor = (reason: string, nextStartAt: string) =>
    reportWanted({
      status: { ...before, state: { waiting: { reason, message: "why" } } },
      container: { pid: undefined, nextStartAt },
    });
  let looks = 0;
  const { system, outcome } = wait({
    pods: () => {
      looks += 1;
      if (looks < 3) return [waitsFor("CrashLoopBackOff", "2999-01-01T00:00:00Z")];
      return [waitsFor("ErrImageNeverPull", "2999-01-01T00:00:05Z")];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({ what: "etcd does not run: it waits: ErrImageNeverPull" });
});

/** The API server after a restart, and a component that began before or behind it; restarted it is ready. */
function besideServer(
  component: ControlPlaneComponent,
  change: { readonly ready?: boolean; readonly startedAt?: string; readonly posts: readonly string[] },
): readonly PodReport[] {
  const { ready = false, startedAt = "2026-11-22T16:00:00Z", posts } = change;
  const server = buildComponentReport("kube-apiserver", {
    status: {
      state: { running: { startedAt: "2026-11-22T16:30:01Z" } },
      lastState: buildEnd({ finishedAt: "2026-11-22T16:30:00Z" }),
    },
  });
  const again = { ready: false, restartCount: 1, state: { running: { startedAt: "2026-11-22T16:30:02Z" } } };
  const status = posts.length > 0 ? again : { ready, state: { running: { startedAt } } };
  const report = buildComponentReport(component, { status });
  return [
    server,
    { ...report, pod: { ...report.pod, metadata: { ...report.pod.metadata, uid: WANTED_UID } } },
  ];
}

test.each([
  ["kube-scheduler", {}, 1],
  ["kube-controller-manager", { startedAt: "2026-11-22T16:30:00Z" }, 1],
  ["kube-scheduler", { ready: true }, 0],
  ["kube-scheduler", { startedAt: "2026-11-22T16:30:01Z" }, 0],
  ["etcd", {}, 0],
] as const)(
  "a %s of which is known %j is restarted %d times for an API server that was before",
  async (component, change, times) => {
    const posts: string[] = [];
    const { system, outcome } = wait({
      step: { component },
      posts,
      pods: () => besideServer(component, { ...change, posts }),
      answers: ["refused", "refused", 200],
    });
    await advanceUntilDone(system.clock, { done: outcome });
    await outcome;
    expect(posts).toEqual(Array(times).fill(`/v1/pods/kube-system/${component}-n1/restart`));
  },
);

test("a failure that is not known may happen a few times, then it ends the wait", async () => {
  let looks = 0;
  const { system, outcome, waits } = wait({
    pods: () => {
      looks += 1;
      if (looks === 1) return [];
      const restartCount = Math.floor(looks / 10);
      return [reportWanted({ status: { ready: false, restartCount, state: buildEnd() } })];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: "etcd does not run: ended with exit code 1, 4 restarts",
  });
  expect(waits.join()).toContain("3 restarts");
});

test("a wait that times out tells how long it was and what was seen last", async () => {
  const { system, outcome } = wait({ pods: () => [reportWanted()], answers: [503] });
  await advanceUntilDone(system.clock, { done: outcome, stepMs: 1000 });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_WAIT_TIMEOUT",
    exitCode: 5,
    what: "etcd did not become healthy within 60 s",
    why: expect.stringContaining("503"),
    fix: expect.stringContaining("slipway logs etcd"),
  });
});

test("an interruption ends the wait", async () => {
  const interrupt = new AbortController();
  const { system, outcome } = wait({
    pods: () => [reportWanted()],
    answers: [503],
    signal: interrupt.signal,
  });
  await system.clock.advance(100);
  interrupt.abort(new Error("interrupted"));
  await expect(outcome).rejects.toThrow("interrupted");
});

test("a slow one is waited for with what it says and its last line", async () => {
  const line = "2026-11-22T16:59:01.000000000Z stderr F I1122 16:59:01.000000       1 a.go:1] Serving soon\n";
  const logPath = join(createTempTree({ "0.log": line }), "0.log");
  const answers = [...Array.from({ length: 300 }, () => 503), 200];
  const { system, outcome, waits } = wait({
    pods: () => [reportWanted({ container: { logPath } })],
    answers,
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(waits[0]).toBe("etcd: it answered 503");
  expect(waits.at(-1)).toBe("etcd: it answered 503; its last line: Serving soon");
});

test("an etcd whose disk is slow is waited for with how slow it is", async () => {
  const bucket = (bound: string, count: number): string =>
    `etcd_disk_wal_fsync_duration_seconds_bucket{le="${bound}"} ${count}\n`;
  const { system, outcome, waits } = wait({
    pods: () => [reportWanted()],
    answers: [...Array.from({ length: 300 }, () => 503), 200],
    metrics: bucket("1.024", 3) + bucket("+Inf", 5),
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await outcome;
  expect(waits.at(-1)).toMatch(
    /^etcd: it answered 503 \(etcd's disk is slow: of the \d+ times .*, 2 took over a second/,
  );
});

test("one that runs and complains without end of what only a change can mend is not waited for", async () => {
  const text = [1, 2].map(
    (second) =>
      `2026-11-22T16:59:0${second}.000000000Z stderr F W1122 16:59:01.0       1 a.go:1] x509: certificate signed by unknown authority\n`,
  );
  const logPath = join(createTempTree({ "0.log": text.join("") }), "0.log");
  const status = { ready: false, started: false };
  const { system, outcome } = wait({
    pods: () => [reportWanted({ status, container: { logPath } })],
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({
    code: "SLIPWAY_COMPONENT_FAILED",
    what: "etcd runs, but cannot get ready",
    why: expect.stringContaining("another CA"),
  });
});

test.each([
  [true, "SLIPWAY_COMPONENT_FAILED"],
  [false, "SLIPWAY_WAIT_TIMEOUT"],
])(
  "members that do not answer are not waited for where the cluster is new: %s",
  async (isNewCluster, code) => {
    const text = [1, 2].map(
      (second) =>
        `2026-11-22T16:59:0${second}.000000000Z stderr F {"level":"info","msg":"a sent MsgPreVote request to b at term 2"}\n`,
    );
    const logPath = join(createTempTree({ "0.log": text.join("") }), "0.log");
    const status = { ready: false, started: false };
    const { system, outcome } = wait({
      isNewCluster,
      pods: () => [reportWanted({ status, container: { logPath } })],
      answers: ["refused"],
    });
    await advanceUntilDone(system.clock, { done: outcome, stepMs: 250 });
    await expect(outcome).rejects.toMatchObject({
      code,
      why: expect.stringContaining("too few of them answer"),
    });
  },
);

test("one that it depends on and that has failed for good is told in its place", async () => {
  let looks = 0;
  const dead = { restartCount: 1, ready: false, state: { waiting: { reason: "ErrImageNeverPull" } } };
  const apiServer = buildComponentReport("kube-apiserver");
  const { metadata } = apiServer.pod;
  const { system, outcome } = wait({
    step: { component: "kube-apiserver" },
    pods: () => {
      looks += 1;
      return [
        buildComponentReport("etcd", { status: looks > 1 ? dead : {} }),
        { ...apiServer, pod: { ...apiServer.pod, metadata: { ...metadata, uid: WANTED_UID } } },
      ];
    },
    answers: ["refused"],
  });
  await advanceUntilDone(system.clock, { done: outcome });
  await expect(outcome).rejects.toMatchObject({ what: "etcd does not run: it waits: ErrImageNeverPull" });
});
