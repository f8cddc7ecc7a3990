import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, expect, test } from "vitest";
import { makeEtcdData } from "../support/etcd-data.ts";
import { countThrottled, listPodUids } from "../support/machine.ts";
import { preparePlane, runSlipway, succeed, type TestPlane } from "../support/plane.ts";
import { findPid, readStatus } from "../support/status.ts";
import { readFirstLineMs, readRefusal, readTold } from "../support/told.ts";

const asRoot = process.getuid?.() === 0;

/** On a quiet machine it is three seconds: this bound only tells it from a time-out, of which init's is four minutes. */
const TOLD_WITHIN_MS = 12_000;

/** The directory is looked at once a second; the scheduler is told to end first. */
const EDIT_MS = 30_000;

let plane: TestPlane;

afterEach(() => plane.destroy());

/** What is not ready may still become so: init waits as long as it may, here some seconds. */
async function waitBriefly(time: string): Promise<void> {
  const timeouts = `timeouts: { controlPlaneComponentHealthCheck: ${time} }`;
  await plane.editConfig((text) => text.replace("nodeRegistration:", `${timeouts}\nnodeRegistration:`));
}

test.runIf(asRoot)(
  "a component with a tenth of a CPU is slow, is told with its last line, and gets up",
  async () => {
    plane = await preparePlane();
    const directory = join(plane.dir, "patches");
    await mkdir(directory);
    const limits = "resources: { requests: { cpu: 100m }, limits: { cpu: 100m } }";
    await writeFile(
      join(directory, "kube-apiserver.yaml"),
      `spec:\n  containers:\n  - name: kube-apiserver\n    ${limits}\n`,
    );
    await plane.editConfig((text) =>
      text.replace("nodeRegistration:", `patches: { directory: ${directory} }\nnodeRegistration:`),
    );
    const { exitCode, stderr } = await plane.init();
    expect(stderr).toMatch(/^\[wait-control-plane\] waiting: kube-apiserver: .*; its last line: .+$/m);
    expect(exitCode).toBe(0);
    expect(countThrottled(listPodUids(plane.root))).toBeGreaterThan(20);
    // Nothing has killed it on its way.
    const { components } = await readStatus(plane);
    expect(components.map(({ name, restarts }) => [name, restarts])).toContainEqual(["kube-apiserver", 0]);
  },
);

test("an API server that never gets ready is told with the checks that fail, by all four", async () => {
  plane = await preparePlane();
  const encryptionPath = join(plane.dir, "encryption.yaml");
  await writeFile(encryptionPath, ENCRYPTION_BY_NOBODY);
  await plane.editConfig((text) =>
    text.replace(
      "controllerManager:",
      `apiServer:\n  extraArgs: [{ name: encryption-provider-config, value: ${encryptionPath} }]\ncontrollerManager:`,
    ),
  );
  await waitBriefly("15s");
  const { exitCode, stderr } = await plane.init();
  expect(stderr).toMatch(/^error: kube-apiserver did not become healthy within 15 s$/m);
  expect(stderr).toMatch(/waiting: kube-apiserver: not ready yet: .*kms-provider/);
  expect(stderr).toMatch(/^ {2}why: https:\S+: not ready yet: .*kms-provider/m);
  expect(exitCode).toBe(5);
  const told = { end: "not ready", why: expect.stringMatching(/failed checks: .*kms-provider/) };
  expect(await readTold(plane, "kube-apiserver")).toMatchObject({ status: told, ps: told, doctor: told });
  const { stdout } = await plane.slipway("doctor");
  expect(stdout).toMatch(/these checks of \/readyz fail: .*kms-provider/);
});

test("etcd's data of a cluster with other members, which are not there, is told by all four", async () => {
  plane = await preparePlane();
  await mkdir(plane.path("var/lib"), { recursive: true });
  await makeEtcdData(plane.path("var/lib/etcd"), { members: 2 });
  const refused = await plane.init();
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toMatch(/\[DirAvailable--var-lib-etcd\] etcd's data directory \S+ is not empty/);
  const outcome = await plane.init("--ignore-preflight-errors=all", "-o", "json");
  const endedMs = Date.now();
  const why = /etcd's data know other members of its cluster, and too few of them answer/;
  const told = { why: expect.stringMatching(why), fix: expect.stringMatching(/start them/) };
  const refusal = { code: "SLIPWAY_COMPONENT_FAILED", end: "cannot get ready", ...told };
  expect(readRefusal(outcome, "etcd")).toMatchObject(refusal);
  expect(endedMs - (await readFirstLineMs(plane, "etcd", /sent MsgPreVote request/))).toBeLessThan(
    TOLD_WITHIN_MS,
  );
  const unready = { end: "not ready", ...told };
  expect(await readTold(plane, "etcd")).toMatchObject({ status: unready, ps: unready, doctor: unready });
});

// strace holds each of etcd's fdatasync for over a second: what a disk that is too busy does.
test.runIf(asRoot)("a disk that is slow under etcd", async () => {
  plane = await preparePlane();
  succeed(await plane.init());
  const delay = "inject=fdatasync,fsync:delay_enter=1200000";
  const words = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", delay];
  const strace = execa("strace", [...words, "-p", String(await findPid(plane, "etcd"))], { reject: false });
  try {
    const counted = "of the \\d+ times .*, [1-9]\\d* took over a second";
    await expect
      .poll(() => plane.slipway("status").then(({ stdout }) => stdout), { timeout: 40_000 })
      .toMatch(new RegExp(`^etcd's disk   slow: ${counted}`, "m"));
    const { stdout } = await plane.slipway("doctor");
    expect(stdout).toMatch(new RegExp(`etcd's disk is slow \\[EtcdDisk\\]\n.*${counted}`));
  } finally {
    strace.kill("SIGTERM");
    await strace;
  }
});

test.runIf(asRoot)(
  "where no file can be watched any more init warns, and changes of manifests are still seen",
  async () => {
    const used = 'echo 0 >/proc/sys/user/max_inotify_instances; exec "$@"';
    const enter = ["unshare", "--user", "--map-root-user", "sh", "-c", used, "sh"];
    plane = await preparePlane({ host: { address: "127.0.0.1", enter } });
    const { exitCode, stderr } = await plane.init();
    expect(stderr).toMatch(/^warning: \[Inotify\] .*fs\.inotify\.max_user_instances is used up/m);
    expect(exitCode).toBe(0);
    const told = /^manifests +no file can be watched: fs\.inotify\.max_user_instances is used up \(EMFILE\)/m;
    expect(succeed(await runSlipway(["status", "--root", plane.root]))).toMatch(told);
    expect(succeed(await runSlipway(["doctor", "--root", plane.root]))).toContain("(EMFILE) [Inotify]");
    const pid = await findPid(plane, "kube-scheduler");
    const manifest = plane.path("etc/kubernetes/manifests/kube-scheduler.yaml");
    const edited = (await readFile(manifest, "utf8")).replace(
      "- kube-scheduler\n",
      "- kube-scheduler\n    - --v=1\n",
    );
    await writeFile(`${plane.dir}/edited.yaml`, edited);
    await rename(`${plane.dir}/edited.yaml`, manifest);
    await expect
      .poll(() => findPid(plane, "kube-scheduler").catch(() => pid), { timeout: EDIT_MS })
      .not.toBe(pid);
  },
);

/** Encryption by a key service that nobody runs: the API server serves, and is never ready. */
const ENCRYPTION_BY_NOBODY = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - kms: { apiVersion: v2, name: nobody, endpoint: unix:///nonexistent/kms.sock, timeout: 1s }
`;
