import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { probePorts } from "../../../src/facts/probe-ports.ts";
import { createNet } from "../../../src/system/net.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7777 1 0 100 0 0 10 0
   1: 0100007F:192B 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 8888 1 0 100 0 0 10 0
`;

function createMachine(entries: Readonly<Record<string, string | { readonly link: string }>>) {
  return createFakeSystem({
    rootDir: createTempTree({ "/proc/net/tcp": TCP, ...entries }),
    net: { probeListen: ({ port }) => Promise.resolve(port === 6443 ? "EADDRINUSE" : undefined) },
  });
}

const apiServer = { name: "kube-apiserver", host: "127.0.0.1", port: 6443 };

test("a taken port names the process that listens on it", async () => {
  const system = createMachine({
    "/proc/4711/cmdline": "/usr/bin/etcd\0--name=x\0",
    "/proc/4711/fd/5": { link: "socket:[7777]" },
    "/proc/12/cmdline": "/bin/client\0",
    "/proc/12/fd/5": { link: "socket:[8888]" },
  });
  const [fact] = await probePorts(system, { ports: [apiServer] });
  const holder = { pid: 4711, command: "etcd" };
  expect(fact).toEqual({ ...apiServer, problem: "EADDRINUSE", holder, freePort: 16_443 });
});

test("a port that is held by what Slipway runs names the root, also when its runner is gone", async () => {
  const container = "/planes/a b/var/lib/slipway/containers/0-x/exit";
  const system = createMachine({
    "/proc/4711/cmdline": "/x/kube-apiserver\0--v=2\0",
    "/proc/4711/stat": "4711 (kube) apiserver) S 12 4711 4711 0",
    "/proc/4711/fd/5": { link: "socket:[7777]" },
    "/proc/12/cmdline": `/bin/sh\0-c\0trap : TERM\0sh\0${container}\0--\0`,
  });
  const [fact] = await probePorts(system, { ports: [apiServer] });
  expect(fact?.holder).toEqual({ pid: 4711, command: "kube-apiserver", root: "/planes/a b" });
});

test("a holder that may not be seen is unknown", async () => {
  const [fact] = await probePorts(createMachine({}), { ports: [apiServer] });
  expect(fact?.holder).toBeUndefined();
});

test("a port that is let go of while its holder is looked for is free", async () => {
  const answers = ["EADDRINUSE", undefined] as const;
  let asked = 0;
  const probeListen = async () => answers[asked++];
  const system = createFakeSystem({ rootDir: createTempTree({ "/proc/net/tcp": "" }), net: { probeListen } });
  const [fact] = await probePorts(system, { ports: [apiServer] });
  expect([asked, fact?.problem, fact?.freePort]).toEqual([2, undefined, undefined]);
});

test("our own runner is called slipway though Node.js runs it", async () => {
  const system = createMachine({
    "/proc/9/cmdline": "/usr/bin/node\0/opt/x/dist/main.cjs\0runner\0run\0--root\0/\0",
    "/proc/9/fd/5": { link: "socket:[7777]" },
  });
  const [fact] = await probePorts(system, { ports: [apiServer] });
  expect(fact?.holder).toMatchObject({ command: "slipway", root: "/" });
});

test("free ports are not looked up", async () => {
  const system = createFakeSystem({ rootDir: createTempTree({}) });
  const [fact] = await probePorts(system, { ports: [apiServer] });
  expect(fact).toEqual({ ...apiServer, problem: undefined, holder: undefined });
});

test("a listener of this machine is found by its real port", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const system = createFakeSystem({ net: createNet() });
  const [fact] = await probePorts(system, { ports: [{ name: "etcd", host: "127.0.0.1", port }] });
  expect(fact?.problem).toBe("EADDRINUSE");
  expect(fact?.holder?.pid).toBe(process.pid);
});
