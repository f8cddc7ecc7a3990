import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeEnd, explainContainer } from "../../../src/apply/explain-container.ts";
import type { PodReport } from "../../../src/control/protocol.ts";
import { buildComponentReport, buildEnd } from "../../support/build-report.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = createFakeSystem();

function explain(report: PodReport) {
  return explainContainer(system, { report, container: "etcd" });
}

function logOf(...lines: readonly string[]): string {
  const text = lines.map((line) => `2026-11-22T16:59:01.000000000Z stderr F ${line}\n`).join("");
  return join(createTempTree({ "0.log": text }), "0.log");
}

test("nothing is wrong with a container that runs and never ended, or that is not there", async () => {
  expect(await explain(buildComponentReport("etcd"))).toBeUndefined();
  expect(await explain(buildComponentReport("kube-scheduler"))).toBeUndefined();
  expect(await explain(buildComponentReport("etcd", { status: { state: {} } }))).toBeUndefined();
});

test("a container that ended is told with its end, its restarts and the last lines of its log", async () => {
  const failure = await explain(
    buildComponentReport("etcd", {
      status: { ready: false, restartCount: 2, state: buildEnd() },
      container: { logPath: logOf("first", "something quite unheard of") },
    }),
  );
  expect(failure).toMatchObject({
    summary: "ended with exit code 1, 2 restarts",
    cause: "something quite unheard of",
    fix: "slipway logs etcd",
    permanent: false,
    restartCount: 2,
  });
});

test.each([15, 9])(
  "one that was killed for its probe (signal %i) is told with what the probe said",
  async (signal) => {
    const condemnation = "liveness: HTTP 500: the cache is cold";
    const status = { state: buildEnd({ exitCode: 128 + signal, signal }) };
    const failure = await explain(buildComponentReport("etcd", { status, container: { condemnation } }));
    expect(failure?.cause).toBe(
      "it was killed, because its liveness probe failed: HTTP 500: the cache is cold",
    );
  },
);

test("one that was killed because its postStart hook failed is told so", async () => {
  const status = { state: buildEnd({ exitCode: 137, signal: 9 }) };
  const container = { condemnation: "postStart: exit code 3" };
  const failure = await explain(buildComponentReport("etcd", { status, container }));
  expect(failure?.cause).toBe("it was killed, because its postStart hook failed: exit code 3");
});

test("a failure that is known comes with its cause and what to do", async () => {
  const line = '{"level":"fatal","msg":"listen tcp 127.0.0.1:2379: bind: address already in use"}';
  const failure = await explain(
    buildComponentReport("etcd", { status: { state: buildEnd() }, container: { logPath: logOf(line) } }),
  );
  expect(failure?.cause).toContain("2379");
  expect(failure?.logLines.join()).toContain("address already in use");
});

test("of a container that runs again, the log of the run before is read", async () => {
  const container = { logPath: logOf("of this run"), previousLogPath: logOf("of the run before") };
  const failure = await explain(
    buildComponentReport("etcd", { status: { restartCount: 1, lastState: buildEnd() }, container }),
  );
  expect(failure?.cause).toBe("of the run before");
});

test.each([
  ["no log", undefined],
  ["a log that is gone", "/nowhere/0.log"],
  ["an empty log", "empty"],
])("%s is no obstacle", async (_name, logPath) => {
  const container = { logPath: logPath === "empty" ? logOf() : logPath };
  const failure = await explain(buildComponentReport("etcd", { status: { state: buildEnd() }, container }));
  expect(failure).toMatchObject({ cause: "it left no line in its log", logLines: [] });
});

test("a kill is told as such, and a log without lines shows none", async () => {
  const state = buildEnd({ exitCode: 137, signal: 9, reason: "OOMKilled" });
  const failure = await explain(buildComponentReport("etcd", { status: { state } }));
  expect(failure).toMatchObject({
    summary: "ended with signal 9 (OOMKilled)",
    cause: expect.stringContaining("memory"),
    logLines: [],
  });
});

test("an end that nobody saw is no kill", async () => {
  const state = buildEnd({ exitCode: 137, reason: "ContainerStatusUnknown" });
  const failure = await explain(buildComponentReport("etcd", { status: { state } }));
  expect(failure).toMatchObject({
    cause: expect.stringContaining("the disk was full"),
    fix: expect.stringContaining("df -h"),
  });
});

test("a container that cannot be started is told with what it waits for; one that backs off with its end", async () => {
  const waiting = (reason: string, message = "so") =>
    explain(
      buildComponentReport("etcd", {
        status: { ready: false, state: { waiting: { reason, message } }, lastState: buildEnd() },
      }),
    );
  expect(await waiting("ErrImageNeverPull")).toMatchObject({
    summary: "it waits: ErrImageNeverPull",
    cause: "so",
    permanent: true,
  });
  const noProcess = "cannot start it: no more processes and threads may be started";
  expect(await waiting("RunContainerError", noProcess)).toMatchObject({
    cause: noProcess,
    fix: expect.stringMatching(/ulimit -u.*slipway runner restart$/),
    inManifest: false,
  });
  expect(await waiting("ContainerCreating")).toMatchObject({ cause: "so", permanent: false });
  expect(await waiting("CrashLoopBackOff")).toMatchObject({ summary: "ended with exit code 1" });
});

