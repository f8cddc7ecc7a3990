import { request } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { PassThrough } from "node:stream";
import type { TLSSocket } from "node:tls";
import { expect, test, vi } from "vitest";
import type { AttachSession, Runtime } from "../../../../src/runtime/types.ts";
import { createKubeletServerTrial } from "../../../support/kubelet-server-trial.ts";
import { createSpdyClient } from "../../../support/spdy-client.ts";

const trial = createKubeletServerTrial();
const { server, setPods, tls, answerReviews, start, get, withoutCertificate, buildLogging } = trial;

/** Asks for an upgrade as the API server does; the answer's head, and the connection when it was granted. */
function upgrade(path: string, protocol: string): Promise<{ status: number; socket: TLSSocket | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: "127.0.0.1",
      port: server().ports().api,
      path,
      method: "POST",
      ...tls(),
      headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol },
    });
    outgoing.on("upgrade", (response, socket) => {
      resolve({ status: response.statusCode ?? 0, socket: socket as TLSSocket });
    });
    outgoing.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, socket: undefined });
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

const EXEC = "/exec/kube-system/web-n1/web";
const V4 = "v4.channel.k8s.io";

/** A command that says what it was given, and ends with 3 at the end of its input. */
function buildEchoRuntime(): Pick<Runtime, "openExec"> {
  return {
    openExec: async (id, { command }) => {
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
      stdout.write(`${id} ${command.join(" ")}\n`);
      stdin.pipe(stdout);
      stderr.end("complaint");
      const exited = new Promise<number>((resolve) => void stdin.on("end", () => resolve(3)));
      return { stdin, stdout, stderr, exited, resize: async () => undefined, hangUp: () => stdin.end() };
    },
  };
}

test("exec asks who it is and whether they may before it listens", async () => {
  answerReviews({ allowed: () => false });
  setPods(buildLogging());
  await start();
  expect(await upgrade(`${EXEC}?command=id&output=1`, V4)).toMatchObject({ status: 403 });
});

test("exec of what is not there or does not run, and protocols of the past, are refused", async () => {
  setPods(buildLogging({}, false));
  await start({ authorizationMode: "AlwaysAllow" });
  expect(await upgrade("/exec/kube-system/none/web?output=1", V4)).toMatchObject({ status: 404 });
  expect(await upgrade("/exec/kube-system/web-n1/none?output=1", V4)).toMatchObject({ status: 500 });
  expect(await upgrade(`${EXEC}?output=1`, V4)).toMatchObject({ status: 500 });
  setPods(buildLogging());
  expect(await upgrade(`${EXEC}?output=1`, "channel.k8s.io")).toMatchObject({ status: 403 });
  expect(await upgrade("/portForward/kube-system/none", "portforward.k8s.io")).toMatchObject({ status: 404 });
});

test("exec carries input, output and the exit code", async () => {
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow" }, buildEchoRuntime());
  const { socket } = await upgrade(`${EXEC}?command=a&command=b&input=1&output=1&error=1`, V4);
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  const open = (streamtype: string): Promise<number> => peer.open({ streamtype });
  const error = await open("error");
  const stdin = await open("stdin");
  const stdout = await open("stdout");
  const stderr = await open("stderr");
  peer.write(stdin, "typed");
  peer.end(stdin);
  await vi.waitFor(() => expect(peer.events).toContain("closed"));
  expect(peer.text(stdout)).toBe("1 a b\ntyped");
  expect(peer.text(stderr)).toBe("complaint");
  expect(JSON.parse(peer.text(error))).toMatchObject({
    status: "Failure",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  });
});

const RUN = "/run/kube-system/web-n1/web";

test("run gives what a command writes on both outputs, and of one that fails how it ended", async () => {
  setPods(buildLogging());
  const asked: (readonly string[])[] = [];
  let exitCode = 0;
  const openExec: Runtime["openExec"] = async (_id, { command }) => {
    asked.push(command);
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdout.end("said\n");
    stderr.end("complained\n");
    const hangUp = (): void => undefined;
    return {
      ...{ stdin, stdout, stderr, hangUp },
      exited: Promise.resolve(exitCode),
      resize: async () => undefined,
    };
  };
  await start({ authorizationMode: "AlwaysAllow" }, { openExec });
  const run = (path: string) => get(path, { method: "POST" });
  expect(await run(`${RUN}?cmd=ls%20-l`)).toEqual({ status: 200, text: "said\ncomplained\n" });
  expect(asked).toEqual([["ls", "-l"]]);
  exitCode = 7;
  const failed = "command 'ls -l' exited with 7: complained\n";
  expect(await run(`${RUN}?cmd=ls%20-l`)).toEqual({ status: 500, text: failed });
  expect(await get(RUN)).toMatchObject({ status: 405 });
  expect(await run("/run/kube-system/none/web?cmd=ls")).toMatchObject({ status: 404 });
});

