import { X509Certificate } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listTree, listWrites, processesNaming } from "../support/machine.ts";
import { startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { readStatus } from "../support/status.ts";

let plane: TestPlane;

beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

test("init again with the same input says so, writes no file and restarts nothing", async () => {
  const files = listSettledWrites();
  const processes = processesNaming(plane.root);
  const { exitCode, stdout } = await plane.init();
  expect(exitCode).toBe(0);
  expect(stdout).toContain("as it should be; nothing was changed");
  expect(listSettledWrites()).toEqual(files);
  expect(processesNaming(plane.root)).toEqual(processes);
});

test("init again brings back what was deleted meanwhile", async () => {
  await plane.kubectl("delete", "clusterrolebinding", "kubeadm:apiserver-kubelet-client");
  await plane.kubectl("taint", "node", "node-a", "node-role.kubernetes.io/control-plane-");
  succeed(await plane.init());
  await plane.kubectl("get", "clusterrolebinding", "kubeadm:apiserver-kubelet-client");
  expect(await plane.kubectl("get", "node", "node-a", "-o", "jsonpath={.spec.taints[*].key}")).toContain(
    "node-role.kubernetes.io/control-plane",
  );
});

test("init with other input lists what would change, changes nothing and asks for --yes", async () => {
  await plane.editConfig((text) =>
    text
      .replace("networking:", "apiServer: { certSANs: [api.example.org] }\nnetworking:")
      .replace("scheduler:\n  extraArgs: [", 'scheduler:\n  extraArgs: [{ name: v, value: "3" }, '),
  );
  const files = listTree(plane.path("etc/kubernetes"));
  const processes = processesNaming(plane.root);
  const { exitCode, stdout, stderr } = await plane.init();
  expect(exitCode).toBe(4);
  expect(stdout).toBe("");
  expect(stderr).toContain("code: SLIPWAY_INPUT_CHANGED");
  expect(stderr).toContain("api.example.org");
  expect(stderr).toContain("(nothing) -> --v=3");
  expect(stderr).toContain("fix: run it again with --yes");
  expect(listTree(plane.path("etc/kubernetes"))).toEqual(files);
  expect(processesNaming(plane.root)).toEqual(processes);
});

test("a plan and a dry run tell what is done already and what would change", async () => {
  const plan = JSON.parse(succeed(await plane.init("--plan", "-o", "json")));
  const states = (id: string) => plan.steps.find((step: { id: string }) => step.id === id);
  expect(states("certs/ca")).toMatchObject({ state: "done" });
  expect(states("runner")).toMatchObject({ state: "done" });
  expect(states("certs/apiserver")).toMatchObject({
    state: "change",
    detail: expect.stringContaining("api.example.org"),
  });
  expect(states("manifest/kube-scheduler")).toMatchObject({ state: "change" });
  const { stderr } = await plane.init("--dry-run");
  expect(stderr).toContain("there already as printed: etcd, kube-apiserver, kube-controller-manager;");
  expect(stderr).toContain("would change: kube-scheduler");
});

test("with --yes the change is made and the control plane is healthy with it", async () => {
  const etcd = processesNaming(plane.root).find(({ args }) => args[0]?.endsWith("/etcd"));
  succeed(await plane.init("--yes"));
  const cert = new X509Certificate(await readFile(plane.path("etc/kubernetes/pki/apiserver.crt")));
  expect(cert.subjectAltName).toContain("DNS:api.example.org");
  succeed(await plane.slipway("status"));
  const processes = processesNaming(plane.root);
  expect(processes.find(({ args }) => args[0]?.endsWith("/kube-scheduler"))?.args).toContain("--v=3");
  expect(processes).toContainEqual(etcd);
});

test("the API server serves the certificate that was signed anew", async () => {
  const answer = await plane.kubectl("--tls-server-name=api.example.org", "get", "--raw", "/readyz");
  expect(answer).toBe("ok");
});

test("init alone goes on with its copy of a configuration file that is gone", async () => {
  await rename(plane.configPath, `${plane.configPath}.moved`);
  const { exitCode, stdout, stderr } = await plane.slipway("init");
  await rename(`${plane.configPath}.moved`, plane.configPath);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("nothing was changed")]);
  expect(stderr).toContain(`${plane.configPath}, which the first init was given, cannot be read any more`);
});

test.each(["kube-apiserver", "kube-scheduler"])("init does not wait for a suspended %s", async (name) => {
  const pid = (await readStatus(plane)).components.find((component) => component.name === name)?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  try {
    const { exitCode, stderr } = await plane.init("--yes");
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("SLIPWAY_COMPONENT_FAILED")]);
    expect(stderr).toContain(`fix: to let it go on: kill -CONT ${pid}\n`);
  } finally {
    process.kill(pid, "SIGCONT");
  }
  succeed(await plane.init());
});

test("a certificate that is not there cannot be renewed, and init makes it anew", async () => {
  const path = plane.path("etc/kubernetes/admin.conf");
  await rename(path, `${plane.dir}/away.conf`);
  const { exitCode, stderr } = await plane.slipway("certs", "renew", "admin.conf");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`${path} was not renewed`)]);
  succeed(await plane.slipway("init", "--yes"));
  succeed(await plane.slipway("certs", "renew", "admin.conf"));
});

