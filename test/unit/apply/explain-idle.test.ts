import { join } from "node:path";
import { expect, test } from "vitest";
import { explainIdle } from "../../../src/apply/explain-idle.ts";
import { buildComponentReport, buildEnd } from "../../support/build-report.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

type Status = NonNullable<Parameters<typeof buildComponentReport>[1]>["status"];

const PLACE = "E1122 16:59:01.000000       1 leaderelection.go:473]";
const lease = (reason: string) => `${PLACE} "Error retrieving lease lock" err="${reason}" lock="x"`;
const FOREIGN = lease("tls: failed to verify certificate: x509: certificate signed by unknown authority");
const OLD_FOREIGN = `${PLACE} error retrieving resource lock kube-system/x: x509: certificate signed by unknown authority`;
const UNAUTHORIZED = lease("Unauthorized");
const REFUSED = lease("dial tcp 127.0.0.1:6443: connect: connection refused");
const ACQUIRED =
  "I1122 16:59:01.000000       1 leaderelection.go:272] successfully acquired lease kube-system/x";
const UNPUBLISHED = JSON.stringify({
  level: "warn",
  msg: "failed to publish local member to cluster through raft",
  error: "etcdserver: request timed out",
});

const system = createFakeSystem();
const NOW_MS = system.clock.nowMs();

/** What is said of a component that wrote each line so many seconds ago. */
function explain(
  component: string,
  log: readonly (readonly [secondsAgo: number, line: string])[],
  status: Status = {},
) {
  const stamp = (ago: number): string => new Date(NOW_MS - ago * 1000).toISOString();
  const text = log.map(([ago, line]) => `${stamp(ago)} stderr F ${line}\n`).join("");
  const container = { logPath: join(createTempTree({ "0.log": text }), "0.log") };
  return explainIdle(system, {
    report: buildComponentReport(component, { status, container }),
    container: component,
  });
}

test.each([
  ["kube-controller-manager", FOREIGN, /another CA signed/],
  ["kube-scheduler", OLD_FOREIGN, /another CA signed/],
  ["kube-controller-manager", UNAUTHORIZED, /does not accept the client certificate/],
  ["etcd", UNPUBLISHED, /takes no writes/],
])("a ready %s that goes on saying %j does not do its work", async (component, line, cause) => {
  expect(
    await explain(component, [
      [9, line],
      [2, line],
    ]),
  ).toMatchObject({
    summary: "up, but idle",
    cause: expect.stringMatching(cause),
    logLines: [expect.any(String)],
    permanent: true,
  });
});

test("once is not for good, nor is what was long ago, or was followed by the lease", async () => {
  const name = "kube-controller-manager";
  expect(await explain(name, [[2, FOREIGN]])).toBeUndefined();
  expect(
    await explain(name, [
      [40, FOREIGN],
      [30, FOREIGN],
    ]),
  ).toBeUndefined();
  expect(
    await explain(name, [
      [9, FOREIGN],
      [5, FOREIGN],
      [1, ACQUIRED],
    ]),
  ).toBeUndefined();
  expect(
    await explain(name, [
      [12, ACQUIRED],
      [9, FOREIGN],
      [5, FOREIGN],
    ]),
  ).toBeDefined();
});

test("an etcd whose others came late is not taken for one that has lost its log", async () => {
  const says = (msg: string) => JSON.stringify({ level: "info", msg });
  const led = says("raft.node: 7931c781113529f6 elected leader 7931c781113529f6 at term 3");
  const published = says("published local member to cluster through raft");
  expect(
    await explain("etcd", [
      [14, UNPUBLISHED],
      [6, led],
      [1, UNPUBLISHED],
    ]),
  ).toBeUndefined();
  expect(
    await explain("etcd", [
      [14, UNPUBLISHED],
      [7, UNPUBLISHED],
      [6, published],
    ]),
  ).toBeUndefined();
  expect(
    await explain("etcd", [
      [30, led],
      [14, UNPUBLISHED],
      [7, UNPUBLISHED],
    ]),
  ).toBeDefined();
});

test("an etcd that says at its start that its log ends before its database is told at once", async () => {
  const start = (database: number, log: number, peers = "dd62") =>
    [
      [2, JSON.stringify({ level: "info", msg: "restore consistentIndex", index: database })],
      [
        2,
        JSON.stringify({
          msg: `newRaft dd62 [peers: [${peers}], term: 2, commit: 1, lastindex: ${log}, lastterm: 2]`,
        }),
      ],
    ] as const;
  expect(await explain("etcd", start(441, 440))).toMatchObject({
    summary: "up, but idle",
    cause: expect.stringContaining(
      "lost, and its database is newer (it ends at entry 440, the database at 441)",
    ),
    logLines: [expect.stringMatching(/^newRaft .*lastterm: 2\]$/)],
    permanent: true,
  });
  expect(await explain("etcd", start(441, 440, ""))).toBeDefined();
  expect(await explain("etcd", start(441, 440, "dd62,ee73"))).toBeUndefined();
  expect(await explain("etcd", start(440, 440))).toBeUndefined();
  const published = JSON.stringify({ msg: "published local member to cluster through raft" });
  expect(await explain("etcd", [...start(441, 440), [1, published]])).toBeUndefined();
});

test("that the API server is not there is told of the API server, not of who waits for it", async () => {
  expect(
    await explain("kube-controller-manager", [
      [9, REFUSED],
      [2, REFUSED],
    ]),
  ).toBeUndefined();
});

test("of one that is not ready, or has ended, and of other components it is not asked", async () => {
  const log = [
    [9, UNPUBLISHED],
    [2, UNPUBLISHED],
  ] as const;
  expect(await explain("etcd", log, { ready: false })).toBeUndefined();
  expect(await explain("etcd", log, { state: buildEnd() })).toBeUndefined();
  expect(await explain("web", log)).toBeUndefined();
});
