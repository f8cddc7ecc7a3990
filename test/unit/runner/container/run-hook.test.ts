import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createHookRunner } from "../../../../src/runner/container/run-hook.ts";
import type { ExecResult } from "../../../../src/runtime/types.ts";
import { createNet } from "../../../../src/system/net.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const open: Server[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done)))));

test("an exec hook succeeds with exit code 0 and has no time limit of its own", async () => {
  const asked: { readonly command: readonly string[]; readonly timeoutMs: number }[] = [];
  const exec = (command: (typeof asked)[number]): ExecResult => {
    asked.push(command);
    return { exitCode: 0, output: "", timedOut: false };
  };
  expect(await run({ exec: { command: ["touch", "$(A)"] } }, { exec })).toEqual({ kind: "done" });
  expect(asked).toEqual([{ command: ["touch", "$(A)"], timeoutMs: Number.POSITIVE_INFINITY }]);
});

test("an exec hook that fails says how", async () => {
  const exec = (): ExecResult => ({ exitCode: 3, output: "no", timedOut: false });
  expect(await run({ exec: { command: ["false", "x"] } }, { exec })).toEqual({
    kind: "failed",
    message: expect.stringMatching(
      /^Exec lifecycle hook \(\[false x\]\) for Container "web" in Pod "web-node-1_default\(\w+\)" failed - error: exited with 3, message: "no"$/,
    ),
  });
});

test("any answer to an http hook is a success, and it is asked as the kubelet asks", async () => {
  const seen: string[] = [];
  const port = await listen((agent) => seen.push(agent), 500);
  expect(await run({ httpGet: { port, path: "bye", scheme: "HTTP" } })).toEqual({ kind: "done" });
  expect(seen).toEqual(["GET /bye kube-lifecycle/1.37"]);
});

test("an https hook that is answered in plain http is asked so, without its credentials", async () => {
  const port = await listen(() => undefined, 200);
  const httpHeaders = [{ name: "Authorization", value: "secret" }];
  expect(await run({ httpGet: { port, path: "/", scheme: "HTTPS", httpHeaders } })).toEqual({
    kind: "done",
    warning: `request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`,
  });
});

test("an http hook has its time for all of its answer, and one whose body does not come is a success", async () => {
  const port = await listen(
    () => undefined,
    (response) => response.write("x"),
  );
  expect(await run({ httpGet: { port, path: "/", scheme: "HTTP" } }, { timeoutMs: 300 })).toEqual({
    kind: "done",
  });
});

test.each([
  ["nothing answers", { httpGet: { port: 1, path: "/", scheme: "HTTP" as const } }, "ECONNREFUSED"],
  [
    "a port has no such name",
    { httpGet: { port: "web", path: "/", scheme: "HTTP" as const } },
    "no port named web",
  ],
  ["it is a tcpSocket hook", { tcpSocket: { port: 1 } }, "invalid handler"],
])("a hook fails when %s", async (_, handler, message) => {
  expect(await run(handler)).toEqual({ kind: "failed", message: expect.stringContaining(message) });
});

test("a sleep hook sleeps, and ends early when its container does", async () => {
  const system = createFakeSystem();
  const container = new AbortController();
  const slept = run({ sleep: { seconds: 5 } }, { system, signal: container.signal });
  await system.clock.advance(5000);
  expect(await slept).toEqual({ kind: "done" });
  const cut = run({ sleep: { seconds: 5 } }, { system, signal: container.signal });
  container.abort(new Error("it ended"));
  expect(await cut).toEqual({ kind: "failed", message: "it ended" });
});

type Handler = Parameters<ReturnType<typeof createHookRunner>["run"]>[0]["handler"];

async function run(
  handler: Handler,
  options: {
    readonly exec?: (command: {
      readonly command: readonly string[];
      readonly timeoutMs: number;
    }) => ExecResult;
    readonly system?: ReturnType<typeof createFakeSystem>;
    readonly signal?: AbortSignal;
    readonly timeoutMs?: number;
  } = {},
) {
  const pod = buildPod();
  const container = pod.spec.containers[0];
  if (container === undefined) throw new Error("the pod has no container");
  const { exec = () => ({ exitCode: 0, output: "", timedOut: false }) } = options;
  const system = { ...(options.system ?? createFakeSystem()), net: createNet() };
  const runner = createHookRunner(system, {
    runtime: { exec: (_id, command) => Promise.resolve(exec(command)) },
    nodeIp: "127.0.0.1",
    kubeletVersion: "v1.37.2",
  });
  const signal = options.signal ?? new AbortController().signal;
  const result = await runner.run({
    handler,
    pod,
    container,
    containerId: "c",
    timeoutMs: options.timeoutMs,
    signal,
  });
  runner.close();
  return result;
}

function listen(
  onRequest: (line: string) => void,
  answer: number | ((response: ServerResponse) => void),
): Promise<number> {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== undefined) throw new Error("credentials in the clear");
    onRequest(`${request.method} ${request.url} ${request.headers["user-agent"]}`);
    if (typeof answer === "number") response.writeHead(answer).end();
    else answer(response);
  });
  open.push(server);
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
}
