import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runDoctor } from "../../src/commands/doctor/doctor.ts";
import { createSystem } from "../../src/system/create-system.ts";
import { createDoctorTrial, RECOVERY_MS, TOLD_MS } from "../support/doctor-trial.ts";
import { takePort } from "../support/explain/make-cause.ts";
import { createFakeSystem } from "../support/fake-system.ts";
import { startPlane, succeed, type TestPlane } from "../support/plane.ts";
import { openPki, YEAR_MS } from "../support/plane-pki.ts";
import { findPid, pidOf, readStatus } from "../support/status.ts";
import { readTold } from "../support/told.ts";

const asRoot = process.getuid?.() === 0;
let plane: TestPlane;

const { expectSecondTold, expectTold, findErrors, findUnder, manifestPath, recover, withManifest } =
  createDoctorTrial(() => plane);

beforeAll(async () => {
  plane = await startPlane();
});
afterAll(() => plane.destroy());

test("a plane that is well has no errors, and doctor ends with 0", async () => {
  const { exitCode, stdout } = await plane.slipway("doctor");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Kubernetes v1\.37\.2 on node-a under .*: no errors, /m);
});

test("a flag that a component has not is told by doctor, status and ps", () =>
  withManifest("kube-scheduler", {
    edit: (text) => text.replace("- kube-scheduler\n", "- kube-scheduler\n    - --no-such-flag=1\n"),
    work: async () => {
      await expectTold("kube-scheduler", {
        end: /^ended with exit code 1/,
        line: /unknown flag: --no-such-flag/,
        why: /has no flag --no-such-flag; .*kube-scheduler\.yaml was edited since init wrote it/,
        fix: /correct it there, or have it written again as it was: .*slipway init/,
      });
      const { stderr } = await plane.init();
      expect(stderr).toMatch(
        /why: \S+kube-scheduler\.yaml was edited since init wrote it, or an init was cut off; 1 thing would/,
      );
    },
  }));

test("a version that is not to be had is told with one that is", async () => {
  const path = manifestPath("lone");
  await writeFile(path, LONE_SCHEDULER);
  try {
    const wanted = expect.stringMatching(/^name a version in the image .*, for example v1\.37\.2$/);
    await expect
      .poll(() => findErrors().then((errors) => errors.map(({ fix }) => fix)), { timeout: TOLD_MS })
      .toEqual([wanted]);
  } finally {
    await rm(path);
  }
});

test.each([
  ["ledger.json", "zeroed", (text: string) => "\0".repeat(text.length)],
  ["ledger.json", "cut off", (text: string) => text.slice(0, 1000)],
  ["ledger.copy.json", "empty", () => ""],
])("%s that is %s is told, and init writes it again", async (name, _damage, damage) => {
  const path = plane.path(`var/lib/slipway/${name}`);
  const before = await readFile(path, "utf8");
  await writeFile(path, damage(before));
  expect(succeed(await plane.slipway("doctor"))).toMatch(new RegExp(`${path} cannot be read \\[Ledger\\]`));
  const again = await plane.init();
  expect(again.stderr).toContain(`${path} cannot be read; it is written again`);
  succeed(again);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual(JSON.parse(before));
});

test("a port that is taken is told with who has it", async () => {
  const manifest = await readFile(manifestPath("kube-scheduler"), "utf8");
  await rm(manifestPath("kube-scheduler"));
  await expect
    .poll(() => readStatus(plane).then(pidOf("kube-scheduler")), { timeout: 20_000 })
    .toBeUndefined();
  const errors = await findErrors();
  expect(errors.map(({ name }) => name)).toEqual(["Manifest"]);
  const release = await takePort(plane.ports.scheduler);
  try {
    await writeFile(manifestPath("kube-scheduler"), manifest);
    await expectTold("kube-scheduler", {
      end: /^ended with exit code 1/,
      line: /bind: address already in use/,
      why: new RegExp(`port ${plane.ports.scheduler} is held by .* \\(pid ${process.pid}\\)`),
      fix: new RegExp(`stop it \\(kill ${process.pid}\\)`),
    });
  } finally {
    await release();
    await recover();
  }
});

test("a manifest that somebody has made invalid is told by doctor, status and ps; its pod goes on", () =>
  withManifest("kube-scheduler", {
    edit: (text) => text.replace(/image: .*/, "image: 7"),
    work: async () => {
      const why = /spec\.containers\[0\]\.image/;
      await expect
        .poll(() => findErrors().then(([first]) => `${first?.what}: ${first?.why}: ${first?.fix}`))
        .toMatch(/\.yaml is refused: .*line \d+: .*containers\[0\]\.image.*: mend it, or run slipway init/);
      for (const command of ["status", "ps"]) {
        const { stdout } = await plane.slipway(command);
        expect(stdout).toMatch(why);
        expect(stdout).toContain("its pod goes on as it was before");
      }
    },
  }));

