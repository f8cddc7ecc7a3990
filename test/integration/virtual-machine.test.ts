import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PsAnswer } from "../../src/commands/view/ps.ts";
import { succeed } from "../support/plane.ts";
import { buildManifest, type PodSketch } from "../support/pod-runner.ts";
import { MORTAL_PODS } from "../support/virtual-machine/mortal-pods.ts";
import {
  createVirtualMachine,
  SLIPWAY,
  type VirtualMachine,
} from "../support/virtual-machine/virtual-machine.ts";

/**
 * What only a machine of its own can show: cgroup version 2, and systemd as PID 1 from power-on to power cut. It is
 * emulated, and boots three times: 170 to 225 s on two busy cores.
 */
const TIMEOUT_MS = 300_000;
const POLL = { timeout: 60_000, interval: 200 };

const MANIFEST_DIR = "/etc/kubernetes/manifests";
const CGROUP_DIR = "/sys/fs/cgroup/slipway";
const SERVICE = "slipway-runner.service";

/** As init writes it, but that anybody may ask; 20 + 15 + 10 s for the pods of a machine that goes down. */
const RUNNER_CONFIG = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: ${MANIFEST_DIR}
podLogsDir: /var/log/pods
podPidsLimit: 40
address: 127.0.0.1
tlsCertFile: /mnt/tls.crt
tlsPrivateKeyFile: /mnt/tls.key
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
shutdownGracePeriodByPodPriority:
- {priority: 0, shutdownGracePeriodSeconds: 20}
- {priority: 1000, shutdownGracePeriodSeconds: 15}
- {priority: 2000000000, shutdownGracePeriodSeconds: 10}
---
apiVersion: slipway.dev/v1
kind: RunnerConfiguration
nodeName: vm
nodeIP: 127.0.0.1
kubernetesVersion: v1.37.2
`;

let machine: VirtualMachine;

beforeAll(async () => {
  machine = await createVirtualMachine();
  await share("runner.yaml", RUNNER_CONFIG);
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", "tls.key", "-out", "tls.crt", "-subj", "/CN=vm"];
  await execa("openssl", ["req", "-x509", ...key], { cwd: machine.sharedDir });
  await machine.boot();
  await run(`mkdir -p ${MANIFEST_DIR} /var/lib/slipway