test("run asks who it is and whether they may", async () => {
  answerReviews({ allowed: () => false });
  setPods(buildLogging());
  await start();
  expect(await get(`${RUN}?cmd=id`, { method: "POST" })).toMatchObject({ status: 403 });
});

test("without debugging handlers nothing reaches into containers or logs, and the rest goes on", async () => {
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow", enableDebuggingHandlers: false });
  const closed = [
    ...[`${EXEC}?command=id&output=1`, "/attach/kube-system/web-n1/web?output=1"],
    ...["/portForward/kube-system/web-n1", "/containerLogs/kube-system/web-n1/web", "/runningpods/"],
    ...["/logs/", "/debug/pprof/"],
  ];
  const answer = { status: 405, text: "Debug endpoints are disabled." };
  for (const path of closed) expect([path, await get(path)]).toEqual([path, answer]);
  expect(await get(`${RUN}?cmd=id`, { method: "POST" })).toEqual(answer);
  expect(await upgrade(`${EXEC}?command=id&output=1`, V4)).toMatchObject({ status: 405 });
  expect(await upgrade("/portForward/kube-system/web-n1", "portforward.k8s.io")).toMatchObject({
    status: 405,
  });
  expect(await get("/configz")).toMatchObject({ status: 404 });
  const open = ["/healthz", "/pods", "/metrics", "/metrics/cadvisor", "/metrics/resource", "/stats/summary"];
  for (const path of open) expect([path, (await get(path)).status]).toEqual([path, 200]);
  expect(await get("/logs/", withoutCertificate())).toMatchObject({ status: 401 });
});

test("attach shows what comes from here on, until the container ends", async () => {
  setPods(buildLogging());
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const follow: AttachSession["follow"] = async (stream, { write }) => {
    if (stream === "stdout") await write(Buffer.from("after\n"));
    await ended;
  };
  const nothing = (): Promise<void> => Promise.resolve();
  const session = { stdin: undefined, isInputTaken: false, follow, resize: nothing, close: nothing };
  const openAttach = async () => session;
  await start({ authorizationMode: "AlwaysAllow" }, { openAttach });
  const { socket } = await upgrade(`/attach/kube-system/web-n1/web?output=1`, V4);
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  const error = await peer.open({ streamtype: "error" });
  const stdout = await peer.open({ streamtype: "stdout" });
  await vi.waitFor(() => expect(peer.text(stdout)).toBe("after\n"));
  end();
  await vi.waitFor(() => expect(peer.events).toContain("closed"));
  expect(JSON.parse(peer.text(error))).toMatchObject({ status: "Success" });
});

test("a forwarded port answers, and one where nobody listens says so", async () => {
  const echo = createTcpServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => void echo.listen(0, "127.0.0.1", resolve));
  const { port } = echo.address() as AddressInfo;
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow" });
  const { socket } = await upgrade("/portForward/kube-system/web-n1", "portforward.k8s.io");
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  const open = (streamtype: string, requestid: string, to: number): Promise<number> =>
    peer.open({ streamtype, requestid, port: String(to) });
  const error = await open("error", "0", port);
  const data = await open("data", "0", port);
  peer.write(data, "ping");
  await vi.waitFor(() => expect(peer.text(data)).toBe("ping"));
  peer.end(data);
  await vi.waitFor(() =>
    expect(peer.events).toEqual(expect.arrayContaining([`end ${data}`, `end ${error}`])),
  );
  expect(peer.text(error)).toBe("");
  await new Promise((resolve) => void echo.close(resolve));
  const refused = await open("error", "1", port);
  await open("data", "1", port);
  await vi.waitFor(() => expect(peer.text(refused)).toContain("ECONNREFUSED"));
});

test("an open stream does not keep the server from closing", async () => {
  setPods(buildLogging());
  await start({ authorizationMode: "AlwaysAllow" });
  const { socket } = await upgrade(`${EXEC}?output=1`, V4);
  if (socket === undefined) throw new Error("not upgraded");
  const peer = createSpdyClient(socket);
  await server().close();
  await vi.waitFor(() => expect(peer.events).toContain("closed"));
});
