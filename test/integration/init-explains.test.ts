import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";

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
