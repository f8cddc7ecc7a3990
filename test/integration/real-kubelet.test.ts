import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILD_TIMEOUT_MS } from "../support/kubeadm/find-kubeadm.ts";
import {
  BUSYBOX_IMAGE,
  createKubeletHost,
  type KubeletHost,
  packImages,
} from "../support/kubelet/kubelet-host.ts";
import { KUBELET_SERVICE, missingForNodeHosts } from "../support/kubelet/node-host.ts";
import { createNetworkHosts } from "../support/network-hosts.ts";
import { MAIN, runSlipway, succeed } from "../support/plane.ts";

/** A kubelet refuses cgroup v1 unless it is told not to, and kubeadm's default driver is systemd's. */
const CONFIG = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.37.2
networking: { podSubnet: 10.244.0.0/16 }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
`;

const POD = `apiVersion: v1
kind: Pod
metadata: { name: hello }
spec:
  containers:
  - name: main
    image: ${BUSYBOX_IMAGE}
    imagePullPolicy: Never
    command: [sh, -c, "echo hello from a pod; exec sleep 3600"]
`;

// Machines of their own take root and cgroup v1. One control plane serves all: each test goes on where the last ended.
// Two minutes in all: a kubelet waits for its next look at the pods, and the API server for its clients.
describe.skipIf(missingForNodeHosts())("a real kubelet with containerd", () => {
  let dir: string;
  let network: Awaited<ReturnType<typeof createNetworkHosts>> | undefined;
  let images: Awaited<ReturnType<typeof packImages>> | undefined;
  const hosts: KubeletHost[] = [];
  let first: KubeletHost;
  let second: KubeletHost;

  const slipway = async (...args: readonly string[]): Promise<string> =>
    succeed(await runSlipway(args, { host: first }));
  const kubectl = (...args: readonly string[]): Promise<string> =>
    first.run(
      "env",
      "KUBECONFIG=/etc/kubernetes/admin.conf",
      "KUBECACHEDIR=/run/kubectl",
      "kubectl",
      ...args,
    );

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "slipway-test-"));
    await writeFile(join(dir, "config.yaml"), CONFIG);
    await writeFile(join(dir, "pod.yaml"), POD);
    network = await createNetworkHosts();
    images = await packImages();
    const create = async (options: Parameters<typeof createKubeletHost>[0]) => {
      const host = await createKubeletHost(options);
      hosts.push(host);
      return host;
    };
    first = await create({
      network: network.first,
      name: "node-a",
      images: [...images.node, ...images.controlPlane],
    });
    second = await create({ network: network.second, name: "node-b", images: images.node });
    await slipway("init", "--config", join(dir, "config.yaml"));
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    for (const host of hosts.reverse()) await host.destroy();
    await network?.destroy();
    await images?.remove();
    await rm(dir, { recursive: true });
  });

  test("joins from another machine by kubeadm with the printed command", async () => {
    const command = await slipway("token", "create", "--print-join-command");
    const words = command.replaceAll("\\\n", " ").trim().split(/\s+/);
    await second.startKubelet();
    // kubeadm refuses cgroup v1 whatever the kubelet's configuration says.
    const stdout = await second.run(...words, "--ignore-preflight-errors=SystemVerification");
    expect(stdout).toContain("This node has joined the cluster");
    await kubectl("wait", "--for=create", "--timeout=60s", "node/node-b");
    await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "node/node-b");
    const requests = await kubectl("get", "csr", "-o", "jsonpath={.items[*].status.conditions[*].type}");
    expect(requests.split(" ")).toEqual(["Approved"]);
  });

  test("runs the pod that the scheduler gives it, and kubectl reaches into it", async () => {
    await kubectl("apply", "-f", join(dir, "pod.yaml"));
    await kubectl("wait", "--for=condition=Ready", "--timeout=60s", "pod/hello");
    expect(await kubectl("get", "pod", "hello", "-o", "jsonpath={.spec.nodeName}")).toBe("node-b");
    expect(await kubectl("logs", "hello")).toBe("hello from a pod");
    expect(await kubectl("exec", "hello", "--", "echo", "inside")).toBe("inside");
  });

  test("takes over what the runner runs, and everything in the API stays", async () => {
    const before = await listObjects();
    const plan = await slipway("handoff", "kubelet", "--dry-run", "--", KUBELET_SERVICE, "start");
    expect(plan.split("\n")[0]).toBe("stop the pods in order, etcd last, then the runner");
    const stdout = await slipway("handoff", "kubelet", "--yes", "--", KUBELET_SERVICE, "start");
    expect(stdout).toMatch(/The API server was away for \d+\.\d s/);
    await expectOnlyRunner(/^containerd:/);
    expect(await listObjects()).toEqual(expect.arrayContaining([...before]));
    const again = await slipway("handoff", "kubelet", "--yes");
    expect(again).toBe("The kubelet runs the control plane already.\n");
    const start = await runSlipway(["runner", "start"], { host: first });
    expect([start.exitCode, start.stderr]).toEqual([1, expect.stringContaining("SLIPWAY_KUBELET_RUNS")]);
    expect(await slipway("logs", "kube-apiserver", "--tail", "50")).toMatch(/^[IWEF]\d{4} /m);
  });

  test("gives it back to the runner, and everything in the API stays", async () => {
    const before = await listObjects();
    // Killed while manifests are being taken away, it goes on when it is begun again.
    const words = ["handoff", "runner", "--yes", "--", KUBELET_SERVICE, "stop"];
    const killed = first.run("timeout", "-s", "KILL", "2", process.execPath, MAIN, ...words);
    await expect(killed).rejects.toMatchObject({ signal: "SIGKILL" });
    const stdout = await slipway(...words);
    expect(stdout).toMatch(/The API server was away for \d+\.\d s/);
    await expectOnlyRunner(/^slipway:/);
    expect(await listObjects()).toEqual(expect.arrayContaining([...before]));
    expect(await slipway("status")).toContain("node-a: healthy");
  });

  test("beside the runner on one directory is told by status, doctor and init", async () => {
    // Held before it has begun: else the two would start every pod twice.
    const start = `"$1" start; until pid=$(pidof kubelet); do :; done; kill -STOP $pid; echo $pid`;
    const pid = await first.run("sh", "-c", start, "sh", KUBELET_SERVICE);
    try {
      const outcomes = await Promise.all(
        [["status"], ["doctor"], ["init", "--yes"]].map((words) => runSlipway(words, { host: first })),
      );
      const told = `kubelet (pid ${pid}) already runs the static pods in /etc/kubernetes/manifests`;
      for (const { stdout, stderr } of outcomes) expect(stdout + stderr).toContain(told);
      expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([1, 1, 4]);
    } finally {
      await first.run("sh", "-c", 'kill -KILL "$2"; "$1" stop', "sh", KUBELET_SERVICE, pid);
    }
    expect(await slipway("status")).toContain("node-a: healthy");
  });

  test("is not needed for init's files, and brings the same control plane up from them", async () => {
    await slipway("reset", "--force");
    await slipway("init", "--config", join(dir, "config.yaml"), "--runtime", "external");
    await first.run(KUBELET_SERVICE, "start");
    for (const phase of ["wait-control-plane", "upload-config all", "mark-control-plane", "bootstrap-token"])
      await slipway("init", "phase", ...phase.split(" "), "--config", join(dir, "config.yaml"));
    await expectOnlyRunner(/^containerd:/);
    expect(await slipway("status")).toContain("node-a: healthy");
  });

  test("is told to stop its pods by reset, before their data goes", async () => {
    await slipway("reset", "--force");
    expect(await listPrograms()).not.toContain("etcd");
    const left = "ls -d /etc/kubernetes /var/lib/etcd /var/lib/kubelet/pki 2>/dev/null || :";
    expect(await first.run("sh", "-c", left)).toBe("");
  });

  /** Every mirror of node-a is ready, and the node's runtime is the one that is expected. */
  async function expectOnlyRunner(runtime: RegExp): Promise<void> {
    const name = "jsonpath={.status.nodeInfo.containerRuntimeVersion}";
    await expect.poll(() => kubectl("get", "node", "node-a", "-o", name)).toMatch(runtime);
    const components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    const pods = components.map((component) => `pod/${component}-node-a`);
    // One at a time: of several, kubectl waits for none when one of them is not there yet.
    for (const pod of pods) await kubectl("wait", "-n", "kube-system", "--for=create", "--timeout=60s", pod);
    await kubectl("wait", "-n", "kube-system", "--for=condition=Ready", "--timeout=90s", ...pods);
    const taints = await kubectl("get", "node", "node-a", "-o", "jsonpath={.spec.taints[*].key}");
    expect(taints.includes("slipway.dev/host-runtime")).toBe(!runtime.test("containerd:"));
    const programs = await listPrograms();
    for (const component of components)
      expect(programs.filter((program) => program === component)).toHaveLength(1);
  }

  /** What runs on node-a. */
  async function listPrograms(): Promise<readonly string[]> {
    const commands = await first.run("ps", "-e", "-o", "args=");
    return commands.split("\n").map((words) => words.replace(/ .*/, "").replace(/.*\//, ""));
  }

  /** Kind, name and UID of what users and the cluster have made; not what comes and goes by itself. */
  async function listObjects(): Promise<readonly string[]> {
    const kinds =
      "ns,sa,cm,secret,role,rolebinding,clusterrole,clusterrolebinding,service,priorityclass,node,csr,pod";
    const text = await kubectl("get", kinds, "-A", "-o", "json");
    const { items } = JSON.parse(text) as {
      items: {
        kind: string;
        metadata: { name: string; namespace?: string; uid: string; annotations?: object };
      }[];
    };
    return items
      .filter(({ metadata }) => !("kubernetes.io/config.mirror" in (metadata.annotations ?? {})))
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name} ${metadata.uid}`)
      .sort();
  }
});
