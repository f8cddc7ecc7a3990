import { access, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { measureInTurns } from "../in-turns.mjs";
import { bundleTypeScript, HOME } from "../load-typescript.mjs";
import { findProcesses, findShims } from "../processes.mjs";
import { ratioRow, row } from "../statistics.mjs";
import { watchIdle } from "./measure-idle.mjs";
import { openPlainRoot } from "./plain-root.mjs";

/**
 * Slipway beside kubeadm, a kubelet and containerd, each on a new machine of its own: the whole of init with everything
 * local (binaries, images), what who runs the pods costs at rest, and how soon it starts what was edited or crashed.
 */
export async function benchmarkKubelet(tools) {
  const trial = await openTrial(tools);
  if (trial.skipped !== undefined) return trial;
  const inits = [];
  // An odd number: then the last host is one that kubeadm has set up.
  const runs = tools.quick ? 1 : 5;
  let host;
  const onNewHost = (measure) => async () => {
    await host?.destroy();
    host = await trial.createHost();
    return measure({ host, trial });
  };
  for (let run = 0; run < runs; run += 1) {
    const [slipway, kubeadm] = await measureInTurns(
      run,
      onNewHost(measureSlipway),
      onNewHost(measureKubeadm),
    );
    inits.push({ slipway, kubeadm });
    console.error(`  slipway ${slipway.toFixed(2)} s, kubeadm ${kubeadm.toFixed(2)} s`);
  }
  const rest = await measureRest(tools, host);
  const pods = await measurePods(tools, host);
  await host.destroy();
  return buildRows({ inits, rest, pods });
}

function buildRows({ inits, rest, pods: { kubelet, runner } }) {
  const [slipway, kubeadm] = [inits.map((run) => run.slipway), inits.map((run) => run.kubeadm)];
  return [
    row("slipway init beside it, start to exit", "s", slipway),
    row("kubeadm init with kubelet and containerd, no preflight, no add-ons", "s", kubeadm),
    ratioRow("slipway init / kubeadm init", { over: slipway, under: kubeadm }),
    ...rest,
    row("kubelet: a manifest's edit until the new process runs", "ms", kubelet.edits),
    row("runner: the same", "ms", runner.edits),
    row("kubelet: a container's first crash until the next process runs", "ms", kubelet.crashes),
    row("runner: the same", "ms", runner.crashes),
    ratioRow("edit, runner / kubelet", { over: runner.edits, under: kubelet.edits }),
    ratioRow("crash, runner / kubelet", { over: runner.crashes, under: kubelet.crashes }),
  ];
}

/** ECDSA keys for both; a kubelet refuses cgroup v1 unless it is told not to. */
const CONFIG = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
encryptionAlgorithm: ECDSA-P256
networking: { podSubnet: 10.244.0.0/16 }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
`;

/** What hosts are made of; or why it is skipped, where this machine has not got it. */
async function openTrial(tools) {
  // The modules are the tests' own; they look for the program here.
  process.env.SLIPWAY_TEST_HOME = HOME;
  const support = await import(
    await bundleTypeScript({
      modules: ["kubelet/kubelet-host", "kubelet/node-host", "network-hosts"].map(
        (name) => `test/support/${name}.ts`,
      ),
      outfile: join(tools.dir, "kubelet-host.mjs"),
      dirname: "test/support/kubelet",
    })
  );
  const cached = join(tools.programs["kube-apiserver"], "../../..");
  const programs = ["kubelet", "kubeadm"].map((name) => join(cached, name, "v1.37.2", name));
  const reason =
    support.missingForNodeHosts() ??
    (await findMissing([...programs, join(cached, "../test-tools/debian/usr/bin/containerd")]));
  if (reason !== undefined) return { skipped: `${reason}; npm test gets what is missing` };
  const network = await support.createNetworkHosts();
  tools.cleanUp.add(() => network.destroy());
  const images = await support.packImages();
  tools.cleanUp.add(() => images.remove());
  const configPath = join(tools.dir, "kubelet.yaml");
  await writeFile(configPath, CONFIG);
  return {
    configPath,
    createHost: async () => {
      tools.cleanUp.signal.throwIfAborted();
      const host = await support.createKubeletHost({
        network: network.first,
        name: "node-a",
        images: [...images.node, ...images.controlPlane],
      });
      return { ...host, destroy: tools.cleanUp.add(() => host.destroy()) };
    },
  };
}

async function findMissing(paths) {
  for (const path of paths) {
    const missing = await access(path).then(
      () => false,
      () => true,
    );
    if (missing) return `${path} is not there`;
  }
  return undefined;
}

async function measureSlipway({ host, trial }) {
  const slipway = (...args) => host.run(process.execPath, join(HOME, "dist/main.cjs"), ...args);
  const startMs = performance.now();
  await slipway("init", "--config", trial.configPath);
  const seconds = (performance.now() - startMs) / 1000;
  await slipway("reset", "--force");
  return seconds;
}

/** The kubelet waits for its configuration, as systemd's would be started when it is there. */
async function measureKubeadm({ host, trial }) {
  await host.startKubelet();
  const startMs = performance.now();
  await host.run("kubeadm", "init", "--config", trial.configPath, "--skip-phases=preflight,addon");
  return (performance.now() - startMs) / 1000;
}

/** Who runs a control plane's pods, at rest: a kubelet with what it needs besides, and a runner, at the same time. */
async function measureRest(tools, host) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const { stdout } = await tools.slipway("runner", "status", "--root", plane.root, "-o", "json");
  const [runner, ownShims] = [JSON.parse(stdout).pid, await findShims(plane.root)];
  const [kubelet, containerd, shims] = await Promise.all(
    ["kubelet", "containerd", "containerd-shim-runc-v2"].map((program) => findPids(host, program)),
  );
  const { seconds, seen } = await watchIdle(tools, {
    kubelet,
    containerd,
    shims,
    theirs: [...kubelet, ...containerd, ...shims],
    runner: [runner],
    ours: [runner, ...ownShims],
  });
  await plane.close();
  const cpu = `CPU over ${seconds} s, of one core`;
  return [
    row(`kubelet of a control plane: ${cpu}`, "%", seen.kubelet.percents),
    row(`containerd: ${cpu}`, "%", seen.containerd.percents),
    row(`runner of a control plane at the same time: ${cpu}`, "%", seen.runner.percents),
    row("kubelet: resident", "MB", seen.kubelet.residentMb),
    row("containerd: resident", "MB", seen.containerd.residentMb),
    row("containerd's shims, one a pod: resident", "MB", seen.shims.residentMb),
    row("runner: resident", "MB", seen.runner.residentMb),
    ratioRow("CPU at rest, runner / kubelet", { over: seen.runner.percents, under: seen.kubelet.percents }),
    ratioRow("CPU at rest, runner / kubelet, containerd and shims", {
      over: seen.ours.percents,
      under: seen.theirs.percents,
    }),
    ratioRow("resident, runner / kubelet", { over: seen.runner.residentMb, under: seen.kubelet.residentMb }),
    ratioRow("proportional share, runner and shims / kubelet, containerd and shims", {
      over: seen.ours.shareMb,
      under: seen.theirs.shareMb,
    }),
  ];
}

/** The same pods under the host's kubelet and under a runner of our own, in turns. */
async function measurePods(tools, host) {
  const plain = await openPlainRoot(tools, "beside-kubelet");
  await plain.start();
  const sides = { kubelet: kubeletPods(host), runner: plain.writePod };
  const measured = { kubelet: { edits: [], crashes: [] }, runner: { edits: [], crashes: [] } };
  for (let run = 0; run < (tools.quick ? 1 : 5); run += 1) {
    const measure = (side) => async () => {
      const { editMs, crashMs } = await measurePod(sides[side], `measured-${run}`);
      measured[side].edits.push(editMs);
      measured[side].crashes.push(crashMs);
    };
    await measureInTurns(run, measure("kubelet"), measure("runner"));
  }
  await plain.close();
  return measured;
}

/** Writes static pods where the host's kubelet reads them, as the runner's are written. */
function kubeletPods(host) {
  const dir = `/proc/${host.pid}/root/etc/kubernetes`;
  return async (pod) => {
    await writeFile(`${dir}/next.json`, JSON.stringify(pod));
    await rename(`${dir}/next.json`, `${dir}/manifests/${pod.metadata.name}.json`);
  };
}

let nextMarker = 10_000_000 + Math.floor(Math.random() * 1_000_000) * 10;

/**
 * How many milliseconds a pod that is edited, and then its container that is killed, takes until the next process runs.
 * A pod of its own each time: a kubelet's back-off grows from the second crash on.
 */
async function measurePod(writePod, name) {
  const [before, after] = [nextMarker, nextMarker + 1].map(String);
  nextMarker += 2;
  await writePod(buildPod(name, before));
  await waitForSleep(before, []);
  await sleep(3000);
  const editedMs = performance.now();
  await writePod(buildPod(name, after));
  const pid = await waitForSleep(after, []);
  const editMs = performance.now() - editedMs;
  await sleep(3000);
  const killedMs = performance.now();
  process.kill(pid, "SIGKILL");
  await waitForSleep(after, [pid]);
  return { editMs, crashMs: performance.now() - killedMs };
}

/** A pod whose process sleeps that many seconds, by which it is found from outside. */
function buildPod(name, marker) {
  const command = ["sleep", marker];
  const image = "slipway.test/busybox:1";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "main", image, imagePullPolicy: "Never", command }],
    },
  };
}

async function waitForSleep(marker, known) {
  const deadlineMs = performance.now() + 120_000;
  while (performance.now() < deadlineMs) {
    const found = await findProcesses((argv) => argv.length === 2 && argv[1] === marker);
    const pid = found.find((each) => !known.includes(each));
    if (pid !== undefined) return pid;
    await sleep(10);
  }
  throw new Error(`no process sleeps ${marker} s within two minutes`);
}

/** The pids of a program on a host; its cgroup tells it from others. */
async function findPids(host, program) {
  const cgroup = host.enter[1];
  const pids = await findProcesses((argv) => basename(argv[0]) === program);
  const ours = await Promise.all(
    pids.map(async (pid) => (await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "")).includes(cgroup)),
  );
  return pids.filter((_pid, index) => ours[index]);
}
