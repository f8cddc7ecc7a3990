import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { createNet } from "../../src/system/net.ts";
import { findComponent, type TestPlane } from "./plane.ts";
import { reservePorts } from "./reserve-ports.ts";

/** Another member of a plane's etcd cluster, as a joined control plane has it. */
export interface SecondEtcd {
  /** The members' names, sorted, as this one knows them; waits until it answers. */
  listMembers(): Promise<readonly string[]>;
  destroy(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** Adds a member to the etcd of a plane and starts it, with copies of the plane's certificates. */
export async function joinSecondEtcd(plane: TestPlane): Promise<SecondEtcd> {
  const dir = join(plane.dir, "second");
  await cp(plane.path("etc/kubernetes/pki/etcd"), dir, { recursive: true });
  const read = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
  const tls = {
    ca: await read("ca.crt"),
    cert: await read("healthcheck-client.crt"),
    key: await read("healthcheck-client.key"),
  };
  const [clientPort = 0, peerPort = 0] = await reservePorts(2);
  const ask = async (port: number, path: string, body: object): Promise<unknown> => {
    const response = await createNet().request({
      url: `https://127.0.0.1:${port}/v3/cluster/${path}`,
      method: "POST",
      body: JSON.stringify(body),
      tls,
      timeoutMs: 5000,
    });
    if (response.status !== 200) throw new Error(response.body.toString());
    return JSON.parse(response.body.toString());
  };
  const peerUrl = `https://127.0.0.1:${peerPort}`;
  const clientUrl = `https://127.0.0.1:${clientPort}`;
  await retry(() => ask(plane.ports.etcdClient, "member/add", { peerURLs: [peerUrl] }));
  const child = execa(
    await findComponent("etcd"),
    [
      "--name=second",
      `--data-dir=${join(dir, "data")}`,
      `--initial-cluster=node-a=https://127.0.0.1:${plane.ports.etcdPeer},second=${peerUrl}`,
      "--initial-cluster-state=existing",
      ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`],
      ...[`--listen-client-urls=${clientUrl}`, `--advertise-client-urls=${clientUrl}`],
      ...["cert-file=server.crt", "key-file=server.key", "trusted-ca-file=ca.crt"].map(inDir(dir)),
      ...["peer-cert-file=peer.crt", "peer-key-file=peer.key", "peer-trusted-ca-file=ca.crt"].map(inDir(dir)),
      ...["--client-cert-auth", "--peer-client-cert-auth"],
    ],
    { reject: false, all: true },
  );
  const listMembers = async (): Promise<readonly string[]> => {
    const { members } = (await ask(clientPort, "member/list", {})) as { members: { name: string }[] };
    return members.map(({ name }) => name).sort();
  };
  return {
    listMembers: () => retry(listMembers),
    destroy: async () => {
      child.kill("SIGKILL");
      await child;
      await rm(dir, { recursive: true });
    },
  };
}

const inDir =
  (dir: string) =>
  (flag: string): string =>
    `--${flag.replace("=", `=${dir}/`)}`;

async function retry<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
