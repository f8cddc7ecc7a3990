import { join } from "node:path";
import { expect, test } from "vitest";
import { leaveEtcdCluster } from "../../../../src/apply/reset/leave-etcd-cluster.ts";
import type { HttpRequest } from "../../../../src/system/net.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

/** An etcd with these members, and what it was asked. */
async function leave(
  members: readonly string[],
  { removeStatus = 200, down = "", initialCluster = "node-a=https://10.0.0.1:2380" } = {},
) {
  const dir = createTempTree({
    "ca.crt": "CA",
    "healthcheck-client.crt": "C",
    "healthcheck-client.key": "K",
  });
  const asked: HttpRequest[] = [];
  const system = createFakeSystem({
    net: {
      request: async (request) => {
        asked.push(request);
        if (down !== "") throw systemError(down);
        const isList = request.url.endsWith("/list");
        const body = isList
          ? { members: members.map((name, index) => ({ ID: `${index + 1}`, name })) }
          : { message: "unhealthy cluster" };
        return { status: isList ? 200 : removeStatus, headers: {}, body: Buffer.from(JSON.stringify(body)) };
      },
    },
  });
  const flags = [
    { name: "name", value: "node-a" },
    { name: "initial-cluster", value: initialCluster },
    { name: "listen-client-urls", value: "https://127.0.0.1:2379,https://10.0.0.1:2379" },
    { name: "trusted-ca-file", value: join(dir, "ca.crt") },
  ];
  const advice = await leaveEtcdCluster(system, { flags, timeoutMs: 500, onWait: () => undefined });
  return { advice, asked };
}

test("one of several members leaves by its id, asked on loopback with etcd's own client certificate", async () => {
  const { advice, asked } = await leave(["other", "node-a"]);
  expect(advice).toBeUndefined();
  expect(asked.map(({ url, body }) => [url, body])).toEqual([
    ["https://127.0.0.1:2379/v3/cluster/member/list", "{}"],
    ["https://127.0.0.1:2379/v3/cluster/member/remove", '{"ID":"2"}'],
  ]);
  expect(asked[0]).toMatchObject({ timeoutMs: 500, tls: { ca: "CA", cert: "C", key: "K" } });
});

test.each([[["node-a"]], [["other", "third"]]])("of %j nobody is taken out", async (members) => {
  const { advice, asked } = await leave(members);
  expect([advice, asked.length]).toEqual([undefined, 1]);
});

test("when etcd does not let it go, what to do by hand is told", async () => {
  const { advice } = await leave(["other", "node-a"], { removeStatus: 400 });
  expect(advice).toMatch(
    /etcd answered 400: .*unhealthy cluster.*etcdctl member list, then etcdctl member remove ID for "node-a"/,
  );
});

test.each([
  ["ECONNREFUSED", "node-a=https://10.0.0.1:2380", undefined],
  ["ECONNREFUSED", "other=https://10.0.0.2:2380,node-a=https://10.0.0.1:2380", /etcdctl member remove/],
  ["ETIMEDOUT", "node-a=https://10.0.0.1:2380", /etcdctl member remove/],
])("%s of an etcd that was begun with %s is told: %s", async (down, initialCluster, told) => {
  const { advice } = await leave([], { down, initialCluster });
  expect(advice).toEqual(told === undefined ? undefined : expect.stringMatching(told));
});
