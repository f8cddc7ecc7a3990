import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { createNet } from "../../src/system/net.ts";
import { findComponent, runSlipway, succeed, type TestPlane } from "./plane.ts";
import { reservePorts } from "./reserve-ports.ts";

/** An etcd that runs beside a plane, with TLS and a CA of its own; it takes clients with certificates of that CA alone. */
export interface OuterEtcd {
  readonly url: string;
  /** How many keys it holds. */
  countKeys(): Promise<number>;
  destroy(): Promise<void>;
}

/** Starts it, and puts what its clients need under the plane's root: `/etc/etcd/{ca,client}.crt`, `client.key`. */
export async function startOuterEtcd(plane: TestPlane): Promise<OuterEtcd> {
  const dir = join(plane.dir, "outer");
  const pkiDir = join(dir, "etc/kubernetes/pki");
  for (const name of ["etcd-ca", "etcd-server", "apiserver-etcd-client"]) {
    const args = ["--root", dir, "--apiserver-advertise-address", "127.0.0.1"];
    succeed(await runSlipway(["init", "phase", "certs", name, ...args]));
  }
  await mkdir(plane.path("etc/etcd"), { recursive: true });
  for (const [from, to] of [
    ["etcd/ca.crt", "ca.crt"],
    ["apiserver-etcd-client.crt", "client.crt"],
    ["apiserver-etcd-client.key", "client.key"],
  ] as const)
    await cp(join(pkiDir, from), plane.path(`etc/etcd/${to}`));
  const [clientPort = 0, peerPort = 0] = await reservePorts(2);
  const url = `https://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const child = execa(
    await findComponent("etcd"),
    [
      ...[`--data-dir=${join(dir, "data")}`, `--listen-peer-urls=${peerUrl}`],
      ...[`--initial-advertise-peer-urls=${peerUrl}`, `--initial-cluster=default=${peerUrl}`],
      ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`, "--client-cert-auth"],
      `--trusted-ca-file=${join(pkiDir, "etcd/ca.crt")}`,
      ...["cert", "key"].map(
        (kind) => `--${kind}-file=${join(pkiDir, `etcd/server.${kind === "cert" ? "crt" : "key"}`)}`,
      ),
    ],
    { reject: false, all: true },
  );
  const read = (name: string): Promise<string> => readFile(join(pkiDir, name), "utf8");
  const tls = {
    ca: await read("etcd/ca.crt"),
    cert: await read("apiserver-etcd-client.crt"),
    key: await read("apiserver-etcd-client.key"),
  };
  return {
    url,
    countKeys: async () => {
      // Every key from the first on. Source: etcd api/etcdserverpb/rpc.proto RangeRequest.
      const all = Buffer.from([0]).toString("base64");
      const body = JSON.stringify({ key: all, range_end: all, count_only: true });
      const response = await createNet().request({ url: `${url}/v3/kv/range`, method: "POST", body, tls });
      return Number((JSON.parse(response.body.toString()) as { count?: string }).count ?? 0);
    },
    destroy: async () => {
      child.kill("SIGKILL");
      await child;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