cp /mnt/runner.yaml /var/lib/slipway/runner.yaml
${SLIPWAY} runner boot-script --init systemd >/etc/systemd/system/${SERVICE}
systemctl daemon-reload`);
}, TIMEOUT_MS);
afterAll(() => machine?.destroy());

test(
  "systemd finds nothing wrong with the unit, and runs the runner from now on",
  async () => {
    expect(await machine.run(`systemd-analyze verify ${SERVICE}`)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    await run(`systemctl enable --now ${SERVICE}`);
    await expect.poll(listPods, POLL).toEqual([]);
    const stdout = await run(`systemctl show -p TimeoutStopUSec,ActiveState,UnitFileState ${SERVICE}`);
    // The periods' sum and 30 s.
    expect(stdout.trim().split("\n").sort()).toEqual([
      "ActiveState=active",
      "TimeoutStopUSec=1min 15s",
      "UnitFileState=enabled",
    ]);
  },
  TIMEOUT_MS,
);

test(
  "under cgroup version 2 limits hold, systemd leaves them alone, and out of memory is OOMKilled",
  async () => {
    const crowd = "(i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done); exec sleep 1000";
    const resources = { requests: { cpu: "100m" }, limits: { cpu: "500m", memory: "64Mi" } };
    await apply("limited", { script: crowd, container: { resources } });
    await apply("hungry", {
      script: "sleep 1000 & tail /dev/zero",
      container: { resources: { limits: { memory: "32Mi" } } },
    });
    await expect
      .poll(
        () => findPod("hungry").then((pod) => pod?.status?.containerStatuses?.[0]?.state.terminated),
        POLL,
      )
      .toMatchObject({ reason: "OOMKilled", exitCode: 137 });
    await run(
      "systemctl daemon-reload; systemd-run --quiet --wait -p CPUWeight=50 -p MemoryMax=100M -p TasksMax=9 true",
    );

    const uid = (await findPod("limited"))?.metadata.uid;
    const own = {
      "cpu.weight": "4",
      "cpu.max": "50000 100000",
      "memory.max": "67108864",
      "memory.swap.max": "0",
    };
    const wanted = {
      ".": { "cpu.weight": "79" },
      [`pod${uid}`]: { ...own, "pids.max": "40", "memory.oom.group": "0" },
      [`pod${uid}/*/`]: { ...own, "memory.oom.group": "1" },
    };
    for (const [dir, files] of Object.entries(wanted)) {
      const texts = await run(`cd ${CGROUP_DIR}/${dir}; cat ${Object.keys(files).join(" ")}`);
      expect([dir, texts.trim().split("\n")]).toEqual([dir, Object.values(files)]);
    }
    // It wanted to be 60.
    expect(await run(`cat ${CGROUP_DIR}/pod${uid}/*/pids.events`)).toMatch(/^max [1-9]/);
  },
  TIMEOUT_MS,
);

test(
  "its use is told, and all that a removed pod has started ends at once and leaves no cgroup",
  async () => {
    await share("mover.sh", "sleep 0.05\nsetsid sh /mnt/mover.sh &\n");
    await apply("mover", { script: "setsid sh /mnt/mover.sh & exec sleep 1000" });
    const get =
      'require("https").get({ port: 10250, path: process.argv[1], rejectUnauthorized: false }, (answer) => answer.pipe(process.stdout))';
    const used = /^container_memory_working_set_bytes\{container="main",pod="limited-vm",.*\} [1-9]/m;
    expect(await run(`${process.execPath} -e '${get}' /metrics/resource`)).toMatch(used);
    await expect.poll(() => run(`ls -d ${CGROUP_DIR}/pod* | wc -l`), POLL).toBe("2\n");
    await run(`rm ${MANIFEST_DIR}/*`);
    await expect.poll(listPods, POLL).toEqual([]);
    expect(await run(`ls -d ${CGROUP_DIR} 2>&1 || :`)).toContain("No such file");
    expect(await run("grep -al '[m]over.sh' /proc/[0-9]*/cmdline || :")).toBe("");
  },
  TIMEOUT_MS,
);

/** Starts again at once where it had been ready. */
const CRITICAL = { priority: 2_000_001_000, priorityClassName: "system-node-critical" };

test(
  "a clock that is set a year ahead and back keeps no pod from its restart, and what was made then is told",
  async () => {
    const script = "read -r pid _ </proc/self/stat; echo $pid >>/mnt/starts; exec sleep 1000";
    await apply("steady", { script, spec: { restartPolicy: "Always", ...CRITICAL } });
    const starts = () => readLines("starts").then((lines) => lines.length);
    await expect.poll(starts, POLL).toBe(1);
    const end = "kill $(tail -n 1 /mnt/starts)";
    const plane = "--root /tmp/plane --apiserver-advertise-address 127.0.0.1";
    await run(`date -s '1 year'; ${SLIPWAY} init phase certs ca ${plane}; ${end}`);
    await expect.poll(starts, POLL).toBe(2);
    await run(`date -s '1 year ago'; ${end}`);
    await expect.poll(starts, POLL).toBe(3);
    const { stderr } = await machine.run(`${SLIPWAY} init --yes ${plane}`);
    expect(stderr).toMatch(/valid from \S+, and the clock says(?:.|\n)*code: SLIPWAY_CERT_EXPIRED/);
    await run(`rm -r /tmp/plane ${MANIFEST_DIR}/*`);
    await expect.poll(listPods, POLL).toEqual([]);
  },
  TIMEOUT_MS,
);

const NAMES = Object.keys(MORTAL_PODS);

test(
  "a service that is stopped and started, restarted or killed leaves its pods as they are",
  async () => {
    for (const [name, sketch] of Object.entries(MORTAL_PODS))
      await apply(name, { ...sketch, spec: { ...sketch.spec, restartPolicy: "Always" } });
    await expect.poll(begun, POLL).toBe(NAMES.length);
    const states = async () =>
      (await listPods())?.map(({ pod }) => pod.status?.conditions?.map(({ status }) => status));
    await expect.poll(states, POLL).toEqual(NAMES.map(() => expect.not.arrayContaining(["False"])));
    const before = await listPods();
    for (const change of [
      `systemctl stop ${SERVICE}; systemctl start ${SERVICE}`,
      `systemctl restart ${SERVICE}`,
      `systemctl kill --signal=KILL --kill-whom=main ${SERVICE}`,
    ]) {
      await run(change);
      await expect.poll(listPods, POLL).toEqual(before);
    }
    expect(await begun()).toBe(NAMES.length);
  },
  TIMEOUT_MS,
);