test.each([
  ["registry.k8s.io/etcd:3.7.0-0", undefined, /slipway components fetch --kubernetes-version v1\.37\.2$/],
  [
    "registry.k8s.io/etcd:3.6.6-0",
    ["etcd", "--x"],
    /slipway components fetch --kubernetes-version v1\.36\.3$/,
  ],
  ["r/kube-scheduler:v1.35.9", undefined, /slipway components fetch --kubernetes-version v1\.35\.9$/],
  ["r/kube-scheduler:v1.99.0", undefined, /name a version in the image .* for example v1\.37\.2$/],
  ["r/etcd:9.9.9-0", undefined, /name a version in the image .* for example 3\.7\.0-0$/],
  ["registry.k8s.io/etcd:3.7.0-0", ["/opt/mine"], /give the container a command/],
  ["nginx", undefined, /give the container a command .* container runtime/],
])("only a program of ours can be fetched: %s %s", async (image, command, fix) => {
  const state = { waiting: { reason: "ErrImagePull", message: "so" } };
  const report = buildComponentReport("etcd", { status: { ready: false, state } });
  const containers = [{ name: "etcd", image, ...(command && { command }) }];
  const pod = { ...report.pod, spec: { ...report.pod.spec, containers } };
  expect((await explain({ ...report, pod }))?.fix).toMatch(fix);
});

test("somebody who did not answer when it ended, and does now, is not what it lacks", async () => {
  const line = 'E1122 16:59:00.000000       1 a.go:1] "dial tcp 127.0.0.1:2379: connect: connection refused"';
  const report = buildComponentReport("etcd", {
    status: { state: buildEnd() },
    container: { logPath: logOf(line) },
  });
  expect((await explain(report))?.cause).toBe("nothing answers etcd at 127.0.0.1:2379");
  const net = { ...system.net, probeConnect: () => Promise.resolve() };
  expect(await explainContainer({ ...system, net }, { report, container: "etcd" })).toMatchObject({
    cause: "nothing answered etcd at 127.0.0.1:2379 then; somebody does now",
    fix: expect.stringContaining("by itself"),
  });
});

test("ends are told in few words", () => {
  expect(describeEnd({ exitCode: 2, reason: "Error" })).toBe("ended with exit code 2");
  expect(describeEnd({ exitCode: 0, reason: "Completed" })).toBe("ended with exit code 0 (Completed)");
  expect(describeEnd({ exitCode: 143, signal: 15 })).toBe("ended with signal 15");
});

test("out of its own memory limit is told with the limit and is permanent; out of the machine's is not", async () => {
  const state = buildEnd({ exitCode: 137, signal: 9, reason: "OOMKilled" });
  const report = buildComponentReport("etcd", { status: { state } });
  const containers = [{ name: "etcd", image: "etcd:1", resources: { limits: { memory: "40Mi" } } }];
  const limited = { ...report, pod: { ...report.pod, spec: { ...report.pod.spec, containers } } };
  expect(await explain(limited)).toMatchObject({
    cause: expect.stringContaining("more than the 40Mi of memory"),
    fix: expect.stringContaining("resources.limits.memory of etcd"),
    permanent: true,
  });
  expect(await explain(report)).toMatchObject({
    cause: expect.stringContaining("the machine's memory ran out"),
    permanent: false,
  });
});

test("a taken port is told with the process that has it", async () => {
  const line = '{"level":"fatal","msg":"listen tcp 127.0.0.1:2379: bind: address already in use"}';
  const header =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const rootDir = createTempTree({
    "/logs/0.log": `2026-11-22T16:59:01.000000000Z stderr F ${line}\n`,
    "/proc/net/tcp": `${header}   0: 0100007F:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n`,
    "/proc/99/cmdline": "/usr/sbin/nginx\0",
    "/proc/99/fd/": "dir/",
  });
  await symlink("socket:[4711]", join(rootDir, "proc/99/fd/7"));
  const failure = await explainContainer(
    createFakeSystem({
      rootDir,
      net: { probeListen: async ({ port }) => (port === 2379 ? "EADDRINUSE" : undefined) },
    }),
    {
      report: buildComponentReport("etcd", {
        status: { state: buildEnd() },
        container: { logPath: "/logs/0.log" },
      }),
      container: "etcd",
    },
  );
  expect(failure).toMatchObject({
    cause: "port 2379 is held by nginx (pid 99)",
    fix: "choose another port, 12379 is free: the URLs in etcd.local.extraArgs; or stop it (kill 99)",
  });
});