test("every fault of a certificate, key or kubeconfig is told by its file", async () => {
  const pki = openPki(plane);
  const backup = join(plane.dir, "kubernetes");
  await execa("cp", ["-a", plane.path("etc/kubernetes"), backup]);
  const { certPem: own } = await pki.readPair("apiserver");
  try {
    await pki.writePair("apiserver", await pki.issueLike(own, { ipAddresses: ["192.0.2.1"] }));
    const expired = await pki.issueLike(own, { nowMs: Date.now() - 2 * YEAR_MS });
    await pki.writePair("apiserver-kubelet-client", expired);
    await pki.writePair("etcd/healthcheck-client", await pki.issueLike(own));
    await writeFile(pki.pathOf("etcd/peer.key"), (await pki.issueLike(own)).keyPem);
    await writeFile(pki.pathOf("front-proxy-client.crt"), "no certificate\n");
    await rm(pki.pathOf("apiserver-etcd-client.key"));
    await writeFile(plane.path("etc/kubernetes/scheduler.conf"), "kind: Config\n");
    // That the API server takes up its new certificate, or not yet, is another finding.
    const told = (await findErrors())
      .filter(({ name }) => name.startsWith("Certificate-"))
      .map(({ name, why }) => `${name}: ${why}`);
    expect(told).toEqual([
      expect.stringMatching(/^Certificate-apiserver: it is not valid for 127\.0\.0\.1$/),
      expect.stringMatching(/^Certificate-apiserver-etcd-client: its private key .* is not there$/),
      expect.stringMatching(/^Certificate-apiserver-kubelet-client: it expired on /),
      expect.stringMatching(/^Certificate-etcd-healthcheck-client: it was not signed by this cluster's CA/),
      expect.stringMatching(/^Certificate-etcd-peer: the private key in .* belongs to another certificate$/),
      expect.stringMatching(/^Certificate-front-proxy-client: the text holds no PEM certificate$/),
      expect.stringMatching(/^Certificate-scheduler\.conf: it has no current-context$/),
    ]);
  } finally {
    await execa("cp", ["-a", `${backup}/.`, plane.path("etc/kubernetes")]);
  }
  await expect.poll(findErrors, { timeout: RECOVERY_MS }).toEqual([]);
});

test.each([
  ["has expired", { nowMs: Date.now() - 2 * YEAR_MS }, /it expired on /, /certificate has expired/],
  [
    "is for another address",
    { ipAddresses: ["192.0.2.1"] },
    /it is not valid for .*127\.0\.0\.1/,
    /valid for 192\.0\.2\.1/,
  ],
  ["another CA has signed", { ca: "etcd/ca" }, /it was not signed by this cluster's CA/, /unknown authority/],
])(
  "a certificate that the API server serves with and that %s is told as what its clients say",
  async (_name, change, why, refusal) => {
    const pki = openPki(plane);
    const before = await pki.readPair("apiserver");
    await pki.writePair("apiserver", await pki.issueLike(before.certPem, change));
    try {
      const told = {
        end: "up, but not trusted",
        why: expect.stringMatching(why),
        fix: expect.stringMatching(/take it out of the way.*apiserver\.crt.*slipway init/),
      };
      expect(await readTold(plane, "kube-apiserver")).toMatchObject({ status: told, ps: told, doctor: told });
      const init = await plane.init();
      expect([init.exitCode, init.stderr]).toEqual([4, expect.stringMatching(why)]);
      const ask = (): Promise<string> => plane.kubectl("version").catch(({ stderr }) => String(stderr));
      await expect.poll(ask, { timeout: RECOVERY_MS }).toMatch(refusal);
    } finally {
      await pki.writePair("apiserver", before);
    }
    await expect
      .poll(() => plane.kubectl("get", "--raw", "/readyz").catch(String), { timeout: RECOVERY_MS })
      .toBe("ok");
  },
);

test.each([
  ["ahead", 2 * YEAR_MS, /^\d+ certificates are outside their validity: /],
  ["behind", -YEAR_MS, /^\d+ certificates are outside their validity: /],
])("a clock that is far %s is told once for all certificates", async (_name, shiftMs, what) => {
  const system = createSystem({ log: createFakeSystem().log });
  const clock = { ...system.clock, nowMs: () => Date.now() + shiftMs };
  const { findings } = await runDoctor({ ...system, clock }, { root: plane.root, configPath: undefined });
  const told = findings.filter(({ name }) => name.startsWith("Certificate"));
  expect(told).toHaveLength(1);
  expect(told[0]?.what).toMatch(what);
  expect(told[0]?.fix).toContain("clock");
});

test("a second kubelet on the manifest directory is told", () =>
  expectSecondTold("kubelet", `--pod-manifest-path=${plane.path("etc/kubernetes/manifests")}`));

test("a second runner on the manifest directory is told with its pid", () => {
  const of = ["--root", join(plane.dir, "second")];
  const manifests = plane.path("etc/kubernetes/manifests");
  return expectSecondTold("slipway", "runner", "run", ...of, "--pod-manifest-path", manifests);
});

test("a runner that somebody has stopped is told with how it goes on", async () => {
  const pid = await findPid(plane, "runner");
  process.kill(pid, "SIGSTOP");
  try {
    const fix = `pods that run go on; to wake it: kill -CONT ${pid}`;
    expect(await findErrors()).toMatchObject([{ name: "Runner", fix }]);
    expect((await plane.slipway("ps")).stdout).toContain(`to wake it: kill -CONT ${pid}`);
  } finally {
    process.kill(pid, "SIGCONT");
    await recover();
  }
});

test("an API server that answers but is not ready is told with the checks that fail", async () => {
  const pid = await findPid(plane, "etcd");
  process.kill(pid, "SIGSTOP");
  try {
    const why = expect.stringMatching(new RegExp(`its process ${pid} .*has stopped it`));
    const told = { end: "suspended", why, fix: `to let it go on: kill -CONT ${pid}` };
    expect(await readTold(plane, "etcd")).toMatchObject({ status: told, ps: told, doctor: told });
    await expect
      .poll(() => findErrors().then((errors) => errors.find(({ name }) => name === "ApiServer")?.why), {
        timeout: 20_000,
      })
      .toMatch(/these checks of \/readyz fail: .*etcd/);
  } finally {
    process.kill(pid, "SIGCONT");
    await recover();
  }
});

const INOTIFY_LIMITS = [
  ["max_inotify_instances", "fs.inotify.max_user_instances is used up (EMFILE)"],
  ["max_inotify_watches", "fs.inotify.max_user_watches is used up (ENOSPC)"],
] as const;

test.runIf(asRoot)("used-up limits of inotify and of open files are told", async () => {
  for (const [file, told] of INOTIFY_LIMITS) {
    const use = `echo 0 >/proc/sys/user/${file}; exec "$@"`;
    const stdout = await findUnder("unshare", "--user", "--map-root-user", "sh", "-c", use, "sh");
    expect(stdout).toContain(`${told} [Inotify]`);
  }
  expect(await findUnder("prlimit", "--nofile=200:200")).toContain(
    "a process here may have only 200 files and connections open [OpenFiles]",
  );
});

test("a manifest directory that is gone, or is not the one that the runner reads, is told", async () => {
  const manifests = plane.path("etc/kubernetes/manifests");
  const config = plane.path("var/lib/slipway/runner.yaml");
  const before = await readFile(config, "utf8");
  const whyOfEtcd = async (): Promise<string | undefined> => (await readTold(plane, "etcd")).status?.why;
  await rename(manifests, `${manifests}.aside`);
  try {
    await expect.poll(whyOfEtcd, { timeout: RECOVERY_MS }).toBe(`${manifests} is not there`);
    await writeFile(config, before.replace(manifests, `${manifests}.aside`));
    expect(await findErrors()).toContainEqual({
      name: "RunnerConfig",
      severity: "error",
      what: `${config} names another manifest directory`,
      why: `its staticPodPath is ${manifests}.aside, and init writes the manifests to ${manifests}`,
      fix: "to write it again: slipway init",
    });
    await writeFile(config, before.replace(manifests, `${manifests}.typo`));
    succeed(await plane.slipway("runner", "restart"));
    await expect
      .poll(whyOfEtcd)
      .toBe(`the runner reads its manifests from ${manifests}.typo, not from ${manifests}`);
  } finally {
    await rename(`${manifests}.aside`, manifests);
    succeed(await plane.init("--yes"));
    await recover();
  }
});

test("without a runner, with a manifest directory that is gone and without an API server it still tells", async () => {
  const manifests = plane.path("etc/kubernetes/manifests");
  succeed(await plane.slipway("runner", "stop"));
  await rename(manifests, `${manifests}.aside`);
  try {
    expect((await findErrors()).map(({ name }) => name)).toEqual(["CutOff", "Manifest"]);
  } finally {
    await rename(`${manifests}.aside`, manifests);
    succeed(await plane.slipway("runner", "start"));
    await recover();
  }
});

const LONE_SCHEDULER = `apiVersion: v1
kind: Pod
metadata: { name: lone }
spec:
  hostNetwork: true
  containers: [{ name: lone, image: registry.k8s.io/kube-scheduler:v1.99.0, command: [kube-scheduler] }]
`;
