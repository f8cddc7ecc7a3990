import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NOBODY, preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { findPid } from "../support/status.ts";

const asRoot = process.getuid?.() === 0;
let plane: TestPlane;

beforeEach(async () => {
  plane = await preparePlane();
});
afterEach(() => plane.destroy());

/** Runs init, which must give up and name this cause, not wait until it may wait no longer; status and doctor name it too. */
async function expectExplained(wanted: {
  readonly component: string;
  readonly end: RegExp;
  readonly why: RegExp;
}): Promise<void> {
  const { exitCode, stderr } = await plane.init("--ignore-preflight-errors=all");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("code: SLIPWAY_COMPONENT_FAILED");
  expect(stderr).toMatch(new RegExp(`error: ${wanted.component} does not run: ${wanted.end.source}`));
  expect(stderr).toMatch(new RegExp(`why: ${wanted.why.source}`));
  expect((await plane.slipway("status")).stdout).toMatch(wanted.why);
  const { stdout } = await plane.slipway("doctor");
  expect(stdout).toContain(`[Component-${wanted.component}]`);
  expect(stdout).toMatch(wanted.why);
}

test("a flag that the API server has not", async () => {
  await plane.editConfig((text) =>
    text.replace("networking:", "apiServer: { extraArgs: [{ name: no-such-flag, value: x }] }\nnetworking:"),
  );
  await expectExplained({
    component: "kube-apiserver",
    end: /ended with exit code 1/,
    why: /this version of kube-apiserver has no flag --no-such-flag/,
  });
});

test("a port that somebody takes after the checks", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(plane.ports.etcdPeer, "127.0.0.1", done));
  try {
    await expectExplained({
      component: "etcd",
      end: /ended with exit code 1/,
      why: new RegExp(`port ${plane.ports.etcdPeer} is held by .* \\(pid ${process.pid}\\)`),
    });
  } finally {
    await new Promise((done) => server.close(done));
  }
});

test("a database that is damaged", async () => {
  await mkdir(plane.path("var/lib/etcd/member/snap"), { recursive: true });
  await writeFile(plane.path("var/lib/etcd/member/snap/db"), "x".repeat(65_536));
  await expectExplained({
    component: "etcd",
    end: /ended with exit code \d/,
    why: /etcd's data directory is damaged/,
  });
});

test.runIf(asRoot)("a memory limit that the API server cannot live in", async () => {
  await patch("kube-apiserver", "resources: { limits: { memory: 40Mi } }");
  await expectExplained({
    component: "kube-apiserver",
    end: /ended with signal 9 \(OOMKilled\)/,
    why: /the kernel killed it, because it needed more than the 40Mi of memory/,
  });
});

// Less than the 64 MB that etcd allots for its log at once. Source: etcd storage/wal/wal.go SegmentSizeBytes.
test.runIf(asRoot)("a disk that is full", async () => {
  await mkdir(plane.root);
  await execa("mount", ["-t", "tmpfs", "-o", "size=30m", "none", plane.root]);
  try {
    await expectExplained({
      component: "etcd",
      end: /ended with (?:exit code|signal) \d/,
      why: /the disk is full/,
    });
    succeed(await plane.slipway("reset", "--force"));
  } finally {
    await execa("umount", [plane.root]);
  }
});

test.runIf(asRoot)("a component with a tenth of a CPU is slow, and gets up", async () => {
  await patch("kube-apiserver", "resources: { requests: { cpu: 100m }, limits: { cpu: 100m } }");
  const { exitCode, stderr } = await plane.init();
  expect(stderr).toMatch(/^\[wait-control-plane\] waiting: kube-apiserver: .*; its last line: .+$/m);
  expect(exitCode).toBe(0);
});

test.runIf(asRoot)("etcd's data that belongs to another user", async () => {
  await plane.destroy();
  plane = await preparePlane({ uid: NOBODY });
  const member = plane.path("var/lib/etcd/member");
  await mkdir(member, { recursive: true });
  await execa("chown", ["-R", `${NOBODY}:${NOBODY}`, plane.root]);
  await execa("chown", ["0:0", member]);
  await execa("chmod", ["700", member, plane.path("var/lib/etcd")]);
  try {
    await expectExplained({
      component: "etcd",
      end: /ended with exit code 1/,
      why: /this user may not use \S*\/var\/lib\/etcd\/member/,
    });
  } finally {
    await execa("chown", ["-R", `${NOBODY}:${NOBODY}`, member]);
  }
});

test("an API server that never gets ready is told with the checks that fail, while it is waited for and after", async () => {
  const encryptionPath = join(plane.dir, "encryption.yaml");
  await writeFile(encryptionPath, ENCRYPTION_BY_NOBODY);
  await plane.editConfig((text) =>
    text
      .replace("nodeRegistration:", "timeouts: { controlPlaneComponentHealthCheck: 20s }\nnodeRegistration:")
      .replace(
        "controllerManager:",
        `apiServer:\n  extraArgs: [{ name: encryption-provider-config, value: ${encryptionPath} }]\ncontrollerManager:`,
      ),
  );
  const { exitCode, stderr } = await plane.init();
  expect(stderr).toMatch(/^error: kube-apiserver did not become healthy within 20 s$/m);
  expect(stderr).toMatch(/waiting: kube-apiserver: not ready yet: .*kms-provider/);
  expect(stderr).toMatch(/^ {2}why: https:\S+: not ready yet: .*kms-provider/m);
  expect(exitCode).toBe(5);
});

// strace holds each of etcd's fdatasync for over a second: what a disk that is too busy does.
test.runIf(asRoot)("a disk that is slow under etcd", async () => {
  succeed(await plane.init());
  const delay = "inject=fdatasync,fsync:delay_enter=1200000";
  const words = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", delay];
  const strace = execa("strace", [...words, "-p", String(await findPid(plane, "etcd"))], { reject: false });
  try {
    await expect
      .poll(() => plane.slipway("doctor").then(({ stdout }) => stdout), { timeout: 40_000 })
      .toMatch(/etcd's disk is slow \[EtcdDisk\](?:.|\n)*took over a second/);
  } finally {
    strace.kill("SIGTERM");
    await strace;
  }
});

/** Encryption by a key service that nobody runs: the API server serves, and is never ready. */
const ENCRYPTION_BY_NOBODY = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - kms: { apiVersion: v2, name: nobody, endpoint: unix:///nonexistent/kms.sock, timeout: 1s }
`;

/** A patch of the component's container. */
async function patch(component: string, field: string): Promise<void> {
  const directory = join(plane.dir, "patches");
  await mkdir(directory);
  const text = `spec:\n  containers:\n  - name: ${component}\n    ${field}\n`;
  await writeFile(join(directory, `${component}.yaml`), text);
  await plane.editConfig((config) =>
    config.replace("nodeRegistration:", `patches: { directory: ${directory} }\nnodeRegistration:`),
  );
}
