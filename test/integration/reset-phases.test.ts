import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listTree, processesNaming } from "../support/machine.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { joinSecondEtcd } from "../support/second-etcd.ts";

let plane: TestPlane;
let before: readonly string[];

beforeEach(async () => {
  plane = await preparePlane();
  before = listTree(plane.dir);
});
afterEach(() => plane.destroy());

/** An etcd and no API server, which would take its 30 s to end without one. */
async function startEtcdAlone(...more: readonly string[]): Promise<void> {
  for (const words of ["certs all", "kubeconfig all", "kubelet-start", "etcd local", ...more])
    succeed(await plane.slipway("init", "phase", ...words.split(" "), "--config", plane.configPath));
  await expect.poll(() => listPods()).toContain("etcd-node-a");
}

async function listPods(): Promise<readonly string[]> {
  const { items } = JSON.parse(succeed(await plane.slipway("ps", "-o", "json"))) as {
    items: { pod: { metadata: { name: string } } }[];
  };
  return items.map(({ pod }) => pod.metadata.name);
}

test("the phases one by one undo init as reset does, and what is left stays known", async () => {
  await startEtcdAlone("control-plane scheduler");
  expect(succeed(await plane.slipway("reset", "phase", "preflight"))).toBe("This user may undo init.\n");

  const dryRun = succeed(await plane.slipway("reset", "phase", "remove-etcd-member", "--dry-run"));
  expect(dryRun.trimEnd().split("\n")).toEqual([
    "stop    kube-system/etcd-node-a (etcd)",
    `remove  ${plane.path("var/lib/etcd")} and all that is in it`,
    `remove  ${plane.path("etc/kubernetes/manifests/etcd.yaml")}`,
  ]);
  succeed(await plane.slipway("reset", "phase", "remove-etcd-member"));
  expect(existsSync(plane.path("var/lib/etcd"))).toBe(false);
  expect(await listPods()).toEqual(["kube-scheduler-node-a"]);

  succeed(await plane.slipway("reset", "phase", "cleanup-node"));
  expect(processesNaming(plane.root)).toEqual([]);
  expect(listTree(plane.dir)).toEqual(before);
});

test("etcd's data stays without its phase, is there for the next init, and the next reset knows of it", async () => {
  succeed(await plane.init());
  await plane.kubectl("create", "configmap", "kept");
  const path = join(plane.dir, "reset.yaml");
  await writeFile(
    path,
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ResetConfiguration\nforce: true\nskipPhases: [remove-etcd-member]\n",
  );
  succeed(await plane.slipway("reset", "--config", path));
  expect(processesNaming(plane.root)).toEqual([]);
  expect(await readdir(plane.path("var/lib/etcd"))).toEqual(["member"]);
  expect((await readdir(plane.path("var/lib/slipway"))).sort()).toEqual(["ledger.copy.json", "ledger.json"]);
  expect(existsSync(plane.path("etc"))).toBe(false);

  await rm(path);
  succeed(await plane.slipway("reset", "--force"));
  expect(listTree(plane.dir)).toEqual(before);
});

test("what kubeadm keeps of itself goes when that is asked for, and another's certificates are not touched", async () => {
  succeed(await plane.init("--runtime", "external"));
  await mkdir(plane.path("etc/kubernetes/tmp/kubeadm-init-dryrun1"), { recursive: true });
  const refused = await plane.slipway("reset", "--force", "--cert-dir", "/srv/pki");
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("init made nothing there")]);
  succeed(await plane.slipway("reset", "--force", "--cert-dir", "/etc/kubernetes/pki", "--cleanup-tmp-dir"));
  expect(listTree(plane.dir)).toEqual(before);
});

test("an etcd that is one of several leaves its cluster, which goes on without it", async () => {
  await startEtcdAlone();
  const second = await joinSecondEtcd(plane);
  try {
    expect(await second.listMembers()).toEqual(["node-a", "second"]);
    // etcd lets a member go when all have known each other for 5 s.
    const { exitCode, stderr } = await plane.slipway("reset", "--force");
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("did not leave")]);
    expect(await second.listMembers()).toEqual(["second"]);
  } finally {
    await second.destroy();
  }
  expect(listTree(plane.dir)).toEqual(before);
});
