import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { createNet } from "../../src/system/net.ts";
import { findComponent } from "./plane.ts";
import { reservePorts } from "./reserve-ports.ts";

const TIMEOUT_MS = 30_000;

/** The data that the first member of a real etcd cluster of so many members has left, all of which are gone. */
export async function makeEtcdData(path: string, { members }: { readonly members: number }): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "slipway-etcd-"));
  const program = await findComponent("etcd");
  const ports = await reservePorts(2 * members);
  const names = Array.from({ length: members }, (_, index) => ({
    name: `member-${index}`,
    client: `http://127.0.0.1:${ports[2 * index]}`,
    peer: `http://127.0.0.1:${ports[2 * index + 1]}`,
  }));
  const cluster = names.map(({ name, peer }) => `${name}=${peer}`).join(",");
  const started = names.map(({ name, client, peer }) =>
    execa(
      program,
      [
        ...[`--name=${name}`, `--data-dir=${join(dir, name)}`, `--initial-cluster=${cluster}`],
        ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
        ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
      ],
      { reject: false, all: true },
    ),
  );
  try {
    await Promise.all(names.map(({ client }) => waitUntilHealthy(client)));
  } finally {
    for (const child of started) child.kill("SIGTERM");
    await Promise.all(started);
  }
  await rename(join(dir, "member-0"), path);
  await rm(dir, { recursive: true });
}

/** The same of an etcd that is two minors newer, as far as etcd can tell: it looks at the version in its database. */
export async function makeNewerEtcdData(path: string): Promise<void> {
  await makeEtcdData(path, { members: 1 });
  const database = join(path, "member/snap/db");
  // Pages have no checksum, but for the two of the head, where no version stands.
  const text = await readFile(database, "latin1");
  const newer = text.replaceAll(/3\.(\d)\.0/g, (_, minor) => `3.${Number(minor) + 2}.0`);
  if (newer === text) throw new Error(`no version stands in ${database}`);
  await writeFile(database, newer, "latin1");
}

async function waitUntilHealthy(url: string): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const answer = await createNet()
      .request({ url: `${url}/health`, timeoutMs: 1000 })
      .catch(() => undefined);
    if (answer?.status === 200) return;
    if (Date.now() > deadline) throw new Error(`etcd at ${url} does not get healthy`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