test("what runs with an older file is told by status and doctor until it is restarted", async () => {
  const path = plane.path("etc/kubernetes/scheduler.conf");
  const renewed = succeed(await plane.slipway("certs", "renew", "scheduler.conf", "--no-restart"));
  expect(renewed).toContain("Still running with the old files: kube-scheduler; to restart");
  expect(succeed(await plane.slipway("status"))).toContain(
    `outdated      kube-scheduler runs with an older ${path}; to restart it: slipway restart --root ${plane.root} kube-scheduler\n`,
  );
  expect(succeed(await plane.slipway("doctor"))).toContain("Outdated-kube-scheduler");
  succeed(await plane.slipway("restart", "kube-scheduler"));
  expect(succeed(await plane.slipway("status"))).not.toContain("outdated");
});

test("a CA that was moved away is made anew, and what runs with it is restarted in order", async () => {
  const before = await readStatus(plane);
  for (const name of ["ca.crt", "ca.key"])
    await rename(plane.path(`etc/kubernetes/pki/${name}`), `${plane.dir}/${name}`);
  const { stderr } = await plane.init();
  expect(stderr).toContain(`make ${plane.path("etc/kubernetes/pki/ca.crt")}\n`);
  expect(stderr).toMatch(/kube-apiserver is restarted: it runs with an older \S+\/ca\.crt\n/);
  expect(stderr).toMatch(/kube-scheduler is restarted: it runs with an older \S+\/scheduler\.conf\n/);
  expect(stderr).not.toContain("etcd is restarted");
  expect(stderr).toMatch(/the CA would be made anew; .*: joined nodes, kubeconfigs that were handed out \(/);
  succeed(await plane.init("--yes"));
  const after = await readStatus(plane);
  const pids = ({ components }: typeof after) => Object.fromEntries(components.map((c) => [c.name, c.pid]));
  expect(after.healthy).toBe(true);
  expect(pids(after)["etcd"]).toBe(pids(before)["etcd"]);
  for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
    expect(pids(after)[name]).not.toBe(pids(before)[name]);
  expect(await plane.kubectl("create", "configmap", "of-the-new-ca")).toContain("created");
  expect((await plane.init()).stdout).toContain("nothing was changed");
});

test("a CA's key that is lost is told by doctor and by init, which changes nothing until it is back", async () => {
  const files = listSettledWrites();
  for (const name of ["ca.key", "front-proxy-ca.key", "etcd/ca.key"]) {
    const path = plane.path(`etc/kubernetes/pki/${name}`);
    await rename(path, `${plane.dir}/away.key`);
    for (const args of [["init", "--yes"], ["init", "phase", "certs", "all"], ["doctor"]]) {
      const { exitCode, stdout, stderr } = await plane.slipway(...args);
      expect([args, exitCode]).toEqual([args, args[0] === "doctor" ? 1 : 4]);
      expect(`${stdout}${stderr}`).toContain("[CAKey]");
      expect(`${stdout}${stderr}`).toContain(`${path} is not there`);
      expect(stdout).not.toContain("[Files]");
    }
    expect(await readStatus(plane)).toMatchObject({ healthy: false, missingFiles: [path] });
    const { exitCode, stderr } = await plane.slipway("certs", "renew", "all");
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringContaining(`nothing was renewed: there is no ${path}`),
    ]);
    await rename(`${plane.dir}/away.key`, path);
  }
  expect(listSettledWrites()).toEqual(files);
  expect((await plane.init()).stdout).toContain("nothing was changed");
  succeed(await plane.slipway("doctor"));
});

test("who means to keep a CA's key elsewhere says so once, and can come back", async () => {
  const path = plane.path("etc/kubernetes/pki/ca.key");
  await rename(path, `${plane.dir}/away.key`);
  succeed(await plane.slipway("init", "--yes", "--ignore-preflight-errors", "CAKey"));
  expect((await plane.slipway("init")).stdout).toContain("nothing was changed");
  succeed(await plane.slipway("doctor"));
  succeed(await plane.slipway("status"));
  await rename(`${plane.dir}/away.key`, path);
  succeed(await plane.slipway("init", "--yes"));
  expect((await plane.slipway("init")).stdout).toContain("nothing was changed");
  succeed(await plane.slipway("doctor"));
});

test.each([
  ["ServiceCIDRChange", "--service-cidr", "10.97.0.0/16"],
  ["PodCIDRChange", "--pod-network-cidr", "10.250.0.0/16"],
  ["NodeNameChange", "--node-name", "node-b"],
  ["KubernetesVersionChange", "--kubernetes-version", "v1.36.2"],
])("%s: a control plane that is there is not changed so", async (name, flag, value) => {
  const files = listSettledWrites();
  for (const mode of ["--yes", "--plan", "--dry-run"]) {
    const { exitCode, stdout, stderr } = await plane.slipway("init", mode, flag, value);
    expect([exitCode, stdout, stderr]).toEqual([4, "", expect.stringContaining(`[${name}]`)]);
  }
  expect(listSettledWrites()).toEqual(files);
});

/** What only a change of ours writes: not what the components and the runner write all the time. */
function listSettledWrites(): readonly string[] {
  return [
    ...listWrites(plane.path("etc/kubernetes")),
    ...listWrites(plane.path("var/lib/slipway")).filter(
      (line) => !/\/(?:containers|pods|services\.json)\b/.test(line),
    ),
  ];
}
