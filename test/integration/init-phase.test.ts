import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { INIT_PHASES } from "../../src/plan/build-plan.ts";
import { listLeaves } from "../../src/plan/select-phases.ts";
import { listTree, listWrites } from "../support/machine.ts";
import { type Outcome, preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

let plane: TestPlane;
let before: readonly string[];

const phase = (...words: readonly string[]): Promise<Outcome> =>
  plane.slipway("init", "phase", ...words, "--config", plane.configPath);

beforeAll(async () => {
  plane = await preparePlane();
  before = listTree(plane.dir);
});
afterAll(() => plane.destroy());

test("a part alone writes its own files and nothing else", async () => {
  succeed(await phase("certs", "ca"));
  expect(existsSync(plane.path("etc/kubernetes/pki/ca.key"))).toBe(true);
  expect(existsSync(plane.path("etc/kubernetes/pki/apiserver.crt"))).toBe(false);
  expect(existsSync(plane.path("etc/kubernetes/admin.conf"))).toBe(false);
});

test("a phase again keeps what is there", async () => {
  const ca = readFileSync(plane.path("etc/kubernetes/pki/ca.crt"), "utf8");
  const { stderr } = await phase("certs", "all", "-v", "1");
  expect(readFileSync(plane.path("etc/kubernetes/pki/ca.crt"), "utf8")).toBe(ca);
  expect(stderr).toContain(`[certs] make ${plane.path("etc/kubernetes/pki/ca.crt")}: done already`);
});

test("a dry run of a phase prints what it would write, without secrets, and writes nothing", async () => {
  const tree = listTree(plane.dir);
  const manifests = succeed(await phase("control-plane", "all", "--dry-run"));
  expect(manifests).toContain("kind: Pod");
  expect(succeed(await phase("upload-config", "all", "--dry-run"))).toContain("name: kubelet-config");
  expect(succeed(await phase("bootstrap-token", "--dry-run"))).toContain(
    "# [bootstrap-token] create a bootstrap token",
  );
  expect(listTree(plane.dir)).toEqual(tree);
});

/** What has something new to do each time: to wait, a random token, a fresh encryption. */
const NEW_EACH_TIME = ["wait-control-plane", "bootstrap-token", "upload-certs"];

// 45 commands, each a process of its own: some 30 s, and minutes on a busy machine.
test("every part alone, one after the other, makes a control plane, and repeated does nothing", async () => {
  const parts = listLeaves(INIT_PHASES).map(({ path }) => path);
  expect(parts.length).toBeGreaterThan(30);
  for (const part of parts) succeed(await phase(...part.split("/")));
  const files = listWrites(plane.path("etc/kubernetes"));
  for (const { name, phases } of INIT_PHASES) {
    const { exitCode, stderr } = await phase(name, ...(phases === undefined ? [] : ["all"]), "-v", "1");
    const steps = stderr.split("\n").filter((line) => line.startsWith(`[${name}]`));
    const fresh = steps.filter((line) => !line.endsWith(": done already"));
    expect([name, exitCode, NEW_EACH_TIME.includes(name) ? [] : fresh]).toEqual([name, 0, []]);
  }
  expect(listWrites(plane.path("etc/kubernetes"))).toEqual(files);
  expect(await readStatus(plane)).toMatchObject({ healthy: true });
  await plane.kubectl(
    "get",
    "deployment/coredns",
    "daemonset/kube-proxy",
    "configmap/kubeadm-config",
    "-n",
    "kube-system",
  );
  expect(readFileSync(plane.path("var/lib/kubelet/kubeadm-flags.env"), "utf8")).toContain(
    "--hostname-override=node-a",
  );
}, 300_000);

test("the join command of a running cluster needs no configuration", async () => {
  const { stdout } = await plane.slipway("init", "phase", "show-join-command");
  expect(stdout).toContain(`kubeadm join 127.0.0.1:${plane.ports.apiServer} --token `);
});

test("certificates are uploaded only when that is asked for", async () => {
  expect(succeed(await phase("upload-certs"))).toContain("Please see --upload-certs");
  expect(succeed(await phase("upload-certs", "--upload-certs"))).toMatch(/certificate key:\n[0-9a-f]{64}\n/);
  await plane.kubectl("get", "secret", "kubeadm-certs", "-n", "kube-system");
});

test("init finds nothing to change afterwards, and reset undoes the phases", async () => {
  expect(succeed(await plane.init())).toContain("nothing was changed");
  succeed(await plane.slipway("reset", "--force"));
  expect(listTree(plane.dir)).toEqual(before);
});
