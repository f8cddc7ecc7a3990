import { expect, test } from "vitest";
import type { ApiLink } from "../../../../src/runner/cluster/api-link.ts";
import { keepNode } from "../../../../src/runner/cluster/keep-node.ts";
import { buildRunnerOptions } from "../../../support/cluster-values.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";

test("a machine that cannot be looked at any more is left all the same", async () => {
  const silent = () => undefined;
  let broken = false;
  const system = createFakeSystem({
    fs: {
      totalBytes: async () => 1e9,
      freeBytes: async () => (broken ? Promise.reject(systemError("EIO")) : 1e9),
    },
  });
  const body = { metadata: { name: "node-a", uid: "u-1" } };
  const link: ApiLink = {
    client: {
      server: "https://none",
      request: () => Promise.reject(new Error("not asked")),
      watch: () => {
        throw new Error("not asked");
      },
      close: silent,
    },
    ask: async () => ({ response: { status: 200, body, text: "" }, reason: "" }),
    problem: () => undefined,
    expectDown: silent,
    onDown: silent,
    onUp: silent,
  };
  const runner = buildRunnerOptions();
  const node = keepNode(system, { link, runner, onRegistered: silent, onLabels: silent });
  await expect.poll(() => node.uid()).toBe("u-1");
  broken = true;
  await node.leave();
  expect(system.logged.map(({ message }) => message)).toContain(
    "the API server is not told that the machine goes down",
  );
});