test(
  "a machine that goes down stops its pods by priority, each within its grace, and goes on with them",
  async () => {
    await run("(sleep 1; systemctl reboot) >/dev/null 2>&1 &");
    await machine.whenDown();
    const ends = (await journal()).filter(({ what }) => what !== "began");
    const texts = ends.map(({ name, what }) => `${name} ${what}`);
    expect(texts.slice(0, 2).sort()).toEqual(["patient told", "stubborn told"]);
    const inTurn = ["patient ended", "middle told", "middle ended", "critical told", "critical ended"];
    expect(texts.slice(2)).toEqual(inTurn);
    const toldAt = (name: string) =>
      ends.find((end) => end.name === name && end.what === "told")?.seconds ?? 0;
    // What does not end by itself has all of its grace, and then the next are told.
    expect(toldAt("middle") - toldAt("stubborn")).toBeGreaterThanOrEqual(3);
    await machine.boot();
    await expectRestarted(1);
  },
  TIMEOUT_MS,
);

test(
  "they go on after a power cut, too",
  async () => {
    // A power cut takes what was written in the last seconds; what it leaves half is another test's.
    await run("sync");
    await machine.cutPower();
    await machine.boot();
    await expectRestarted(2);
    expect((await journal()).filter(({ what }) => what === "told")).toHaveLength(NAMES.length);
  },
  TIMEOUT_MS,
);

/** All pods have begun once more after each boot, with their volumes and the logs of the run before. */
async function expectRestarted(times: number): Promise<void> {
  await expect.poll(begun, POLL).toBe(NAMES.length * (times + 1));
  const counts = async () =>
    (await listPods())?.map(({ pod }) =>
      pod.status?.containerStatuses?.map(({ restartCount }) => restartCount),
    );
  await expect.poll(counts, POLL).toEqual(NAMES.map(() => [times]));
  const volumes = "/var/lib/slipway/pods/*/volumes/kubernetes.io~empty-dir";
  const look = `cat ${volumes}/data/starts | wc -l; stat -f -c %T ${volumes}/memory; ls /var/log/pods/*_middle-vm_*/main`;
  expect(await run(look)).toBe(`${times + 1}\ntmpfs\n${times - 1}.log\n${times}.log\n`);
}

async function run(script: string): Promise<string> {
  return succeed(await machine.run(`set -e\n${script}`));
}

function share(name: string, text: string): Promise<void> {
  return writeFile(join(machine.sharedDir, name), text);
}

async function apply(name: string, sketch: PodSketch): Promise<void> {
  await share("pod.yaml", JSON.stringify(buildManifest(name, sketch)));
  await run(`cp /mnt/pod.yaml ${MANIFEST_DIR}/.pod; mv ${MANIFEST_DIR}/.pod ${MANIFEST_DIR}/${name}.yaml`);
}

/** What `slipway ps` shows; undefined where no runner answers. */
async function listPods(): Promise<PsAnswer["items"] | undefined> {
  const { exitCode, stdout } = await machine.run(`${SLIPWAY} ps -o json`);
  if (exitCode !== 0) return undefined;
  const { items, runnerProblem } = JSON.parse(stdout) as PsAnswer;
  return runnerProblem === undefined ? items : undefined;
}

async function findPod(name: string): Promise<PsAnswer["items"][number]["pod"] | undefined> {
  return (await listPods())?.find(({ pod }) => pod.metadata.name === `${name}-vm`)?.pod;
}

/** What the pods have said, in order; seconds since the boot. */
async function journal() {
  return (await readLines("journal")).map((line) => {
    const [name = "", what = "", seconds] = line.split(" ");
    return { name, what, seconds: Number(seconds) };
  });
}

/** Those that the machine has written to a file by now. */
async function readLines(name: string): Promise<readonly string[]> {
  const text = await readFile(join(machine.sharedDir, name), "utf8").catch(() => "");
  return text.split("\n").slice(0, -1);
}

async function begun(): Promise<number> {
  return (await journal()).filter(({ what }) => what === "began").length;
}
