import { access, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { measureInTurns } from "../in-turns.mjs";
import { bundleTypeScript, HOME } from "../load-typescript.mjs";
import { findProcesses, readMemory } from "../processes.mjs";
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
  const kubelet = await measurePods(kubeletPods(host), { runs: tools.quick ? 1 : 5 });
  await host.destroy();
  const runner = await measureRunnerPods(tools);
  return buildRows({ inits, rest, kubelet, runner });
}

function buildRows({ inits, rest, kubelet, runner }) {
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

/** The kubelet of a control plane, and what it needs besides. */
async function measureRest(tools, host) {
  const [kubelet, containerd, ...shims] = [
    ...(await findPids(host, "kubelet")),
    ...(await findPids(host, "containerd")),
    ...(await findPids(host, "containerd-shim-runc-v2")),
  ];
  const { seconds, percents, memories } = await watchIdle(tools, kubelet);
  const resident = async (pid) => (await readMemory(pid)).residentMb;
  return [
    row(`kubelet of a control plane: CPU over ${seconds} s, of one core`, "%", percents),
    row(
      "kubelet: resident",
      "MB",
      memories.map(({ residentMb }) => residentMb),
    ),
    row("containerd: resident", "MB", [await resident(containerd)]),
    row("containerd's shim, one a pod: resident", "MB", await Promise.all(shims.map(resident))),
  ];
}

/** Static pods of the host's kubelet. */
function kubeletPods(host) {
  return async (pod) => {
    const path = `/etc/kubernetes/manifests/${pod.metadata.name}.json`;
    await host.run(
      "sh",
      "-c",
      'printf %s "$2" >"$1.new" && mv "$1.new" "$1"',
      "sh",
      path,
      JSON.stringify(pod),
    );
  };
}

async function measureRunnerPods(tools) {
  const plain = await openPlainRoot(tools, "beside-kubelet");
  await plain.start();
  const measured = await measurePods(plain.writePod, { runs: tools.quick ? 1 : 5 });
  await plain.close();
  return measured;
}

/** Each pod is edited once and its container killed once: a kubelet's back-off grows from the second time on. */
async function measurePods(writePod, { runs }) {
  const [edits, crashes] = [[], []];
  const base = 10_000_000 + Math.floor(Math.random() * 1_000_000) * 10;
  for (let run = 0; run < runs; run += 1) {
    const [before, after] = [base + run * 2, base + run * 2 + 1].map(String);
    const write = (marker) => writePod(buildPod(`measured-${run}`, marker));
    await write(before);
    await waitForSleep(before, []);
    await sleep(3000);
    const editMs = performance.now();
    await write(after);
    const pid = await waitForSleep(after, []);
    edits.push(performance.now() - editMs);
    await sleep(3000);
    const crashMs = performance.now();
    process.kill(pid, "SIGKILL");
    await waitForSleep(after, [pid]);
    crashes.push(performance.now() - crashMs);
  }
  return { edits, crashes };
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
