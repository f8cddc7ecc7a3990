import { expect, test } from "vitest";
import { traceSystem } from "../../../src/system/trace-system.ts";
import { createFakeSystem, type FakeSystem } from "../../support/fake-system.ts";

function createMachine(): FakeSystem {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  return createFakeSystem({
    run: () => ({ exitCode: 3, stdout: "secret" }),
    net: {
      request: async ({ url }) => {
        if (url.includes("gone")) throw refused;
        return { status: 201, headers: {}, body: Buffer.from("secret") };
      },
    },
  });
}

async function use(machine: FakeSystem, verbosity: number) {
  const traced = traceSystem(machine, verbosity);
  const { exitCode } = await traced.exec.run({ command: "ip", args: ["route"], input: "secret" });
  const { status } = await traced.net.request({ url: "https://a/b", method: "POST", body: "secret" });
  const failure = await traced.net.request({ url: "https://gone" }).catch((error: unknown) => error);
  return { exitCode, status, failure };
}

test("programs and requests are told from their levels on, never what they say, and answer as before", async () => {
  const machine = createMachine();
  const { exitCode, status, failure } = await use(machine, 6);
  expect([exitCode, status, String(failure)]).toEqual([3, 201, "Error: connect ECONNREFUSED"]);
  expect(machine.logged.map(({ level, message, fields }) => [level, message, fields])).toEqual([
    ["debug", "ran a program", { command: "ip route", exitCode: 3, startError: undefined, ms: 0 }],
    ["debug", "asked", { method: "POST", url: "https://a/b", socket: undefined, status: 201, ms: 0 }],
    [
      "debug",
      "asked in vain",
      { method: "GET", url: "https://gone", socket: undefined, reason: String(failure), ms: 0 },
    ],
  ]);
});

test.each([
  [0, []],
  [4, []],
  [5, ["ran a program"]],
])("at level %s these are told: %j", async (verbosity, messages) => {
  const machine = createMachine();
  await use(machine, verbosity);
  expect(machine.logged.map(({ message }) => message)).toEqual(messages);
});

test("the password of an address is not told", async () => {
  const machine = createMachine();
  await traceSystem(machine, 6).net.request({ url: "https://anna:hunter2@mirror.example/kubectl" });
  expect(machine.logged.map(({ fields }) => fields?.["url"])).toEqual([
    "https://anna:xxxxx@mirror.example/kubectl",
  ]);
});
