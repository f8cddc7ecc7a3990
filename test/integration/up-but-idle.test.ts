import { copyFile, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createAuthority } from "../support/outer-authority.ts";
import { preparePlane, startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { readTold } from "../support/told.ts";

let plane: TestPlane;

afterEach(() => plane.destroy());

test("an API server that is sent to an etcd where none is ends init, and is told by all", async () => {
  plane = await preparePlane();
  const args = "extraArgs: [{ name: etcd-servers, value: 'https://127.0.0.1:1' }]";
  await plane.editConfig((text) =>
    text.replace("controllerManager:", `apiServer: { ${args} }\ncontrollerManager:`),
  );
  const { exitCode, stderr } = await plane.init();
  const own = `https://127.0.0.1:${plane.ports.etcdClient}`;
  const why = `nothing answers at --etcd-servers=https://127.0.0.1:1; etcd is ready, at ${own}`;
  expect(stderr).toContain(`error: kube-apiserver runs, but cannot get ready\n  why: ${why}\n`);
  expect(stderr).toContain("code: SLIPWAY_COMPONENT_FAILED");
  expect(exitCode).toBe(1);
  const told = {
    why,
    line: expect.stringContaining("127.0.0.1:1"),
    fix: expect.stringContaining("etcd-servers"),
  };
  expect(await readTold(plane, "kube-apiserver")).toMatchObject({ status: told, ps: told, doctor: told });
});

test("an etcd of which the end of the log is lost, and which answers but writes nothing, is told by all", async () => {
  plane = await startPlane();
  succeed(await plane.slipway("runner", "stop", "--pods"));
  const dir = plane.path("var/lib/etcd/member/wal");
  const names = (await readdir(dir)).filter((name) => name.endsWith(".wal"));
  await truncate(join(dir, names.sort().at(-1) ?? ""), 1000);
  succeed(await plane.slipway("runner", "start"));
  const why = "etcd takes no writes: the end of its write-ahead log has been lost, and its database is newer";
  const entries = " \\(it ends at entry \\d+, the database at \\d+\\)";
  const whole = expect.stringMatching(new RegExp(`^${why}${entries}$`));
  // Told from its first lines on: it complains for the first time after seven seconds.
  const told = { end: "up, but idle", why: whole, line: expect.stringContaining("newRaft") };
  await expect
    .poll(() => readTold(plane, "etcd"), { timeout: 40_000 })
    .toMatchObject({ status: told, ps: told, doctor: told });
  const { exitCode, stderr } = await plane.init();
  expect(stderr).toMatch(
    new RegExp(`error: kube-apiserver runs, but cannot get ready\n  why: ${why}${entries}\n`),
  );
  expect(exitCode).toBe(1);
});

test("a controller manager that the API server gives no lease is not called well, and is again with its kubeconfig", async () => {
  plane = await startPlane();
  const path = plane.path("etc/kubernetes/controller-manager.conf");
  await copyFile(path, `${plane.dir}/before`);
  const foreign = await readFile(createAuthority(join(plane.dir, "authority"), "kubernetes").certPath);
  const data = `certificate-authority-data: ${foreign.toString("base64")}`;
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/certificate-authority-data: \S+/, data));
  succeed(await plane.slipway("restart", "kube-controller-manager"));
  const told = {
    end: "up, but idle",
    why: expect.stringContaining("another CA signed"),
    line: expect.stringContaining("lease"),
  };
  await expect
    .poll(() => readTold(plane, "kube-controller-manager"), { timeout: 40_000 })
    .toMatchObject({ status: told, ps: told, doctor: told });
  expect((await plane.slipway("status")).exitCode).toBe(1);

  await writeFile(path, text.replace(/server: \S+/, "server: https://127.0.0.1:1"));
  succeed(await plane.slipway("restart", "kube-controller-manager"));
  const astray = {
    end: "up, but idle",
    why: `nobody answers at https://127.0.0.1:1, where ${path} sends it; the API server is ready`,
    line: expect.stringContaining("127.0.0.1:1: connect: connection refused"),
  };
  await expect
    .poll(() => readTold(plane, "kube-controller-manager"), { timeout: 40_000 })
    .toMatchObject({ status: astray, ps: astray, doctor: astray });

  await copyFile(`${plane.dir}/before`, path);
  succeed(await plane.slipway("restart", "kube-controller-manager"));
  await expect.poll(async () => (await plane.slipway("status")).exitCode, { timeout: 40_000 }).toBe(0);
});
