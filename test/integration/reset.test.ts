import { chmod, mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { cgroupsOf, isListening, listTree, processesNaming } from "../support/machine.ts";
import { preparePlane, succeed, type TestPlane } from "../support/plane.ts";
import { signal } from "../support/soak/plane-processes.ts";
import { findPid } from "../support/status.ts";

let plane: TestPlane;

afterEach(() => plane.destroy());

test("reset, once it is told --force, leaves the machine as it was; a second one has nothing to do", async () => {
  plane = await preparePlane();
  const before = listTree(plane.dir);
  succeed(await plane.init());
  const containers = await readdir(plane.path("var/lib/slipway/containers"));
  const running = processesNaming(plane.root);
  expect(running.length).toBeGreaterThan(4);

  const listed = await plane.slipway("reset", "--dry-run");
  expect(listed).toMatchObject({ exitCode: 0 });
  expect(listed.stdout).toContain("stop    kube-system/etcd-node-a (etcd)\n");
  expect(listed.stdout).toContain(`remove  ${plane.path("etc/kubernetes/pki/ca.key")}\n`);
  const unasked = await plane.slipway("reset");
  expect(unasked).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("code: SLIPWAY_NO_TERMINAL"),
  });
  expect(unasked.stderr).toContain("--force");
  expect(processesNaming(plane.root)).toEqual(running);
  succeed(await plane.slipway("status"));

  succeed(await plane.slipway("reset", "--force"));
  await expectNothingLeft(before);
  expect(cgroupsOf(containers)).toEqual([]);

  const second = await plane.slipway("reset", "--force");
  expect(second).toMatchObject({ exitCode: 0, stdout: `There is nothing to undo under ${plane.root}.\n` });
  expect(listTree(plane.dir)).toEqual(before);
});

test("reset works with the runner killed", async () => {
  plane = await preparePlane();
  const before = listTree(plane.dir);
  await plane.init();
  process.kill(await findPid(plane, "runner"), "SIGKILL");
  succeed(await plane.slipway("reset", "--force"));
  await expectNothingLeft(before);
});

test("reset works with a runner and an API server that do not react; two SIGINTs end it, one does not", async () => {
  plane = await preparePlane();
  const before = listTree(plane.dir);
  await plane.init();
  process.kill(await findPid(plane, "kube-apiserver"), "SIGSTOP");
  process.kill(await findPid(plane, "runner"), "SIGSTOP");
  const running = processesNaming(plane.root);
  const interrupted = plane.begin("reset", "--force");
  await expect.poll(() => holdsAbstractSocket(interrupted.pid)).toBe(true);
  // Two that come at once are one.
  await expect.poll(() => signal(interrupted.pid, "SIGINT")).toBe(false);
  // By the signal itself, which a shell tells as 130.
  expect((await interrupted.done).exitCode).toBeUndefined();
  expect(processesNaming(plane.root)).toEqual(running);
  const reset = plane.begin("reset", "--force");
  await expect.poll(() => holdsAbstractSocket(reset.pid)).toBe(true);
  process.kill(reset.pid, "SIGINT");
  const { exitCode, stderr } = await reset.done;
  expect(stderr).toContain("Reset goes on to its end");
  expect(exitCode).toBe(0);
  await expectNothingLeft(before);
  succeed(await plane.init());
  succeed(await plane.slipway("status"));
});

/** Whether a process has a root's lock, which is an abstract Unix socket. */
async function holdsAbstractSocket(pid: number): Promise<boolean> {
  const dir = `/proc/${pid}/fd`;
  const links = (await readdir(dir)).map((fd) => readlink(join(dir, fd)).catch(() => ""));
  const inodes = (await Promise.all(links)).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]);
  const sockets = (await readFile("/proc/net/unix", "utf8")).split("\n").map((line) => line.split(" "));
  return sockets.some((words) => words.at(-1)?.startsWith("@") && inodes.includes(words.at(-2)));
}

test("what was there before init stays with its mode and what is in it", async () => {
  plane = await preparePlane();
  await makeDir("etc/kubernetes", 0o750);
  await writeFile(plane.path("etc/kubernetes/cloud.conf"), "[Global]\n");
  await makeDir("var/lib/etcd", 0o711);
  await makeDir("var/log/pods/default_web_123", 0o700);
  await writeFile(plane.path("var/log/pods/default_web_123/0.log"), "hello\n");
  await makeDir("etc/kubernetes/manifests", 0o700);
  const before = listTree(plane.dir);
  succeed(await plane.init());
  succeed(await plane.slipway("reset", "--force"));
  await expectNothingLeft(before);
});

test("reset that had to leave something says what, and goes on when that is gone", async () => {
  plane = await preparePlane();
  const before = listTree(plane.dir);
  succeed(await plane.init("--runtime", "external"));
  const foreign = plane.path("etc/kubernetes/pki/mine.txt");
  await writeFile(foreign, "mine\n");
  expect(succeed(await plane.slipway("reset", "--dry-run"))).toContain(
    `keep    ${foreign}, which Slipway did not make: reset ends only when it is moved away or removed\n`,
  );
  for (let run = 1; run <= 2; run += 1) {
    const { exitCode, stderr } = await plane.slipway("reset", "--force");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${foreign} was not made by Slipway: move it away or remove it`);
    expect(stderr).toContain("code: SLIPWAY_RESET_INCOMPLETE");
  }
  await rm(foreign);
  succeed(await plane.slipway("reset", "--force"));
  await expectNothingLeft(before);
});

async function expectNothingLeft(before: readonly string[]): Promise<void> {
  expect(listTree(plane.dir)).toEqual(before);
  expect(processesNaming(plane.root)).toEqual([]);
  for (const port of Object.values(plane.ports)) expect(await isListening(port)).toBe(false);
}

async function makeDir(inRoot: string, mode: number): Promise<void> {
  await mkdir(plane.path(inRoot), { recursive: true });
  await chmod(plane.path(inRoot), mode);
}
