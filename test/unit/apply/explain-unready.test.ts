import { join } from "node:path";
import { expect, test } from "vitest";
import { explainLastingComplaint, explainUnready } from "../../../src/apply/explain-unready.ts";
import { buildComponentReport, buildEnd } from "../../support/build-report.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

type Options = NonNullable<Parameters<typeof buildComponentReport>[1]>;

const system = createFakeSystem();
const REFUSED =
  'W1122 16:59:01.000000       1 logging.go:1] connect: "dial tcp 127.0.0.1:2379: connect: connection refused"';
const FOREIGN =
  "W1122 16:59:01.000000       1 logging.go:1] tls: failed to verify certificate: x509: certificate signed by unknown authority";

/** A log with each line at its second. */
function logOf(...lines: readonly (readonly [second: number, line: string])[]): string {
  const text = lines.map(
    ([second, line]) => `2026-11-22T16:59:${String(second).padStart(2, "0")}.000000000Z stderr F ${line}\n`,
  );
  return join(createTempTree({ "0.log": text.join("") }), "0.log");
}

function explain(options: Options, of = system) {
  const report = buildComponentReport("kube-apiserver", options);
  const [container] = report.pod.spec.containers;
  const command = ["kube-apiserver", "--etcd-servers=https://127.0.0.1:2379"];
  const containers = container === undefined ? [] : [{ ...container, command }];
  const pod = { ...report.pod, spec: { ...report.pod.spec, containers } };
  return explainUnready(of, { report: { ...report, pod }, container: "kube-apiserver" });
}

test("one that is ready has nothing to explain, nor has one of which nothing is known", async () => {
  expect(await explain({ container: { lastProbeFailure: "readiness: 500" } })).toBeUndefined();
  expect(await explain({ status: { ready: false } })).toBeUndefined();
});

test("one that runs is told with what its log complains of, whether its probe has failed or not yet", async () => {
  const logPath = logOf([1, REFUSED]);
  for (const lastProbeFailure of [undefined, "readiness: 500"]) {
    expect(await explain({ status: { ready: false }, container: { logPath, lastProbeFailure } })).toEqual({
      summary: "not ready",
      cause: "nothing answers kube-apiserver at 127.0.0.1:2379",
      fix: expect.stringContaining("slipway logs etcd"),
      logLines: ['connect: "dial tcp 127.0.0.1:2379: connect: connection refused"'],
      permanent: false,
      inManifest: false,
      restartCount: 0,
    });
  }
});

test("without a complaint that is known its probe speaks, with the last line of its log", async () => {
  const container = { logPath: logOf([1, "what now"]), lastProbeFailure: "readiness: 500" };
  expect(await explain({ status: { ready: false }, container })).toMatchObject({
    cause: "readiness: 500",
    logLines: ["what now"],
  });
});

test("one that has not come up again is told with how the run before ended; one that had come up is not", async () => {
  const status = { ready: false, restartCount: 2, lastState: buildEnd() };
  const container = { lastProbeFailure: "startup: refused", previousLogPath: logOf([1, "panic: so"]) };
  expect(await explain({ status: { ...status, started: false }, container })).toMatchObject({
    summary: "runs again after exit code 1",
    cause: "it runs since 2026-11-22T16:00:00Z and is not ready yet; the run before: panic: so",
  });
  expect(await explain({ status, container })).toMatchObject({
    summary: "not ready",
    cause: "startup: refused",
  });
});

test("of one that complains after a restart the end before is told, too", async () => {
  const status = { ready: false, started: false, restartCount: 1, lastState: buildEnd() };
  expect(await explain({ status, container: { logPath: logOf([1, REFUSED]) } })).toMatchObject({
    summary: "runs again after exit code 1",
    cause: expect.stringContaining("nothing answers"),
  });
});

test("that etcd does not answer is told only of etcd's address, and only while it does not", async () => {
  const status = { ready: false };
  const net = { ...system.net, probeConnect: () => Promise.resolve() };
  const container = { logPath: logOf([1, REFUSED]) };
  expect(await explain({ status, container }, { ...system, net })).toBeUndefined();
  const other = { logPath: logOf([1, REFUSED.replace(":2379", ":6443")]) };
  expect(await explain({ status, container: other })).toBeUndefined();
});

const isNew = false;

test("a complaint that goes on is lasting; one of a moment, one that may heal and one of an ended run are not", async () => {
  const lasting = (logPath: string, status: Options["status"] = {}) =>
    explainLastingComplaint(system, {
      report: buildComponentReport("kube-apiserver", { status, container: { logPath } }),
      container: "kube-apiserver",
      isNew,
    });
  expect(await lasting(logOf([1, FOREIGN], [2, FOREIGN]))).toMatchObject({
    cause: expect.stringContaining("another CA signed"),
    permanent: true,
  });
  expect(await lasting(logOf([1, FOREIGN], [1, FOREIGN]))).toBeUndefined();
  expect(await lasting(logOf([1, REFUSED], [9, REFUSED]))).toBeUndefined();
  expect(await lasting(logOf([1, FOREIGN], [2, FOREIGN]), { state: buildEnd() })).toBeUndefined();
});

test("one whose process somebody has stopped gets ready only when it is let go on", async () => {
  const stat = `100 (kube-apiserver) T ${"0 ".repeat(49)}`;
  const stopped = createFakeSystem({ rootDir: createTempTree({ "proc/100/stat": stat }) });
  const of = { report: buildComponentReport("kube-apiserver"), container: "kube-apiserver", isNew };
  expect(await explainLastingComplaint(stopped, of)).toMatchObject({
    fix: "to let it go on: kill -CONT 100",
    permanent: true,
  });
  expect(await explainLastingComplaint(system, of)).toBeUndefined();
});
