import { expect, test } from "vitest";
import { resolvesHostName } from "../../../src/facts/resolve-host-name.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

function createMachine(files: Readonly<Record<string, string>>, known: readonly string[] = []) {
  const asked: string[] = [];
  const system = createFakeSystem({
    rootDir: createTempTree(files),
    net: {
      resolveName: (name) => {
        asked.push(name);
        return Promise.resolve(known.includes(name) ? ["192.0.2.1"] : []);
      },
    },
  });
  return { system, asked };
}

test("a name in /etc/hosts resolves without asking a server, whatever its case", async () => {
  const { system, asked } = createMachine({ "/etc/hosts": "192.0.2.1 x node-1 # node-2\n" });
  expect(await resolvesHostName(system, { name: "Node-1", hasDefaultRoute: true })).toBe(true);
  expect(asked).toEqual([]);
});

test("a name in a comment of /etc/hosts does not count", async () => {
  const { system } = createMachine({ "/etc/hosts": "192.0.2.1 x # node-2\n" });
  expect(await resolvesHostName(system, { name: "node-2", hasDefaultRoute: true })).toBe(false);
});

test("a machine without a default route asks no server", async () => {
  const { system, asked } = createMachine({});
  expect(await resolvesHostName(system, { name: "node-1", hasDefaultRoute: false })).toBe(false);
  expect(asked).toEqual([]);
});

test("search domains are tried", async () => {
  const { system } = createMachine({ "/etc/resolv.conf": "search a.test b.test\n" }, ["node-1.b.test"]);
  expect(await resolvesHostName(system, { name: "node-1", hasDefaultRoute: true })).toBe(true);
});
